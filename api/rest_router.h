// The table of REST routes under /rest/v1: one list from which requests are matched and against
// which the OpenAPI document is tested. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"

namespace mizan::api {

enum class RestAction {
  kVersion,
  kOpenApi,
  kNamespaces,
  kEvents,
  kListAllExperiments,
  kListExperiments,
  kCreateExperiment,
  kGetExperiment,
  kPatchExperiment,
  kDeleteExperiment,
  kOptimal,
  kImportance,
  kSurface,
  kAsk,
  kEnqueue,
  kClone,
  kListTrials,
  kGetTrial,
  kObservations,
  kTrialLog,
  kPodResizes,
  kLease,
  kLeaseDone,
  kReport,
  kTell,
};

struct RestRoute {
  RestAction action;
  Method method;
  /// As OpenAPI writes it: "/namespaces/{namespace}/experiments/{experiment}:ask".
  std::string_view path;
  bool viewer = true;  // whether viewers may
};

std::span<const RestRoute> rest_routes();

struct RestMatch {
  RestAction action{};
  bool viewer = true;
  std::map<std::string, std::string, std::less<>> values;  // by the names in braces
};

/// Errors: kNotFound; kMethodNotAllowed when only the method is wrong.
Result<RestMatch> match_rest(Method method, const std::vector<std::string>& segments);

}  // namespace mizan::api
