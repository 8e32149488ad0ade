// REST: experiments. Reading is for dashboards and notebooks, so lists come as summaries; writing
// is strict.
#pragma once

#include <string>

#include "api/rest_api.h"
#include "resources/known_resources.h"

namespace mizan::api {

/// Thread: io.
class ExperimentApi {
 public:
  explicit ExperimentApi(const Services& services);

  Task<Result<Response>> namespaces();
  Task<Result<Response>> list(std::string ns);  // "": all namespaces
  Task<Result<Response>> get(RestPlace place);
  Task<Result<Response>> create(std::string ns, Request request);
  Task<Result<Response>> clone(RestPlace place, Request request);
  Task<Result<Response>> patch(RestPlace place, Request request);
  Task<Result<Response>> remove(RestPlace place);
  Task<Result<Response>> optimal(RestPlace place);

 private:
  Services services_;
};

/// The events about the object with this uid, oldest first.
Task<Result<Json>> events_about(store::ObjectStore& store, std::string ns, std::string uid);

using resources::kExperiments;
using resources::kSuggestions;
using resources::kTrials;

}  // namespace mizan::api
