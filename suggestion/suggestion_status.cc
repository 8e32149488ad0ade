// See suggestion_status.h.
#include "suggestion/suggestion_status.h"

#include <algorithm>

#include "resources/condition.h"
#include "resources/reading.h"

namespace mizan::suggestion {
namespace {

constexpr std::size_t kMaxOutstanding = 1000;
constexpr std::size_t kEntryBytes = 500;      // name, provenance and reason of one draw
constexpr std::size_t kAssignmentBytes = 48;  // keys and a number of one assignment

Json conditions_of(const resources::Suggestion& suggestion) {
  return resources::array_field(resources::object_field(suggestion.raw, "status"), "conditions");
}

// A condition that stands as false, when it stands.
void end_condition(const resources::Suggestion& suggestion, Json& conditions, std::string_view type,
                   Time now) {
  if (!resources::has_condition(suggestion.raw, type)) return;
  resources::set_condition(
      conditions,
      {std::string(type), false, "Suggestion is succeeded", "Suggestion is not running"}, now);
}

std::size_t entry_bytes(const algorithms::SearchSpace& space) {
  std::size_t bytes = kEntryBytes;
  for (const algorithms::Parameter& parameter : space.parameters()) {
    std::size_t longest = 0;
    for (const std::string& text : parameter.texts) longest = std::max(longest, text.size());
    bytes += parameter.name.size() + longest + kAssignmentBytes;
  }
  return bytes;
}

// Oldest first, as they were drawn: all that are waiting, and the newest others.
Json bounded_list(const resources::Suggestion& suggestion, const Drawn& drawn,
                  const std::function<bool(const std::string&)>& is_settled,
                  const std::function<bool(const std::string&)>& is_gone) {
  std::vector<const resources::TrialAssignment*> all, kept;
  for (const auto& draw : suggestion.suggestions) all.push_back(&draw);
  for (const auto& draw : drawn.assignments) all.push_back(&draw);
  std::size_t settled = 0;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (is_gone((*at)->name)) continue;
    if (is_settled((*at)->name) && ++settled > kKeptDraws) continue;
    kept.push_back(*at);
  }
  Json list = Json::array();
  for (auto at = kept.rbegin(); at != kept.rend(); ++at) list.push_back(resources::to_json(**at));
  return list;
}

}  // namespace

std::size_t room_for_draws(const resources::Suggestion& suggestion,
                           const algorithms::SearchSpace& space,
                           const std::function<bool(const std::string&)>& is_settled) {
  const auto waiting = static_cast<std::size_t>(
      std::count_if(suggestion.suggestions.begin(), suggestion.suggestions.end(),
                    [&](const auto& draw) { return !is_settled(draw.name); }));
  const std::size_t by_size = kMaxListBytes / entry_bytes(space);
  // The newest others need their place, too, but never all of it.
  const std::size_t most =
      std::clamp<std::size_t>(by_size > kKeptDraws ? by_size - kKeptDraws : 1, 1, kMaxOutstanding);
  return most > waiting ? most - waiting : 0;
}

Json status_after_draw(const resources::Suggestion& suggestion, const Drawn& drawn,
                       const std::vector<resources::NamedSetting>& settings,
                       const std::function<bool(const std::string&)>& is_settled,
                       const std::function<bool(const std::string&)>& is_gone, Time now) {
  Json status = status_running(suggestion, now);
  if (status.is_null()) status = Json::object();
  status["suggestions"] = bounded_list(suggestion, drawn, is_settled, is_gone);
  status["suggestionCount"] =
      suggestion.count + static_cast<std::int64_t>(drawn.assignments.size());
  if (drawn.queued_taken > suggestion.queued_taken) status["queuedTaken"] = drawn.queued_taken;
  if (drawn.next == algorithms::Next::kExhausted) status["exhausted"] = true;
  if (drawn.state != suggestion.state)
    status["algorithmState"] = drawn.state.empty() ? Json(nullptr) : Json(drawn.state);
  Json list = Json::array();
  for (const auto& setting : settings)
    list.push_back({{"name", setting.name}, {"value", setting.value}});
  status["algorithmSettings"] = std::move(list);
  return status;
}

Json status_running(const resources::Suggestion& suggestion, Time now) {
  if (resources::has_condition(suggestion.raw, "Running") &&
      !resources::has_condition(suggestion.raw, "Succeeded"))
    return nullptr;
  Json conditions = conditions_of(suggestion);
  std::erase_if(conditions.get_ref<Json::array_t&>(),
                [](const Json& c) { return resources::text_field(c, "type") == "Succeeded"; });
  resources::set_condition(conditions,
                           {"Created", true, "SuggestionCreated", "Suggestion is created"}, now);
  resources::set_condition(
      conditions, {"DeploymentReady", true, "DeploymentReady", "Deployment is ready"}, now);
  resources::set_condition(conditions,
                           {"Running", true, "SuggestionRunning", "Suggestion is running"}, now);
  Json status = {{"conditions", std::move(conditions)}, {"completionTime", nullptr}};
  if (resources::text_field(resources::object_field(suggestion.raw, "status"), "startTime").empty())
    status["startTime"] = format_rfc3339(now);
  return status;
}

Json status_failed(const resources::Suggestion& suggestion, const std::string& message, Time now) {
  if (resources::has_condition(suggestion.raw, "Failed")) return nullptr;
  Json conditions = conditions_of(suggestion);
  if (!resources::find_condition(suggestion.raw, "Created"))
    resources::set_condition(conditions,
                             {"Created", true, "SuggestionCreated", "Suggestion is created"}, now);
  end_condition(suggestion, conditions, "Running", now);
  resources::set_condition(conditions, {"Failed", true, "SuggestionFailed", message}, now);
  return {{"conditions", std::move(conditions)}, {"completionTime", format_rfc3339(now)}};
}

Json status_ended(const resources::Suggestion& suggestion, resources::ResumePolicy policy,
                  Time now) {
  const bool has_ended = resources::has_condition(suggestion.raw, "Succeeded") ||
                         resources::has_condition(suggestion.raw, "Failed");
  if (has_ended || policy == resources::ResumePolicy::kLongRunning) return nullptr;
  Json conditions = conditions_of(suggestion);
  end_condition(suggestion, conditions, "Running", now);
  end_condition(suggestion, conditions, "DeploymentReady", now);
  const bool for_good = policy == resources::ResumePolicy::kNever;
  resources::set_condition(
      conditions,
      {"Succeeded", true, "Experiment is succeeded",
       for_good ? "Suggestion is succeeded, can't be restarted"
                : "Suggestion is succeeded, suggestion volume is not deleted, can be restarted"},
      now);
  return {{"conditions", std::move(conditions)}, {"completionTime", format_rfc3339(now)}};
}

}  // namespace mizan::suggestion
