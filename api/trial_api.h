// REST: reading trials, their curves and their logs.
#pragma once

#include <string>

#include "api/rest_api.h"

namespace mizan::api {

/// Thread: io.
class TrialApi {
 public:
  explicit TrialApi(const Services& services);

  Task<Result<Response>> list(RestPlace place);
  Task<Result<Response>> get(RestPlace place);
  Task<Result<Response>> observations(RestPlace place, std::string metric);
  Task<Result<Response>> log(RestPlace place, Query query);

 private:
  Services services_;
};

/// The trial of that experiment. Errors: kNotFound, also when the trial belongs to another
/// experiment.
Task<Result<store::ObjectPtr>> find_trial(store::ObjectStore& store, RestPlace place);

/// {metric, value, time, step}.
Json observation_json(const store::Measurement& row);

}  // namespace mizan::api
