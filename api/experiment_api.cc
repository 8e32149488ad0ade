// Experiments over REST.
#include "api/experiment_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "api/body.h"
#include "api/clone_experiment.h"
#include "api/render.h"
#include "api/status.h"
#include "api/summary.h"
#include "api/summary_list.h"
#include "resources/known_resources.h"

namespace mizan::api {
namespace {

// What may change after creation; the rest would make finished trials mean something else.
constexpr std::array<std::string_view, 6> kEditable{
    "parallelTrialCount", "maxTrialCount", "maxFailedTrialCount",
    "maxDurationSeconds", "stopWhen",      "suspend"};

Result<> check_editable(const Json& patch) {
  std::vector<FieldError> errors;
  const auto refuse = [&](const std::string& path) {
    errors.push_back(
        {FieldReason::kForbidden, path,
         "can't be changed here; editable are spec.parallelTrialCount, spec.maxTrialCount, "
         "spec.maxFailedTrialCount, spec.maxDurationSeconds, spec.stopWhen and spec.suspend"});
  };
  for (const auto& [key, value] : patch.items()) {
    if (key != "spec") {
      refuse(key);
    } else if (!value.is_object()) {
      errors.push_back({FieldReason::kTypeInvalid, "spec", "must be an object"});
    } else {
      for (const auto& [field, changed] : value.items()) {
        if (std::ranges::find(kEditable, field) == kEditable.end()) refuse("spec." + field);
      }
    }
  }
  if (errors.empty()) return {};
  return fail(Code::kInvalid, "these fields of an experiment can't be changed", std::move(errors));
}

}  // namespace

ExperimentApi::ExperimentApi(const Services& services) : services_(services) {}

Task<Result<Response>> ExperimentApi::namespaces() {
  CO_TRY(const auto page, co_await services_.store.list(store::Selection(resources::kNamespaces),
                                                        store::ListOptions()));
  Json names = Json::array();
  for (const auto& object : page.items) names.push_back(string_at(*object, "metadata.name"));
  co_return json_response(200, compact({{"namespaces", std::move(names)}}));
}

Task<Result<Response>> ExperimentApi::list(std::string ns) {
  CO_TRY(const auto page, co_await services_.store.list(
                              store::Selection(kExperiments, std::move(ns)), store::ListOptions()));
  co_return json_response(200, co_await summary_list(page, experiment_summary));
}

Task<Result<Response>> ExperimentApi::get(RestPlace place) {
  CO_TRY(const auto object,
         co_await services_.store.get(store::Key(kExperiments, place.ns, place.experiment)));
  CO_TRY(auto events,
         co_await events_about(services_.store, place.ns, string_at(*object, "metadata.uid")));
  const Json body{
      {"summary", experiment_summary(*object)}, {"object", *object}, {"events", std::move(events)}};
  co_return json_response(200, compact(body));
}

Task<Result<Response>> ExperimentApi::create(std::string ns, Request request) {
  CO_TRY(auto body, read_body(request, "Experiment"));
  CO_TRY(const auto ignored,
         judge_duplicates(body.duplicate_fields, store::FieldValidation::kStrict, "Experiment",
                          "v1beta1"));
  store::WriteOptions options;
  options.field_validation = store::FieldValidation::kStrict;
  options.field_manager = "mizan-rest";
  CO_TRY(const auto written,
         co_await services_.store.create(kExperiments, std::move(ns), std::move(body.value),
                                         std::move(options)));
  Response response = json_response(201, compact(*written.object));
  add_warnings(response, written.warnings);
  co_return response;
}

Task<Result<Response>> ExperimentApi::clone(RestPlace place, Request request) {
  CO_TRY(const ParsedJson wanted, parse_json(request.body));
  CO_TRY(const auto object,
         co_await services_.store.get(store::Key(kExperiments, place.ns, place.experiment)));
  CO_TRY(Json made, clone_experiment(*object, wanted.value));
  store::WriteOptions options;
  options.field_validation = store::FieldValidation::kStrict;
  options.field_manager = "mizan-rest";
  CO_TRY(const auto written, co_await services_.store.create(kExperiments, place.ns,
                                                             std::move(made), std::move(options)));
  Response response = json_response(201, compact(*written.object));
  add_warnings(response, written.warnings);
  co_return response;
}

Task<Result<Response>> ExperimentApi::patch(RestPlace place, Request request) {
  CO_TRY(auto parsed, parse_json(request.body));
  if (!parsed.value.is_object())
    co_return fail(Code::kBadRequest,
                   "a merge patch is a JSON object, as in {\"spec\":{\"suspend\":true}}");
  if (auto checked = check_editable(parsed.value); !checked) co_return fail(checked.error());
  store::WriteOptions options;
  options.field_validation = store::FieldValidation::kStrict;
  options.field_manager = "mizan-rest";
  store::Patch patch(store::PatchType::kMerge, std::move(parsed.value));
  CO_TRY(const auto written,
         co_await services_.store.patch(store::Key(kExperiments, place.ns, place.experiment), "",
                                        std::move(patch), std::move(options)));
  Response response = json_response(200, compact(*written.object));
  add_warnings(response, written.warnings);
  co_return response;
}

Task<Result<Response>> ExperimentApi::remove(RestPlace place) {
  CO_TRY(const auto removed,
         co_await services_.store.remove(store::Key(kExperiments, place.ns, place.experiment),
                                         store::RemoveOptions()));
  const Json body{{"namespace", place.ns}, {"name", place.experiment}, {"gone", removed.gone}};
  co_return json_response(200, compact(body));
}

Task<Result<Response>> ExperimentApi::optimal(RestPlace place) {
  CO_TRY(const auto object,
         co_await services_.store.get(store::Key(kExperiments, place.ns, place.experiment)));
  Json body{{"trial", nullptr}, {"recommended", nullptr}};
  auto best = best_trial(*object);
  // What was told a moment ago counts, although the status is written only a few times a second.
  if (services_.analysis != nullptr) {
    std::string name = services_.analysis->best_trial(place.ns, place.experiment);
    if (!name.empty() && (!best || best->name != name)) {
      const auto now = co_await services_.store.get(store::Key(kTrials, place.ns, name));
      if (now) {
        auto trial = resources::read_trial(**now);
        best =
            BestTrial{std::move(name), std::move(trial.assignments), std::move(trial.observation)};
      }
    }
  }
  if (best) {
    const auto experiment = resources::glance_at_experiment(*object);
    Json metrics = Json::object();
    for (const auto& metric : best->metrics)
      metrics[metric.name] = metric_number(metric, experiment.objective);
    body["trial"] = {{"name", best->name},
                     {"assignments", assignments_by_name(best->assignments)},
                     {"metrics", std::move(metrics)}};
  }
  // A model's word: what is wrong with the experiment's parameters is said elsewhere.
  if (services_.analysis != nullptr) {
    auto recommended = co_await services_.analysis->recommended(place.ns, place.experiment);
    if (recommended) body["recommended"] = *std::move(recommended);
  }
  co_return json_response(200, compact(body));
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the store outlives all
Task<Result<Json>> events_about(store::ObjectStore& store, std::string ns, std::string uid) {
  store::Selection selection(resources::kEvents, std::move(ns));
  selection.fields.push_back({"involvedObject.uid", std::move(uid), true});
  CO_TRY(const auto page, co_await store.list(std::move(selection), store::ListOptions()));
  std::multimap<std::string, Json>
      by_time;  // RFC 3339 in UTC sorts as text; equal times stay in order
  for (const auto& event : page.items) {
    Json summary = event_summary(*event);
    by_time.emplace(string_at(summary, "time"), std::move(summary));
  }
  Json events = Json::array();
  for (auto& [time, summary] : by_time) events.push_back(std::move(summary));
  co_return events;
}

}  // namespace mizan::api
