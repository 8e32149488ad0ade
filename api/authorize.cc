// Three roles, one table of exceptions.
#include "api/authorize.h"

#include <fmt/format.h>

#include <algorithm>

namespace mizan::api {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

/// Everybody may ask who they are and what they may.
bool asks_about_oneself(const Attributes& wanted) {
  return wanted.verb == "create" &&
         is_one_of(wanted.resource,
                   {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}) &&
         is_one_of(wanted.group, {"authorization.k8s.io", "authentication.k8s.io"});
}

bool reads(const Attributes& wanted) {
  // A GET of these opens a session in a container.
  if (is_one_of(wanted.subresource, {"exec", "attach", "portforward", "proxy"})) return false;
  return is_one_of(wanted.verb, {"get", "list", "watch"});
}

bool views(const Attributes& wanted) {
  return reads(wanted) && !(wanted.group.empty() && wanted.resource == "secrets");
}

/// The namespace that a namespace object is: reading it is reading in it.
std::string_view scope_of(const Attributes& wanted) {
  const bool is_namespace = wanted.group.empty() && wanted.resource == "namespaces";
  return is_namespace && wanted.verb == "get" ? std::string_view(wanted.name)
                                              : std::string_view(wanted.ns);
}

}  // namespace

bool may(const User& user, const Attributes& wanted) {
  if (user.role == Role::kNone) return false;
  if (asks_about_oneself(wanted)) return true;
  if (!user.ns.empty() && scope_of(wanted) != user.ns) return false;
  switch (user.role) {
    case Role::kAdmin:
      // Of one namespace: all in it, but not the namespace object itself.
      return user.ns.empty() || !wanted.ns.empty() || reads(wanted);
    case Role::kEditor: {
      const bool is_namespace = wanted.group.empty() && wanted.resource == "namespaces";
      return views(wanted) || (!wanted.ns.empty() && !is_namespace);
    }
    case Role::kViewer:
      return views(wanted);
    case Role::kNone:
      return false;
  }
  return false;
}

bool may_path(const User& user, std::string_view verb) {
  return user.role == Role::kAdmin || (user.role != Role::kNone && verb == "get");
}

Result<> authorize(const User& user, const ResourceRequest& request) {
  const Attributes wanted{std::string(to_string(request.verb)),
                          request.group,
                          request.resource,
                          request.subresource,
                          request.name,
                          request.ns};
  if (may(user, wanted)) return {};
  const std::string qualified =
      request.resource + (request.group.empty() ? "" : "." + request.group);
  const std::string name = request.name.empty() ? "" : fmt::format(" \"{}\"", request.name);
  const std::string resource =
      request.resource + (request.subresource.empty() ? "" : "/" + request.subresource);
  const std::string scope = request.ns.empty() ? "at the cluster scope"
                                               : fmt::format("in the namespace \"{}\"", request.ns);
  return fail(
      Code::kForbidden,
      fmt::format("{}{} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}",
                  qualified, name, user.name, to_string(request.verb), resource, request.group,
                  scope));
}

Result<> authorize_path(const User& user, std::string_view path) {
  if (may_path(user, "get")) return {};
  return fail(Code::kForbidden,
              fmt::format("forbidden: User \"{}\" cannot get path \"{}\"", user.name, path));
}

}  // namespace mizan::api
