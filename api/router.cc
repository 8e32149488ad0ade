// The grammar of paths.
#include "api/router.h"

namespace mizan::api {
namespace {

constexpr std::string_view kNotAllowed =
    "the server does not allow this method on the requested resource";

Result<Verb> verb_of(Method method, const ResourceRequest& request, bool watch) {
  const bool named = !request.name.empty();
  switch (method) {
    case Method::kGet:
    case Method::kHead:
      if (named) return Verb::kGet;
      return watch ? Verb::kWatch : Verb::kList;
    case Method::kPost:
      // pods/x/exec, serviceaccounts/x/token: a subresource may be created; a named object may not.
      if (named && request.subresource.empty()) break;
      return Verb::kCreate;
    case Method::kPut:
      if (!named) return fail(Code::kBadRequest, "name must be provided");
      return Verb::kUpdate;
    case Method::kPatch:
      if (!named) return fail(Code::kBadRequest, "name must be provided");
      return Verb::kPatch;
    case Method::kDelete:
      return named ? Verb::kDelete : Verb::kDeleteCollection;
    case Method::kOptions:
    case Method::kOther:
      break;
  }
  return fail(Code::kMethodNotAllowed, std::string(kNotAllowed));
}

/// `at` is the first segment after the version.
Result<Route> route_resource(Method method, const Target& target, ResourceRequest request,
                             std::size_t at) {
  const auto& segments = target.segments;
  const auto left = [&] { return segments.size() - at; };
  // "namespaces" is both a scope and a resource: namespaces/NS/status is the object's,
  // namespaces/NS/pods a scope.
  if (segments[at] == "namespaces" && left() >= 3 && segments[at + 2] != "status" &&
      segments[at + 2] != "finalize") {
    request.ns = segments[at + 1];
    at += 2;
  }
  request.resource = segments[at++];
  if (left() > 0) request.name = segments[at++];
  if (left() > 0) request.subresource = segments[at++];
  while (left() > 0) request.rest.push_back(segments[at++]);
  auto verb = verb_of(method, request, target.query.flag("watch"));
  if (!verb) return fail(verb.error());
  request.verb = *verb;
  return Route{std::move(request)};
}

Result<Route> route_kubernetes(Method method, const Target& target) {
  const auto& segments = target.segments;
  const bool core = segments[0] == "api";
  const std::size_t depth = core ? 2 : 3;  // segments up to the version
  if (segments.size() > depth) {
    ResourceRequest request;
    request.group = core ? "" : segments[1];
    request.version = segments[depth - 1];
    return route_resource(method, target, std::move(request), depth);
  }
  if (!is_safe(method)) return fail(Code::kMethodNotAllowed, std::string(kNotAllowed));
  DiscoveryRequest request;
  if (segments.size() == depth) {
    request.level = DiscoveryLevel::kVersion;
    request.group = core ? "" : segments[1];
    request.version = segments[depth - 1];
  } else if (segments.size() == 2) {
    request.level = DiscoveryLevel::kGroup;
    request.group = segments[1];
  } else {
    request.level = core ? DiscoveryLevel::kCore : DiscoveryLevel::kGroups;
  }
  return Route{std::move(request)};
}

Result<Route> route_openapi(const Target& target) {
  const auto& segments = target.segments;
  if (segments.size() < 2) return Route{Nowhere{}};
  OpenApiRequest request;
  request.v2 = segments[1] == "v2";
  if (!request.v2 && segments[1] != "v3") return Route{Nowhere{}};
  if (request.v2 && segments.size() > 2) return Route{Nowhere{}};
  for (std::size_t i = 2; i < segments.size(); ++i) {
    request.document += (i > 2 ? "/" : "") + segments[i];
  }
  return Route{std::move(request)};
}

}  // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "get";
    case Verb::kList:
      return "list";
    case Verb::kWatch:
      return "watch";
    case Verb::kCreate:
      return "create";
    case Verb::kUpdate:
      return "update";
    case Verb::kPatch:
      return "patch";
    case Verb::kDelete:
      return "delete";
    case Verb::kDeleteCollection:
      return "deletecollection";
  }
  return "get";
}

Result<Route> route(Method method, const Target& target) {
  const auto& segments = target.segments;
  if (!segments.empty()) {
    const std::string& first = segments[0];
    if (first == "api" || first == "apis") return route_kubernetes(method, target);
    if (first == "rest") {
      if (segments.size() < 2 || segments[1] != "v1") return Route{Nowhere{}};
      return Route{RestRequest{{segments.begin() + 2, segments.end()}}};
    }
    if (!is_safe(method)) return fail(Code::kMethodNotAllowed, std::string(kNotAllowed));
    if (first == "openapi") return route_openapi(target);
    if (first == "healthz" || first == "livez" || first == "readyz")
      return Route{HealthRequest{first}};
    if (first == "version" && segments.size() == 1) return Route{VersionRequest{}};
    if (first == "metrics" && segments.size() == 1) return Route{MetricsRequest{}};
  }
  if (!is_safe(method)) return fail(Code::kMethodNotAllowed, std::string(kNotAllowed));
  return Route{AssetRequest{}};
}

}  // namespace mizan::api
