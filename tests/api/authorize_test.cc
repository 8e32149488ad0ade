// Who may do what, and what reviews say about it.
#include "api/authorize.h"

#include <gtest/gtest.h>

#include "api/review_api.h"

namespace mizan::api {
namespace {

const User kAdmin{.name = "ada", .role = Role::kAdmin};
const User kEditor{.name = "eve", .role = Role::kEditor};
const User kViewer{.name = "vic", .role = Role::kViewer};
const User kTeamEditor{.name = "tom", .role = Role::kEditor, .by_cookie = false, .ns = "team"};
const User kTeamAdmin{.name = "tia", .role = Role::kAdmin, .by_cookie = false, .ns = "team"};
const User kNobody;

struct Case {
  const char* verb;
  const char* resource;
  const char* subresource;
  const char* ns;
  bool admin, editor, viewer, team_editor, team_admin;
};

TEST(AuthorizeTest, RolesEndWhereTheTableSays) {
  const Case cases[] = {
      {"create", "experiments", "", "team", true, true, false, true, true},
      {"create", "experiments", "", "other", true, true, false, false, false},
      {"list", "experiments", "", "team", true, true, true, true, true},
      {"list", "experiments", "", "", true, true, true, false, false},
      {"get", "pods", "log", "team", true, true, true, true, true},
      {"get", "pods", "exec", "team", true, true, false, true, true},
      {"get", "secrets", "", "team", true, true, false, true, true},
      {"create", "namespaces", "", "", true, false, false, false, false},
      {"list", "nodes", "", "", true, true, true, false, false},
      {"create", "customresourcedefinitions", "", "", true, false, false, false, false},
      {"*", "experiments", "", "team", true, true, false, true, true},
  };
  for (const Case& one : cases) {
    const Attributes wanted{one.verb, "", one.resource, one.subresource, "", one.ns};
    const std::string what = std::string(one.verb) + " " + one.resource + " in " + one.ns;
    EXPECT_EQ(may(kAdmin, wanted), one.admin) << what;
    EXPECT_EQ(may(kEditor, wanted), one.editor) << what;
    EXPECT_EQ(may(kViewer, wanted), one.viewer) << what;
    EXPECT_EQ(may(kTeamEditor, wanted), one.team_editor) << what;
    EXPECT_EQ(may(kTeamAdmin, wanted), one.team_admin) << what;
    EXPECT_FALSE(may(kNobody, wanted)) << what;
  }
}

TEST(AuthorizeTest, ARoleForANamespaceMayReadThatNamespace) {
  EXPECT_TRUE(may(kTeamEditor, {"get", "", "namespaces", "", "team", ""}));
  EXPECT_FALSE(may(kTeamEditor, {"get", "", "namespaces", "", "other", ""}));
  EXPECT_FALSE(may(kTeamAdmin, {"delete", "", "namespaces", "", "team", ""}));
}

resources::ResourceDefinition review(const std::string& kind) {
  resources::ResourceDefinition definition;
  definition.group = kind == "SelfSubjectReview" ? "authentication.k8s.io" : "authorization.k8s.io";
  definition.version = "v1";
  definition.kind = kind;
  definition.builtin = true;
  return definition;
}

bool allowed(const User& user, const char* verb, const char* ns) {
  const Json wanted{
      {"verb", verb}, {"group", "kubeflow.org"}, {"resource", "experiments"}, {"namespace", ns}};
  const auto answer = answer_review(review("SelfSubjectAccessReview"),
                                    {{"spec", {{"resourceAttributes", wanted}}}}, user);
  return answer && (*answer)["status"]["allowed"] == true;
}

TEST(ReviewTest, SaysWhatTheServerWouldDo) {
  EXPECT_TRUE(allowed(kTeamEditor, "create", "team"));
  EXPECT_FALSE(allowed(kTeamEditor, "create", "other"));
  EXPECT_TRUE(allowed(kViewer, "get", "team"));
  EXPECT_FALSE(allowed(kViewer, "create", "team"));
}

TEST(ReviewTest, WantsExactlyOneThingToBeAsked) {
  const auto answer =
      answer_review(review("SelfSubjectAccessReview"), {{"spec", Json::object()}}, kAdmin);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kInvalid);
}

TEST(ReviewTest, SaysWhoTheCallerIs) {
  const auto answer = answer_review(review("SelfSubjectReview"), Json::object(), kEditor);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)["status"]["userInfo"]["username"], "eve");
  EXPECT_EQ((*answer)["status"]["userInfo"]["groups"],
            (Json{"mizan:editors", "system:authenticated"}));
}

}  // namespace
}  // namespace mizan::api
