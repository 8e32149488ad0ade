// Accept headers, as clients send them.
#include "api/negotiate.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

constexpr const char* kKubectlTable =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/"
    "json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
constexpr const char* kKubectlDiscovery =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

TEST(NegotiateTest, GivesEachClientTheFirstFormThatIsServed) {
  struct Row {
    const char* accept;
    bool discovery;
    Form form;
    bool yaml;
    const char* version;
  };
  const Row rows[] = {
      {"", false, Form::kObject, false, ""},
      {"application/json", false, Form::kObject, false, ""},
      {"application/json, */*", false, Form::kObject, false, ""},
      {"*/*", false, Form::kObject, false, ""},
      {"application/vnd.kubernetes.protobuf,application/json", false, Form::kObject, false, ""},
      {"application/vnd.kubernetes.protobuf, */*", false, Form::kObject, false, ""},
      {kKubectlTable, false, Form::kTable, false, "v1"},
      {"application/json;as=Table;v=v9;g=meta.k8s.io,application/json", false, Form::kObject, false,
       ""},
      {"application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json", false,
       Form::kPartial, false, "v1"},
      {"application/json;stream=watch;charset=utf-8", false, Form::kObject, false, ""},
      {"APPLICATION/YAML", false, Form::kObject, true, ""},
      {kKubectlDiscovery, true, Form::kDiscovery, false, "v2"},
      {"application/json;as=APIGroupDiscoveryList;v=v2beta1;g=apidiscovery.k8s.io", true,
       Form::kDiscovery, false, "v2beta1"},
      {kKubectlDiscovery, false, Form::kObject, false, ""},
  };
  for (const Row& row : rows) {
    const auto got = negotiate(row.accept, row.discovery);
    ASSERT_TRUE(got) << row.accept;
    EXPECT_EQ(got->form, row.form) << row.accept;
    EXPECT_EQ(got->yaml, row.yaml) << row.accept;
    EXPECT_EQ(got->version, row.version) << row.accept;
  }
}

TEST(NegotiateTest, RefusesWhatItCannotSay) {
  for (const char* accept : {"text/html", "application/vnd.kubernetes.protobuf",
                             "application/json;as=Nothing;v=v1;g=meta.k8s.io", ",;,"}) {
    EXPECT_FALSE(negotiate(accept, false)) << accept;
  }
}

TEST(NegotiateTest, ReadsMediaTypesWithoutTheirParameters) {
  EXPECT_EQ(media_type("Application/JSON; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type(""), "");
}

}  // namespace
}  // namespace mizan::api
