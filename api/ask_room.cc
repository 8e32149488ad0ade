// The arithmetic of asking.
#include "api/ask_room.h"

#include <algorithm>
#include <charconv>

#include "api/summary.h"
#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/suggestion.h"
#include "resources/trial.h"

namespace mizan::api {
namespace {

/// Answers to our own writes overtake the watch, so what it brings may be old news. Versions are
/// numbers everywhere.
std::uint64_t number_of_version(std::string_view version) {
  std::uint64_t number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

bool drawn_earlier(const OpenTrial* a, const OpenTrial* b) {
  const auto key = [](const OpenTrial* trial) {
    return std::pair(trial->index.value_or(UINT64_MAX), std::string_view(trial->name));
  };
  return key(a) < key(b);
}

/// Whom the point was queued for, as its draw records it.
std::string client_of_queued(const Json& suggested_from) {
  return resources::text_field(resources::object_field(suggested_from, "queued"), "client");
}

std::string client_of_queued(const resources::Trial& trial) {
  const auto text = trial.annotations.find(std::string(resources::kSuggestedFromAnnotation));
  if (text == trial.annotations.end() || text->second.find("\"queued\"") == std::string::npos)
    return "";
  const auto from = parse_json(text->second);
  return from ? client_of_queued(from->value) : "";
}

bool is_kept_for_another(const OpenTrial& trial, const std::string& client,
                         const std::list<Waiter>& waiters) {
  if (trial.reserved.empty() || trial.reserved == client) return false;
  return std::ranges::any_of(waiters, [&](const Waiter& waiter) {
    return waiter.client == trial.reserved && !waiter.is_gone();
  });
}

}  // namespace

void AskState::observe_experiment(const Json& object, bool deleted) {
  known = !deleted && !resources::is_being_deleted(object);
  const auto experiment = resources::glance_at_experiment(object);
  completed =
      resources::has_condition(object, "Succeeded") || resources::has_condition(object, "Failed");
  suspended = experiment.suspend;
  client_run = experiment.trial_template.client;
  max_trials = experiment.max_trial_count;
  parallel = experiment.parallel_trial_count;
}

void AskState::observe_suggestion(const Json& object, bool deleted) {
  if (has_suggestion) {
    const std::uint64_t version = number_of_version(resources::resource_version_of(object));
    const std::uint64_t known_version = number_of_version(suggestion_version);
    // Our own writes come twice: as their answer and through the watch.
    if (version < known_version || (version == known_version && !deleted)) return;
  }
  const auto suggestion = resources::read_suggestion(object);
  has_suggestion = !deleted;
  suggestion_version = suggestion.resource_version;
  requests = suggestion.requests;
  drawn = suggestion.count;
  no_more = suggestion.exhausted;
  entries.clear();
  for (const auto& entry : suggestion.suggestions) entries.push_back(entry.name);
}

void AskState::observe_trial(const Json& object, bool deleted) {
  const std::string name = resources::name_of(object);
  const std::uint64_t version = number_of_version(resources::resource_version_of(object));
  const auto known_version = versions.find(name);
  if (known_version != versions.end() && version < known_version->second) return;
  promised.erase(name);
  if (deleted) {
    versions.erase(name);
    open.erase(name);
    forsaken.erase(name);
    return;
  }
  versions[name] = version;
  const auto trial = resources::read_trial(object);
  if (is_completed(trial.state) || trial.being_deleted) {
    open.erase(name);
    forsaken.erase(name);
    return;
  }
  OpenTrial seen{name,
                 "",
                 trial.resource_version,
                 trial.draw_index,
                 assignments_by_name(trial.assignments),
                 client_of_queued(trial),
                 ""};
  if (const auto client = trial.annotations.find(std::string(resources::kClientIdAnnotation));
      client != trial.annotations.end()) {
    seen.client = client->second;
  }
  if (const auto left = forsaken.find(name); left != forsaken.end()) {
    if (left->second == seen.client) {
      seen.client.clear();
    } else {
      forsaken.erase(left);
    }
  }
  open[name] = std::move(seen);
}

void AskState::forget_trials() {
  open.clear();
  versions.clear();
  promised.clear();
}

std::vector<const OpenTrial*> AskState::of_client(const std::string& client) const {
  std::vector<const OpenTrial*> trials;
  for (const auto& [name, trial] : open) {
    if (trial.client == client) trials.push_back(&trial);
  }
  std::ranges::sort(trials, drawn_earlier);
  return trials;
}

OpenTrial* AskState::unclaimed(const std::string& client, const std::list<Waiter>& waiters) {
  OpenTrial* first = nullptr;
  for (auto& [name, trial] : open) {
    if (!trial.is_free() || is_kept_for_another(trial, client, waiters)) continue;
    if (first == nullptr || drawn_earlier(&trial, first)) first = &trial;
  }
  return first;
}

OpenTrial* AskState::claimable(const std::string& client, std::int64_t count,
                               const std::list<Waiter>& waiters) {
  if (held_by(client) + promised_to(client) >= count || claimed_count() >= kMostOpenTrials)
    return nullptr;
  return unclaimed(client, waiters);
}

std::int64_t AskState::held_by(const std::string& client) const {
  return std::ranges::count_if(open,
                               [&](const auto& entry) { return entry.second.belongs_to(client); });
}

std::string AskState::promise(const resources::TrialAssignment& draw,
                              const std::list<Waiter>& waiters) {
  if (versions.contains(draw.name)) return "";  // it is there, and whose it is has been decided
  const auto before = promised.extract(draw.name);
  if (claimed_count() + static_cast<std::int64_t>(promised.size()) >= kMostOpenTrials) return "";
  const std::string kept_for = client_of_queued(draw.suggested_from);
  const bool is_kept = std::ranges::any_of(waiters, [&](const Waiter& waiter) {
    return !kept_for.empty() && waiter.client == kept_for && !waiter.is_gone();
  });
  const auto may_have = [&](const Waiter& waiter) {
    return !waiter.is_gone() && (is_kept ? waiter.client == kept_for : !waiter.is_fixed) &&
           held_by(waiter.client) + promised_to(waiter.client) < waiter.count;
  };
  auto chosen = std::ranges::find_if(waiters, [&](const Waiter& waiter) {
    return !before.empty() && before.mapped() == waiter.client && may_have(waiter);
  });
  if (chosen == waiters.end()) chosen = std::ranges::find_if(waiters, may_have);
  if (chosen == waiters.end()) return "";
  promised[draw.name] = chosen->client;
  return chosen->client;
}

std::int64_t AskState::promised_to(const std::string& client) const {
  return std::ranges::count_if(promised, [&](const auto& entry) { return entry.second == client; });
}

void AskState::release_promises(const std::string& client, bool for_good) {
  std::erase_if(promised, [&](const auto& entry) {
    if (entry.second != client) return false;
    if (for_good) forsaken.insert(entry);
    return true;
  });
}

std::int64_t AskState::unclaimed_count() const {
  return std::ranges::count_if(open, [](const auto& entry) { return entry.second.is_free(); });
}

std::int64_t AskState::claimed_count() const {
  return static_cast<std::int64_t>(open.size()) - unclaimed_count();
}

std::int64_t AskState::in_flight() const {
  const std::int64_t becoming = std::ranges::count_if(
      entries, [&](const std::string& name) { return !versions.contains(name); });
  return (no_more ? 0 : std::max<std::int64_t>(0, requests - drawn)) + becoming;
}

bool AskState::exhausted() const {
  if (!known || completed) return true;
  if (unclaimed_count() > 0 || in_flight() > 0) return false;
  const auto in_doubt = [](const auto& entry) {
    return entry.second.client.empty() && !entry.second.claimer.empty();
  };
  if (std::ranges::any_of(open, in_doubt)) return false;
  return has_suggestion && (no_more || (max_trials && requests >= *max_trials));
}

std::optional<std::int64_t> AskState::wanted_requests(const std::list<Waiter>& waiters) const {
  if (!known || completed || suspended || !has_suggestion || no_more) return std::nullopt;
  // Two asks of one client wait for the same trials.
  std::map<std::string, std::int64_t> counts;
  for (const Waiter& waiter : waiters) {
    if (waiter.is_gone()) continue;
    auto& most = counts[waiter.client];
    most = std::max(most, waiter.count);
  }
  std::int64_t demand = 0;
  for (const auto& [client, count] : counts) {
    demand += std::max<std::int64_t>(0, count - held_by(client));
  }

  const std::int64_t coming = unclaimed_count() + in_flight();
  std::int64_t more = demand - coming;
  const std::int64_t room =
      std::min(parallel.value_or(kMostOpenTrials), kMostOpenTrials) - claimed_count() - coming;
  more = std::min(more, room);
  if (max_trials) more = std::min(more, *max_trials - requests);
  if (more <= 0) return std::nullopt;
  return requests + more;
}

}  // namespace mizan::api
