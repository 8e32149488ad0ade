// Reading metadata, and the syntax of names and labels.
#include "resources/meta.h"

#include <gtest/gtest.h>

#include <set>

namespace mizan::resources {
namespace {

Json pod() {
  return Json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{
    "name":"p","namespace":"ns","uid":"u","resourceVersion":"7","generation":3,
    "labels":{"a":"1","bad":2},"annotations":{"n":"x"},"creationTimestamp":"2026-11-23T20:19:10Z",
    "deletionTimestamp":"2026-11-23T20:20:10Z","finalizers":["f",3],
    "ownerReferences":[{"apiVersion":"v1","kind":"Job","name":"j","uid":"ju","controller":true},
                       {"apiVersion":"v1","kind":"X","name":"x","uid":"xu"}, 5]}})");
}

TEST(Meta, ReadsWhatEveryObjectHas) {
  const Json object = pod();
  EXPECT_EQ(name_of(object), "p");
  EXPECT_EQ(namespace_of(object), "ns");
  EXPECT_EQ(uid_of(object), "u");
  EXPECT_EQ(resource_version_of(object), "7");
  EXPECT_EQ(generation_of(object), 3);
  EXPECT_EQ(labels_of(object), (std::map<std::string, std::string>{{"a", "1"}}))
      << "a number is no label";
  EXPECT_EQ(annotations_of(object), (std::map<std::string, std::string>{{"n", "x"}}));
  EXPECT_EQ(creation_time_of(object), parse_rfc3339("2026-11-23T20:19:10Z"));
  EXPECT_TRUE(is_being_deleted(object));
  EXPECT_EQ(finalizers_of(object), std::vector<std::string>{"f"});
  ASSERT_EQ(owners_of(object).size(), 2U);
  EXPECT_EQ(owners_of(object)[1], (OwnerReference{"v1", "X", "x", "xu", false, false}));
  EXPECT_EQ(controller_of(object), (OwnerReference{"v1", "Job", "j", "ju", true, false}));
}

TEST(Meta, ReadsStrangeObjectsAsEmpty) {
  for (const char* text :
       {"null", "[]", "3", "{}", R"({"metadata":null})", R"({"metadata":[1]})",
        R"({"metadata":{"name":1,"labels":[],"ownerReferences":{},"generation":"x"}})"}) {
    const Json object = Json::parse(text);
    EXPECT_EQ(name_of(object), "") << text;
    EXPECT_EQ(generation_of(object), 0) << text;
    EXPECT_TRUE(labels_of(object).empty()) << text;
    EXPECT_FALSE(creation_time_of(object)) << text;
    EXPECT_FALSE(is_being_deleted(object)) << text;
    EXPECT_FALSE(controller_of(object)) << text;
  }
}

TEST(Meta, MakesTheReferenceOfAControllerWhoseOwnersCanReadIt) {
  const Json reference = controller_reference_to(pod());
  Json child = {{"metadata", {{"ownerReferences", {reference}}}}};
  EXPECT_EQ(controller_of(child), (OwnerReference{"v1", "Pod", "p", "u", true, true}));
}

TEST(Meta, SplitsApiVersions) {
  EXPECT_EQ(parse_api_version("v1"), (GroupVersion{"", "v1"}));
  EXPECT_EQ(parse_api_version("batch/v1"), (GroupVersion{"batch", "v1"}));
  EXPECT_EQ(parse_api_version(""), (GroupVersion{"", ""}));
}

TEST(Meta, MakesUidsAndSuffixesThatDiffer) {
  std::set<std::string> uids;
  for (int i = 0; i < 1000; ++i) {
    const std::string uid = new_uid();
    ASSERT_EQ(uid.size(), 36U);
    EXPECT_EQ(uid[14], '4') << "version 4";
    EXPECT_TRUE(uids.insert(uid).second);
    const std::string suffix = random_suffix();
    ASSERT_EQ(suffix.size(), 5U);
    EXPECT_EQ(suffix.find_first_not_of("bcdfghjklmnpqrstvwxz2456789"), std::string::npos) << suffix;
  }
}

TEST(Names, TakeWhatKubernetesTakes) {
  for (const char* name : {"a", "a-b", "0", "a1", "my-name"})
    EXPECT_EQ(check_dns_label(name), "") << name;
  for (const char* name : {"", "-a", "a-", "A", "a.b", "a_b", "ä"})
    EXPECT_NE(check_dns_label(name), "") << name;
  EXPECT_EQ(check_dns_label(std::string(63, 'a')), "");
  EXPECT_EQ(check_dns_label(std::string(64, 'a')), "must be no more than 63 bytes");

  for (const char* name : {"a", "a.b", "example.com", "1.2.3"})
    EXPECT_EQ(check_dns_subdomain(name), "") << name;
  for (const char* name : {"", ".", "a..b", ".a", "a.", "Bad_Name"})
    EXPECT_NE(check_dns_subdomain(name), "") << name;
  EXPECT_EQ(check_dns_subdomain(std::string(254, 'a')), "must be no more than 253 bytes");
}

TEST(Labels, TakeWhatKubernetesTakes) {
  for (const char* key : {"a", "A_b.c-d", "example.com/name", "katib.kubeflow.org/experiment"}) {
    EXPECT_EQ(check_label_key(key), "") << key;
  }
  EXPECT_EQ(check_label_key("/a"), "prefix part must be non-empty");
  EXPECT_EQ(check_label_key("a/"), "name part must be non-empty");
  EXPECT_EQ(check_label_key(std::string(64, 'a')), "name part must be no more than 63 bytes");
  for (const char* key : {"a b", "a/b/c", "Upper.Case_/x", "-a", "a-"})
    EXPECT_NE(check_label_key(key), "") << key;

  for (const char* value : {"", "a", "A.b_c-1"}) EXPECT_EQ(check_label_value(value), "") << value;
  for (const char* value : {"a b", "-a", "a-", "a/b"})
    EXPECT_NE(check_label_value(value), "") << value;
}

TEST(Labels, AreRefusedInKubernetesWords) {
  EXPECT_EQ(check_label_key("a b"),
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
            "and end with an "
            "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
            "validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
}

}  // namespace
}  // namespace mizan::resources
