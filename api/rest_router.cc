// Matching, segment by segment. A name can't contain ':', so what follows one is the verb.
#include "api/rest_router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace mizan::api {
namespace {

using enum RestAction;

#define E_ "/namespaces/{namespace}/experiments/{experiment}"
constexpr std::array kRoutes{
    RestRoute{kVersion, Method::kGet, "/version"},
    RestRoute{kOpenApi, Method::kGet, "/openapi.json"},
    RestRoute{kNamespaces, Method::kGet, "/namespaces"},
    RestRoute{kEvents, Method::kGet, "/events"},
    RestRoute{kListAllExperiments, Method::kGet, "/experiments"},
    RestRoute{kListExperiments, Method::kGet, "/namespaces/{namespace}/experiments"},
    RestRoute{kCreateExperiment, Method::kPost, "/namespaces/{namespace}/experiments", false},
    RestRoute{kGetExperiment, Method::kGet, E_},
    RestRoute{kPatchExperiment, Method::kPatch, E_, false},
    RestRoute{kDeleteExperiment, Method::kDelete, E_, false},
    RestRoute{kAsk, Method::kPost, E_ ":ask", false},
    RestRoute{kEnqueue, Method::kPost, E_ ":enqueue", false},
    RestRoute{kClone, Method::kPost, E_ ":clone", false},
    RestRoute{kOptimal, Method::kGet, E_ "/optimal"},
    RestRoute{kImportance, Method::kGet, E_ "/importance"},
    RestRoute{kSurface, Method::kGet, E_ "/surface"},
    RestRoute{kListTrials, Method::kGet, E_ "/trials"},
    RestRoute{kGetTrial, Method::kGet, E_ "/trials/{trial}"},
    RestRoute{kObservations, Method::kGet, E_ "/trials/{trial}/observations"},
    RestRoute{kTrialLog, Method::kGet, E_ "/trials/{trial}/log"},
    RestRoute{kPodResizes, Method::kGet, "/namespaces/{namespace}/pods/{pod}/resizes"},
    RestRoute{kLease, Method::kGet, "/namespaces/{namespace}/pods/{pod}/lease"},
    RestRoute{kLeaseDone, Method::kPost, "/namespaces/{namespace}/pods/{pod}/lease:done", false},
    RestRoute{kReport, Method::kPost, E_ "/trials/{trial}:report", false},
    RestRoute{kTell, Method::kPost, E_ "/trials/{trial}:tell", false},
};
#undef E_

/// Matches one segment against "trials", "{trial}" or "{trial}:tell".
bool match_segment(std::string_view pattern, std::string_view segment, RestMatch& match) {
  if (!pattern.starts_with('{')) return pattern == segment;
  const auto close = pattern.find('}');
  const std::string_view verb = pattern.substr(close + 1);
  if (!segment.ends_with(verb)) return false;
  segment.remove_suffix(verb.size());
  if (segment.empty() || segment.find(':') != std::string_view::npos) return false;
  match.values.emplace(pattern.substr(1, close - 1), segment);
  return true;
}

bool match_path(std::string_view pattern, const std::vector<std::string>& segments,
                RestMatch& match) {
  for (const std::string& segment : segments) {
    if (pattern.empty()) return false;
    pattern.remove_prefix(1);  // the slash
    const auto slash = pattern.find('/');
    if (!match_segment(pattern.substr(0, slash), segment, match)) return false;
    pattern = slash == std::string_view::npos ? std::string_view{} : pattern.substr(slash);
  }
  return pattern.empty();
}

}  // namespace

std::span<const RestRoute> rest_routes() { return kRoutes; }

Result<RestMatch> match_rest(Method method, const std::vector<std::string>& segments) {
  if (method == Method::kHead) method = Method::kGet;
  std::vector<std::string_view> allowed;
  for (const RestRoute& route : kRoutes) {
    RestMatch match;
    if (!match_path(route.path, segments, match)) continue;
    if (route.method != method) {
      allowed.push_back(to_string(route.method));
      continue;
    }
    match.action = route.action;
    match.viewer = route.viewer;
    return match;
  }
  if (!allowed.empty()) {
    return fail(Code::kMethodNotAllowed, fmt::format("this address knows {}, not {}",
                                                     fmt::join(allowed, ", "), to_string(method)));
  }
  return fail(
      Code::kNotFound,
      fmt::format("there is nothing at /rest/v1/{}; /rest/v1/openapi.json lists what there is",
                  fmt::join(segments, "/")));
}

}  // namespace mizan::api
