// The list is replaced as a whole under its resourceVersion; points that were drawn leave it then.
#include "api/queue_points.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/experiment_api.h"
#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/suggestion.h"
#include "resources/validate_parts.h"

namespace mizan::api {
namespace {

constexpr int kQueueAttempts = 8;  // each lost to another writer of the same Suggestion
constexpr std::string_view kAsInitial = "spec.initialTrials[0].assignments";

Result<Json> next_spec(const resources::Suggestion& suggestion, const Assignments& assignments,
                       const std::string& client, std::int64_t times, std::int64_t& waiting) {
  Json list = Json::array();
  std::int64_t last = suggestion.queued_taken;
  for (const resources::QueuedPoint& point : suggestion.queued) {
    last = std::max(last, point.number);
    if (point.number > suggestion.queued_taken) list.push_back(resources::to_json(point));
  }
  if (list.size() + static_cast<std::size_t>(times) > kMostQueued)
    return fail(
        Code::kTooManyRequests,
        fmt::format("{} points are waiting to be drawn; at most {} may", list.size(), kMostQueued));
  for (std::int64_t i = 0; i < times; ++i)
    list.push_back(resources::to_json(resources::QueuedPoint{++last, assignments, client}));
  waiting = static_cast<std::int64_t>(list.size());
  return Json{{"queued", std::move(list)}};
}

Result<> check_state(const Json& experiment, const std::string& name) {
  if (!resources::has_condition(experiment, "Succeeded") &&
      !resources::has_condition(experiment, "Failed"))
    return {};
  return fail(Code::kConflict,
              fmt::format("experiment \"{}\" has ended; it will try no more points", name));
}

}  // namespace

Result<Assignments> read_assignments_object(const Json& object, const std::string& field) {
  const auto wrong = [&](const std::string& at, const std::string& message) {
    return fail(Code::kInvalid, fmt::format("{}: {}", at, message),
                {{FieldReason::kInvalid, at, message}});
  };
  if (!object.is_object() || object.empty())
    return wrong(field, "must be an object of parameter names and values, as in {\"lr\":\"0.01\"}");
  Assignments assignments;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string() && !value.is_number())
      return wrong(fmt::format("{}.{}", field, name), "must be a text or a number");
    assignments[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return assignments;
}

Result<> check_assignments(const Json& experiment, const Assignments& assignments,
                           const std::string& field) {
  Json spec = resources::object_field(experiment, "spec");
  spec["initialTrials"] = Json::array({{{"assignments", assignments}}});
  resources::Admission::Verdict verdict;
  resources::validate_initial_trials(spec, verdict);
  std::vector<FieldError> errors;
  for (FieldError& error : verdict.errors) {
    if (error.reason == FieldReason::kRequired || !error.path.starts_with(kAsInitial)) continue;
    error.path.replace(0, kAsInitial.size(), field);
    errors.push_back(std::move(error));
  }
  if (errors.empty()) return {};
  std::string message = fmt::format("{}: {}", errors.front().path, errors.front().message);
  return fail(Code::kInvalid, std::move(message), std::move(errors));
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the store outlives all
Task<Result<std::int64_t>> queue_points(store::ObjectStore& store, std::string ns,
                                        std::string experiment, Assignments assignments,
                                        std::string field, std::string client, std::int64_t times) {
  CO_TRY(const auto owner, co_await store.get(store::Key(kExperiments, ns, experiment)));
  if (auto ended = check_state(*owner, experiment); !ended) co_return fail(ended.error());
  if (auto checked = check_assignments(*owner, assignments, field); !checked)
    co_return fail(checked.error());
  for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
    const auto object = co_await store.get(store::Key(kSuggestions, ns, experiment));
    if (!object)
      co_return fail(Code::kConflict,
                     fmt::format("experiment \"{}\" isn't taken up yet; try again", experiment));
    const auto suggestion = resources::read_suggestion(**object);
    if (suggestion.exhausted)
      co_return fail(
          Code::kConflict,
          fmt::format("every point of experiment \"{}\" was drawn; it draws no more", experiment));
    std::int64_t waiting = 0;
    CO_TRY(Json spec, next_spec(suggestion, assignments, client, times, waiting));
    store::Patch patch(store::PatchType::kMerge,
                       Json{{"metadata", {{"resourceVersion", suggestion.resource_version}}},
                            {"spec", std::move(spec)}});
    store::WriteOptions options;
    options.field_manager = "mizan-rest";
    const auto written = co_await store.patch(store::Key(kSuggestions, ns, experiment), "",
                                              std::move(patch), std::move(options));
    if (written) co_return waiting;
    if (written.error().code != Code::kConflict) co_return fail(written.error());
  }
  co_return fail(
      Code::kConflict,
      fmt::format("experiment \"{}\" is being changed by others too often; try again", experiment));
}

}  // namespace mizan::api
