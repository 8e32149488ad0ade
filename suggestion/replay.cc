// What had ended when a draw was made follows from what was pending: of the earlier draws, all
// others.
#include "suggestion/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "resources/reading.h"
#include "suggestion/draw.h"
#include "suggestion/trial_history.h"

namespace mizan::suggestion {
namespace {

using TrialPtr = std::shared_ptr<const resources::Trial>;

struct Record {
  TrialPtr trial;
  std::uint64_t draw = 0;
  std::vector<std::uint64_t> pending;
  std::string digest;
  std::optional<resources::QueuedPoint> queued;  // a user wanted it
};

// The record of one draw, from the annotation that the Trial was made with.
std::optional<Record> record_of(const TrialPtr& trial) {
  const auto text = trial->annotations.find(std::string(resources::kSuggestedFromAnnotation));
  if (text == trial->annotations.end()) return std::nullopt;
  const auto parsed = parse_json(text->second);
  if (!parsed) return std::nullopt;
  const Json& json = parsed->value;
  const auto draw = resources::integer_field(json, "draw");
  const std::string digest = resources::text_field(json, "digest");
  if (!draw || *draw < 0 || digest.empty()) return std::nullopt;
  Record record{trial,
                static_cast<std::uint64_t>(*draw),
                numbers_of_ranges(resources::text_field(json, "pendingDraws")),
                digest,
                {}};
  if (const Json* queued = resources::field(json, "queued"))
    record.queued = resources::QueuedPoint{resources::integer_field(*queued, "number").value_or(0),
                                           resources::text_map_field(*queued, "assignments"),
                                           resources::text_field(*queued, "client")};
  return record;
}

// As it was when it had just been drawn.
resources::Trial as_running(resources::Trial trial) {
  trial.state = resources::TrialState::kRunning;
  trial.started.reset();
  trial.completed.reset();
  return trial;
}

class Replayer {
 public:
  Replayer(const resources::Experiment& experiment, DrawSetup setup,
           const std::vector<TrialPtr>& trials)
      : experiment_(experiment),
        setup_(std::move(setup)),
        history_(setup_.problem, experiment.objective) {
    history_.import(experiment.initial_trials);
    history_.import(setup_.known);
    for (const TrialPtr& trial : trials) {
      if (auto record = record_of(trial)) by_draw_.emplace(record->draw, *std::move(record));
    }
  }

  ReplayedDraw draw_again(std::uint64_t index) {
    const Record& record = by_draw_.at(index);
    ReplayedDraw replayed{
        index, record.trial->name, Replayed::kChanged, record.trial->assignments, {}};
    DrawInput input = input_of(record);
    if (fmt::format("{:016x}", digest_of(input)) != record.digest) {
      state_.clear();  // what follows depends on what this draw left
      return replayed;
    }
    Drawn drawn = draw(input, {record.trial->name}, cache_);
    state_ = drawn.state;
    if (drawn.assignments.empty()) return replayed;
    replayed.now = drawn.assignments.front().assignments;
    replayed.outcome = replayed.now == replayed.recorded ? Replayed::kSame : Replayed::kDifferent;
    return replayed;
  }

  const std::map<std::uint64_t, Record>& records() const { return by_draw_; }

 private:
  // Brings the history to what was known to this draw. Draws come in ascending order, so a trial
  // only ever goes from pending to ended.
  void advance_to(const Record& record) {
    const std::set<std::uint64_t> pending(record.pending.begin(), record.pending.end());
    for (auto at = open_.begin(); at != open_.end();) {
      if (pending.contains(*at)) {
        ++at;
        continue;
      }
      history_.put(*by_draw_.at(*at).trial);
      at = open_.erase(at);
    }
  }

  DrawInput input_of(const Record& record) {
    advance_to(record);
    DrawInput input;
    input.problem = setup_.problem;
    input.settings = setup_.choice.settings;
    input.row = setup_.choice.row;
    input.seed = setup_.seed;
    input.objective = experiment_.objective;
    input.first = setup_.first;
    if (record.queued) input.queued.push_back(*record.queued);
    input.history = history_.finished();
    input.pending = history_.pending({});
    input.state = state_;
    input.draw = record.draw;
    history_.put(as_running(*record.trial));  // known to the draws after it
    open_.insert(record.draw);
    return input;
  }

  const resources::Experiment& experiment_;
  DrawSetup setup_;
  TrialHistory history_;
  std::set<std::uint64_t> open_;  // draws that are pending in history_
  std::map<std::uint64_t, Record> by_draw_;
  algorithms::State state_;
  algorithms::Cache cache_;
};

}  // namespace

Result<std::vector<ReplayedDraw>> replay(const resources::Experiment& experiment,
                                         const std::vector<TrialPtr>& trials,
                                         const TrialsOf& trials_of,
                                         const ObjectiveOf& objective_of) {
  TRY(DrawSetup setup, set_up_draws(experiment, trials_of, objective_of));
  Replayer replayer(experiment, std::move(setup), trials);
  std::vector<ReplayedDraw> draws;
  std::set<std::string> known;
  for (const auto& [index, record] : replayer.records()) {
    draws.push_back(replayer.draw_again(index));
    known.insert(record.trial->name);
  }
  for (const TrialPtr& trial : trials) {
    if (!known.contains(trial->name))
      draws.push_back({0, trial->name, Replayed::kUnknown, trial->assignments, {}});
  }
  return draws;
}

std::vector<std::uint64_t> numbers_of_ranges(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    std::uint64_t first = 0, last = 0;
    const auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc()) return {};
    at = read.ptr;
    last = first;
    if (at < end && *at == '-') {
      const auto more = std::from_chars(at + 1, end, last);
      if (more.ec != std::errc() || last < first || last - first > 1'000'000) return {};
      at = more.ptr;
    }
    for (std::uint64_t number = first; number <= last; ++number) numbers.push_back(number);
    if (at == end) break;
    if (*at != ',') return {};
    ++at;
  }
  return numbers;
}

}  // namespace mizan::suggestion
