// Trials over REST.
#include "api/trial_api.h"

#include <fmt/format.h>

#include "api/experiment_api.h"
#include "api/log_stream.h"
#include "api/options.h"
#include "api/render.h"
#include "api/summary.h"
#include "api/summary_list.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::api {
namespace {

store::Selection labelled(resources::ResourceId id, const std::string& ns, std::string_view label,
                          const std::string& value) {
  store::Selection selection(std::move(id), ns);
  store::LabelRequirement requirement;
  requirement.key = label;
  requirement.values = {value};
  selection.labels.push_back(std::move(requirement));
  return selection;
}

/// The container whose log is the trial's: the primary one, where the pod has it. Of a pod with one
/// container alone nobody needs to name it.
std::string container_of(const Json& trial, const Json& pod) {
  std::string primary = string_at(trial, "spec.primaryContainerName");
  const Json& spec = resources::object_field(pod, "spec");
  for (const Json& container : resources::array_field(spec, "containers")) {
    if (resources::text_field(container, "name") == primary) return primary;
  }
  return "";
}

}  // namespace

TrialApi::TrialApi(const Services& services) : services_(services) {}

Task<Result<Response>> TrialApi::list(RestPlace place) {
  // A list of nothing and a list of an experiment that isn't there are not the same.
  CO_TRY(const auto experiment,
         co_await services_.store.get(store::Key(kExperiments, place.ns, place.experiment)));
  CO_TRY(const auto page,
         co_await services_.store.list(
             labelled(kTrials, place.ns, resources::kExperimentLabel, place.experiment),
             store::ListOptions()));
  co_return json_response(200, co_await summary_list(page, trial_summary));
}

Task<Result<Response>> TrialApi::get(RestPlace place) {
  CO_TRY(const auto object, co_await find_trial(services_.store, place));
  CO_TRY(auto events, co_await events_about(services_.store, place.ns, resources::uid_of(*object)));
  CO_TRY(const auto pods,
         co_await services_.store.list(
             labelled(resources::kPods, place.ns, resources::kTrialLabel, place.trial),
             store::ListOptions()));
  Json names = Json::array();
  for (const auto& pod : pods.items) names.push_back(resources::name_of(*pod));
  const Json body{{"summary", trial_summary(*object)},
                  {"object", *object},
                  {"events", std::move(events)},
                  {"pods", std::move(names)}};
  co_return json_response(200, compact(body));
}

Task<Result<Response>> TrialApi::observations(RestPlace place, std::string metric) {
  CO_TRY(const auto object, co_await find_trial(services_.store, place));
  CO_TRY(const auto rows,
         co_await services_.observations.read(resources::uid_of(*object), std::move(metric)));
  Json items = Json::array();
  for (const auto& row : rows) items.push_back(observation_json(row));
  co_return json_response(200, compact({{"items", std::move(items)}}));
}

Task<Result<Response>> TrialApi::log(RestPlace place, Query query) {
  CO_TRY(const auto object, co_await find_trial(services_.store, place));
  CO_TRY(auto options, read_log_options(query));
  std::unique_ptr<store::LogStream> log;
  CO_TRY(const auto pods,
         co_await services_.store.list(
             labelled(resources::kPods, place.ns, resources::kTrialLabel, place.trial),
             store::ListOptions()));
  if (options.container.empty() && !pods.items.empty())
    options.container = container_of(*object, *pods.items.back());
  if (services_.trial_logs != nullptr) {
    CO_TRY(log, co_await services_.trial_logs->open(place.ns, place.trial, std::move(options)));
  } else {
    if (pods.items.empty())
      co_return fail(Code::kNotFound,
                     fmt::format("trial \"{}\" has no pod, so it has no log", place.trial));
    CO_TRY(log, co_await services_.pod_logs.open(place.ns, resources::name_of(*pods.items.back()),
                                                 std::move(options)));
  }
  Response response = text_response(200, "", "text/plain; charset=utf-8");
  response.stream = std::make_unique<LogBody>(std::move(log));
  co_return response;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the store outlives all
Task<Result<store::ObjectPtr>> find_trial(store::ObjectStore& store, RestPlace place) {
  CO_TRY(auto object, co_await store.get(store::Key(kTrials, place.ns, place.trial)));
  const auto labels = resources::labels_of(*object);
  const auto owner = labels.find(std::string(resources::kExperimentLabel));
  if (owner == labels.end() || owner->second != place.experiment) {
    co_return fail(Code::kNotFound, fmt::format("experiment \"{}\" has no trial \"{}\"",
                                                place.experiment, place.trial));
  }
  co_return object;
}

Json observation_json(const store::Measurement& row) {
  return {{"metric", row.metric},
          {"value", number_of(row.value).is_null() ? Json(row.value) : number_of(row.value)},
          {"time", row.time ? Json(format_rfc3339_micro(*row.time)) : Json()},
          {"step", row.step ? Json(*row.step) : Json()}};
}

}  // namespace mizan::api
