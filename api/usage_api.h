// metrics.k8s.io, read-only: `kubectl top pod` and `kubectl top node`, from what the node measures.
//
// A node's figures are the sum of its pods', since that is what it gives out; they are not those of
// the whole machine.
#pragma once

#include <string>

#include "api/router.h"
#include "api/server.h"
#include "resources/definition.h"

namespace mizan::api {

/// Whether the kind is PodMetrics or NodeMetrics of metrics.k8s.io.
bool is_usage(const resources::ResourceDefinition& definition);

/// Thread: io.
class UsageApi {
 public:
  explicit UsageApi(const Services& services) : services_(services) {}

  /// A PodMetrics or NodeMetrics, or a page of them, for a get or list; `selection` is of the same
  /// plural in core/v1. Errors: kUnavailable without a node that measures; kNotFound.
  Task<Result<store::Page>> list(store::Selection selection);
  Task<Result<store::ObjectPtr>> get(std::string plural, std::string ns, std::string name);

 private:
  Task<Result<Json>> of_pod(store::ObjectPtr pod);
  Task<Result<Json>> of_node(store::ObjectPtr node);
  Task<Result<std::vector<ContainerUsage>>> measured(store::ObjectPtr pod);

  Services services_;
};

}  // namespace mizan::api
