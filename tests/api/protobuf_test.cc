// Protobuf in both directions: what kubectl sends for the kinds that it builds itself, and the
// OpenAPI document that old ones ask for.
#include <gtest/gtest.h>

#include "api/openapi_document.h"
#include "api/openapi_protobuf.h"
#include "api/protobuf_body.h"
#include "api/protobuf_wire.h"
#include "resources/definition.h"

namespace mizan::api {
namespace {

std::string enveloped(std::string_view api_version, std::string_view kind, const WireWriter& raw) {
  WireWriter type, envelope;
  type.text(1, api_version);
  type.text(2, kind);
  envelope.message(1, type);
  envelope.message(2, raw);
  envelope.text(3, "");
  return std::string("k8s\0", 4) + envelope.bytes();
}

/// ObjectMeta as Go writes it: what is not set is sent too.
WireWriter metadata(std::string_view name) {
  WireWriter out;
  out.text(1, name);
  for (std::uint32_t field = 2; field <= 6; ++field) out.text(field, "");
  out.number(7, 0);
  out.text(8, "");
  return out;
}

TEST(ProtobufBodyTest, ReadsANamespaceAndLeavesOutWhatIsNotSet) {
  WireWriter space, nothing, status;
  status.text(1, "");
  space.message(1, metadata("team"));
  space.message(2, nothing);
  space.message(3, status);

  const auto object = read_protobuf_object(enveloped("v1", "Namespace", space));

  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object,
            (Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "team"}}}}));
}

TEST(ProtobufBodyTest, ReadsAJobWithItsPodTemplate) {
  WireWriter container, pod_spec, pod, spec, job;
  container.text(1, "main");
  container.text(2, "debian:12");
  container.text(3, "echo");
  container.text(3, "hi");
  container.number(16, 0);
  pod_spec.message(2, container);
  pod_spec.text(3, "Never");
  pod.message(2, pod_spec);
  spec.number(7, 0);  // a backoffLimit of 0 is one
  spec.message(6, pod);
  job.message(1, metadata("j"));
  job.message(2, spec);

  const auto object = read_protobuf_object(enveloped("batch/v1", "Job", job));

  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ((*object)["spec"],
            Json::parse(R"({"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never",
              "containers": [{"name": "main", "image": "debian:12", "command": ["echo", "hi"]}]}}})"));
}

TEST(ProtobufBodyTest, ReadsBytesAsBase64AndMapsAsMaps) {
  WireWriter entry, text, secret;
  entry.text(1, "key");
  entry.text(2, std::string_view("\0\xff", 2));
  text.text(1, "note");
  text.text(2, "plain");
  secret.message(1, metadata("s"));
  secret.message(2, entry);
  secret.message(4, text);

  const auto object = read_protobuf_object(enveloped("v1", "Secret", secret));

  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ((*object)["data"], (Json{{"key", "AP8="}}));
  EXPECT_EQ((*object)["stringData"], (Json{{"note", "plain"}}));
}

TEST(ProtobufBodyTest, SaysWhichFieldItDoesNotRead) {
  WireWriter probe, container, pod_spec, pod;
  probe.text(1, "x");
  container.text(1, "main");
  container.message(10, probe);  // livenessProbe
  pod_spec.message(2, container);
  pod.message(2, pod_spec);

  const auto object = read_protobuf_object(enveloped("v1", "Pod", pod));

  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().code, Code::kUnsupportedMediaType);
  EXPECT_NE(object.error().message.find("field 10 of core.v1.Container"), std::string::npos);
}

TEST(ProtobufBodyTest, RefusesWhatIsNoSuchBody) {
  WireWriter nothing;
  const std::string whole = enveloped("v1", "Namespace", nothing);
  EXPECT_EQ(read_protobuf_object("{}").error().code, Code::kBadRequest);
  EXPECT_EQ(read_protobuf_object(whole.substr(0, whole.size() - 1)).error().code,
            Code::kBadRequest);
  EXPECT_EQ(read_protobuf_object(enveloped("v1", "Node", nothing)).error().code,
            Code::kUnsupportedMediaType);
}

/// The first field of that number, which must be there.
std::string_view field_of(std::string_view message, std::uint32_t number) {
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number) return field->bytes;
  }
  ADD_FAILURE() << "no field " << number;
  return {};
}

/// The value of the entry of that name in repeated {name = 1, value = 2}.
std::string_view named_in(std::string_view message, std::uint32_t number, std::string_view name) {
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number && field_of(field->bytes, 1) == name)
      return field_of(field->bytes, 2);
  }
  ADD_FAILURE() << "nothing is named " << name;
  return {};
}

TEST(ProtobufBodyTest, RefusesATimeThatCanNotBe) {
  for (const std::uint64_t seconds : {std::uint64_t{9223372037}, ~std::uint64_t{9223372037}}) {
    WireWriter time, meta, space;
    time.number(1, seconds);
    meta.text(1, "team");
    meta.message(8, time);
    space.message(1, meta);

    const auto object = read_protobuf_object(enveloped("v1", "Namespace", space));

    ASSERT_FALSE(object) << object->dump();
    EXPECT_EQ(object.error().code, Code::kBadRequest);
    EXPECT_NE(object.error().message.find("1678 and 2262"), std::string::npos)
        << object.error().message;
  }
}

TEST(OpenApiProtobufTest, HoldsEachKindsSchemaWithItsDescriptionsAndGroupVersionKind) {
  const auto table = *resources::ResourceTable::builtin();
  const std::string bytes = openapi_v2_protobuf(openapi_v2(table.all(), "1"));

  EXPECT_EQ(field_of(bytes, 1), "2.0");
  const auto definitions = field_of(bytes, 9);
  const auto experiment = named_in(definitions, 1, "org.kubeflow.v1beta1.Experiment");
  const auto spec = named_in(field_of(experiment, 25), 1, "spec");
  EXPECT_NE(field_of(spec, 4), "");
  EXPECT_EQ(field_of(field_of(spec, 22), 1), "object");
  const auto kinds = named_in(experiment, 31, "x-kubernetes-group-version-kind");
  EXPECT_EQ(Json::parse(field_of(kinds, 2))[0]["kind"], "Experiment");
}

TEST(OpenApiProtobufTest, LeavesOpenWhatMayBeNullOrUnknown) {
  const auto table = *resources::ResourceTable::builtin();
  const Json document = openapi_v2(table.all(), "1");
  const Json& experiment = document["definitions"]["org.kubeflow.v1beta1.Experiment"];
  const Json& spec =
      experiment["properties"]["spec"]["properties"]["trialTemplate"]["properties"]["trialSpec"];
  EXPECT_FALSE(spec.contains("type")) << spec.dump();
  EXPECT_FALSE(spec.contains("properties"));
}

}  // namespace
}  // namespace mizan::api
