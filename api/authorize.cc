// Two roles, one table of exceptions.
#include "api/authorize.h"

#include <fmt/format.h>

namespace mizan::api {
namespace {

bool reads(const ResourceRequest& request) {
  // A GET of these opens a session in a container.
  if (request.subresource == "exec" || request.subresource == "attach" ||
      request.subresource == "portforward" || request.subresource == "proxy") {
    return false;
  }
  return request.verb == Verb::kGet || request.verb == Verb::kList || request.verb == Verb::kWatch;
}

bool may(const User& user, const ResourceRequest& request) {
  switch (user.role) {
    case Role::kAdmin:
      return true;
    case Role::kViewer:
      return reads(request) && !(request.group.empty() && request.resource == "secrets");
    case Role::kNone:
      return false;
  }
  return false;
}

}  // namespace

Result<> authorize(const User& user, const ResourceRequest& request) {
  if (may(user, request)) return {};
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
  if (user.role != Role::kNone) return {};
  return fail(Code::kForbidden,
              fmt::format("forbidden: User \"{}\" cannot get path \"{}\"", user.name, path));
}

}  // namespace mizan::api
