// Reviews.
#include "api/review_api.h"

#include <fmt/format.h>

#include "api/authorize.h"

namespace mizan::api {
namespace {

Json rule(Json verbs, Json groups, Json resources) {
  return {{"verbs", std::move(verbs)},
          {"apiGroups", std::move(groups)},
          {"resources", std::move(resources)}};
}

/// The same rules as may(), as lists; `incomplete` where a list can't say all.
Json rules_of(const User& user, const std::string& ns) {
  const Json reading{"get", "list", "watch"};
  Json rules = Json::array();
  Json paths = Json::array();
  if (user.role != Role::kNone) {
    rules.push_back(rule({"create"}, {"authorization.k8s.io"},
                         {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}));
    rules.push_back(rule({"create"}, {"authentication.k8s.io"}, {"selfsubjectreviews"}));
    paths.push_back(
        {{"verbs", {"get"}},
         {"nonResourceURLs", {"/api", "/api/*", "/apis", "/apis/*", "/openapi/*", "/version"}}});
  }
  const bool here = user.ns.empty() || user.ns == ns;
  if (here && (user.role == Role::kAdmin || user.role == Role::kEditor))
    rules.push_back(rule({"*"}, {"*"}, {"*"}));
  if (here && user.role == Role::kViewer) rules.push_back(rule(reading, {"*"}, {"*"}));
  return {{"resourceRules", std::move(rules)},
          {"nonResourceRules", std::move(paths)},
          {"incomplete", here && user.role == Role::kViewer}};
}

Json groups_of(const User& user) {
  if (user.role == Role::kNone) return {"system:unauthenticated"};
  Json groups{fmt::format("mizan:{}s", to_string(user.role)), "system:authenticated"};
  if (user.role == Role::kAdmin && user.ns.empty()) groups.insert(groups.begin(), "system:masters");
  return groups;
}

User user_of(const Json& spec, const User& caller) {
  // A SubjectAccessReview asks about somebody else; of others no more is known than their names, so
  // only the caller's own can be answered with yes.
  const std::string name = string_at(spec, "user");
  return name.empty() || name == caller.name ? caller : User{.name = name};
}

Result<Json> access_review(Json review, const User& caller) {
  const Json* resource = find(review, "spec.resourceAttributes");
  const Json* path = find(review, "spec.nonResourceAttributes");
  if ((resource == nullptr) == (path == nullptr)) {
    const char* why =
        "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    return fail(
        Code::kInvalid,
        fmt::format("{} \"\" is invalid: spec: Invalid value: {}", string_at(review, "kind"), why),
        {{FieldReason::kInvalid, "spec.resourceAttributes", why}});
  }
  const User user = user_of(review["spec"], caller);
  bool allowed = false;
  if (path != nullptr) {
    allowed = may_path(user, string_at(*path, "verb"));
  } else {
    allowed = may(user, {string_at(*resource, "verb"), string_at(*resource, "group"),
                         string_at(*resource, "resource"), string_at(*resource, "subresource"),
                         string_at(*resource, "name"), string_at(*resource, "namespace")});
  }
  review["status"] = {{"allowed", allowed}};
  return review;
}

}  // namespace

bool is_review(const resources::ResourceDefinition& definition) {
  return definition.builtin && (definition.group == "authorization.k8s.io" ||
                                definition.group == "authentication.k8s.io");
}

Result<Json> answer_review(const resources::ResourceDefinition& definition, Json review,
                           const User& user) {
  review["apiVersion"] = definition.api_version();
  review["kind"] = definition.kind;
  if (!review.contains("metadata")) review["metadata"] = Json::object();
  if (definition.kind == "SelfSubjectReview") {
    review["status"]["userInfo"] = {{"username", user.name}, {"groups", groups_of(user)}};
    return review;
  }
  if (definition.kind == "SelfSubjectRulesReview") {
    std::string ns = string_at(review, "spec.namespace");
    review["status"] = rules_of(user, ns);
    return review;
  }
  return access_review(std::move(review), user);
}

}  // namespace mizan::api
