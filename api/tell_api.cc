// Reports and tells against the store.
#include "api/tell_api.h"

#include <fmt/format.h>

#include "api/experiment_api.h"
#include "api/render.h"
#include "api/summary.h"
#include "api/tell.h"
#include "api/trial_api.h"
#include "resources/condition.h"

namespace mizan::api {
namespace {

constexpr int kTellAttempts = 8;  // each lost to another writer of the same trial

Response trial_response(const Json& object) {
  return json_response(200, compact(trial_summary(object)));
}

}  // namespace

TellApi::TellApi(const Services& services) : services_(services) {}

Task<Result<Response>> TellApi::report(RestPlace place, Request request) {
  CO_TRY(const auto body, parse_metrics_json(request.body));
  CO_TRY(const auto object, co_await find_trial(services_.store, place));
  const auto trial = resources::read_trial(*object);
  CO_TRY(auto report, read_report(body, trial.objective, services_.clock.now()));
  bool stop = is_completed(trial.state) ||
              trial.annotations.contains(std::string(resources::kStopEarlyAnnotation));
  if (!stop) {
    if (!report.rows.empty()) {
      auto appended = co_await services_.observations.append(trial.uid, std::move(report.rows));
      if (!appended) co_return fail(appended.error());
    }
    if (!trial.stopping_rules.empty()) {
      CO_TRY(const auto reported, co_await services_.observations.read(trial.uid, ""));
      stop = should_stop(trial.stopping_rules, trial.objective, reported);
    }
    if (!stop && services_.stopping != nullptr)
      stop = !(co_await services_.stopping->advice(trial.uid)).empty();
  }
  if (!stop) {
    auto experiment =
        co_await services_.store.get(store::Key(kExperiments, place.ns, place.experiment));
    stop = !experiment || resources::has_condition(**experiment, "Succeeded") ||
           resources::has_condition(**experiment, "Failed");
  }
  co_return json_response(200, compact({{"shouldStop", stop}}));
}

Task<Result<Response>> TellApi::tell(RestPlace place, Request request) {
  CO_TRY(const auto body, parse_metrics_json(request.body));
  for (int attempt = 0; attempt < kTellAttempts; ++attempt) {
    CO_TRY(const auto object, co_await find_trial(services_.store, place));
    const auto trial = resources::read_trial(*object);
    if (!trial.run_spec.is_null()) {
      co_return fail(
          Code::kConflict,
          fmt::format("trial \"{}\" is run by the server, which sees for itself how it ends",
                      place.trial));
    }
    CO_TRY(const auto outcome, read_tell(body, trial.objective));
    if (is_completed(trial.state)) {
      if (ended_as(trial, outcome)) co_return trial_response(*object);
      co_return fail(
          Code::kConflict,
          fmt::format("trial \"{}\" has already ended as {}; it can't be told again in another way",
                      place.trial, to_string(trial.state)));
    }
    const Json ended = resources::with_outcome(*object, outcome, services_.clock.now());
    store::Patch patch(store::PatchType::kMerge,
                       Json{{"metadata", {{"resourceVersion", trial.resource_version}}},
                            {"status", ended.at("status")}});
    store::WriteOptions options;
    options.field_manager = "mizan-rest";
    auto written = co_await services_.store.patch(store::Key(kTrials, place.ns, place.trial),
                                                  "status", std::move(patch), std::move(options));
    if (written) co_return trial_response(*written->object);
    if (written.error().code != Code::kConflict) co_return fail(written.error());
  }
  co_return fail(
      Code::kConflict,
      fmt::format("trial \"{}\" is being changed by others too often; try again", place.trial));
}

}  // namespace mizan::api
