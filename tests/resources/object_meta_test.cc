// metadata from outside: types in Go's words, unknown fields, names and labels in Kubernetes'
// words.
#include "resources/object_meta.h"

#include <gtest/gtest.h>

#include "resources/field_error.h"

namespace mizan::resources {
namespace {

Json with_metadata(const char* metadata) {
  return {{"apiVersion", "kubeflow.org/v1beta1"},
          {"kind", "Experiment"},
          {"metadata", Json::parse(metadata)}};
}

TEST(MetadataTypes, AreRefusedInTheWordsOfGosDecoder) {
  const struct {
    const char* metadata;
    const char* message;
  } cases[] = {
      {R"({"name":true})",
       "json: cannot unmarshal bool into Go struct field ObjectMeta.name of type string"},
      {R"({"name":1})",
       "json: cannot unmarshal number into Go struct field ObjectMeta.name of type string"},
      {R"({"labels":{"a":1}})",
       "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"},
      {R"({"labels":[]})",
       "json: cannot unmarshal array into Go struct field ObjectMeta.labels of type "
       "map[string]string"},
      {R"({"generation":"1"})",
       "json: cannot unmarshal string into Go struct field ObjectMeta.generation of type int64"},
      {R"({"finalizers":"f"})",
       "json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string"},
      {R"({"finalizers":[1]})",
       "json: cannot unmarshal number into Go struct field ObjectMeta.finalizers of type string"},
      {R"({"ownerReferences":[{"uid":1}]})",
       "json: cannot unmarshal number into Go struct field OwnerReference.uid of type string"},
      {R"({"ownerReferences":[{"controller":"yes"}]})",
       "json: cannot unmarshal string into Go struct field OwnerReference.controller of type bool"},
  };
  for (const auto& [metadata, message] : cases) {
    EXPECT_EQ(check_metadata_types(with_metadata(metadata)), message) << metadata;
  }
  EXPECT_EQ(check_metadata_types({{"kind", 1}}),
            "json: cannot unmarshal number into Go struct field TypeMeta.kind of type string");
  EXPECT_TRUE(check_metadata_types(with_metadata(R"({"creationTimestamp":"yesterday"})")));
}

TEST(MetadataTypes, TakeNullForAbsent) {
  EXPECT_FALSE(check_metadata_types(
      with_metadata(R"({"creationTimestamp":null,"labels":null,"name":"a"})")));
  EXPECT_FALSE(check_metadata_types(Json::object()));
}

TEST(MetadataPruning, TakesOutWhatNoObjectHas) {
  Json metadata = Json::parse(
      R"({"name":"a","nmae":"b","labels":{"any":"x"},"ownerReferences":[{"uid":"u","x":1}]})");
  EXPECT_EQ(prune_metadata(metadata), (std::vector<std::string>{"nmae", "ownerReferences[0].x"}));
  EXPECT_EQ(metadata,
            Json::parse(R"({"name":"a","labels":{"any":"x"},"ownerReferences":[{"uid":"u"}]})"));
}

TEST(MetadataValidation, SaysWhatKubernetesSays) {
  const auto said = [](const char* metadata) {
    return join(validate_metadata(with_metadata(metadata), true));
  };
  EXPECT_EQ(said("{}"), "metadata.name: Required value: name or generateName is required");
  EXPECT_EQ(said(R"({"name":"a"})"), "");
  EXPECT_EQ(said(R"({"generateName":"run-"})"), "");
  EXPECT_TRUE(said(R"({"name":"Bad_Name"})")
                  .starts_with("metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 "
                               "subdomain must consist"));
  EXPECT_TRUE(
      said(R"({"name":"a","labels":{"a b":"c"}})")
          .starts_with("metadata.labels: Invalid value: \"a b\": name part must consist of"));
  EXPECT_TRUE(said(R"({"name":"a","labels":{"a":"b c"}})")
                  .starts_with("metadata.labels: Invalid value: \"b c\": a valid"));
  EXPECT_EQ(said(R"({"name":"a","annotations":{"UPPER/ok":"any thing"}})"), "");
  EXPECT_EQ(said(R"({"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"X","name":"x"}]})"),
            "metadata.ownerReferences[0].uid: Invalid value: \"\": must not be empty");
}

TEST(MetadataValidation, LimitsAnnotations) {
  Json object = with_metadata(R"({"name":"a"})");
  object["metadata"]["annotations"]["x"] = std::string(262143, 'y');
  EXPECT_TRUE(validate_metadata(object, true).empty());
  object["metadata"]["annotations"]["x"] = std::string(262144, 'y');
  EXPECT_EQ(join(validate_metadata(object, true)),
            "metadata.annotations: Too long: may not be more than 262144 bytes");
}

TEST(MetadataValidation, KnowsThatClusterObjectsHaveNoNamespace) {
  const Json object = with_metadata(R"({"name":"a","namespace":"b"})");
  EXPECT_EQ(join(validate_metadata(object, false)),
            "metadata.namespace: Forbidden: not allowed on this type");
  EXPECT_TRUE(validate_metadata(object, true).empty());
}

TEST(MetadataValidation, AllowsOneControllerOnly) {
  const char* two = R"({"name":"a","ownerReferences":[
    {"apiVersion":"v1","kind":"X","name":"x","uid":"1","controller":true},
    {"apiVersion":"v1","kind":"X","name":"y","uid":"2","controller":true}]})";
  EXPECT_NE(join(validate_metadata(with_metadata(two), true))
                .find("Only one reference can have Controller set to true"),
            std::string::npos);
}

TEST(MetadataSchema, DescribesEveryField) {
  for (const auto& [name, field] : metadata_schema()["properties"].items()) {
    EXPECT_FALSE(field["description"].get<std::string>().empty()) << name;
  }
  EXPECT_EQ(metadata_schema()["properties"]["labels"]["additionalProperties"]["type"], "string");
}

}  // namespace
}  // namespace mizan::resources
