// From a method and a path to what is wanted. Pure: no table of kinds, no store, no sockets;
// fuzzed.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http.h"
#include "api/target.h"

namespace mizan::api {

enum class Verb { kGet, kList, kWatch, kCreate, kUpdate, kPatch, kDelete, kDeleteCollection };

/// As Kubernetes' authorization names them: "get", "deletecollection", …
std::string_view to_string(Verb verb);

/// Something in /api/v1 or /apis/GROUP/VERSION. Whether such a resource exists is not known here.
struct ResourceRequest {
  Verb verb = Verb::kGet;
  std::string group, version, resource;
  std::string ns, name, subresource;  // empty: not given
  std::vector<std::string> rest;      // what follows a subresource: pods/x/proxy/…
};

enum class DiscoveryLevel { kCore, kGroups, kGroup, kVersion };

struct DiscoveryRequest {
  DiscoveryLevel level = DiscoveryLevel::kCore;
  std::string group, version;
};

struct OpenApiRequest {
  bool v2 = false;
  std::string document;  // "" the index; else "api/v1", "apis/kubeflow.org/v1beta1"
};

struct HealthRequest {
  std::string check;  // "healthz", "livez", "readyz"
};
struct VersionRequest {};
struct MetricsRequest {};
/// /rest/v1/…; the REST surface takes its own segments apart.
struct RestRequest {
  std::vector<std::string> segments;  // after "rest", "v1"
};
/// Anything else: the dashboard's files.
struct AssetRequest {};
struct Nowhere {};

using Route = std::variant<ResourceRequest, DiscoveryRequest, OpenApiRequest, HealthRequest,
                           VersionRequest, MetricsRequest, RestRequest, AssetRequest, Nowhere>;

/// Errors: kMethodNotAllowed for a method that the place doesn't know; kBadRequest "name must be
/// provided" for PUT and PATCH on a collection, as kube-apiserver says it.
Result<Route> route(Method method, const Target& target);

}  // namespace mizan::api
