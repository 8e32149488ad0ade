// What an experiment needs to know about its trials, kept up to date one trial at a time.
//
// Counting 10,000 trials at each change would make the experiment slower as it grows; every
// question here is answered in constant or logarithmic time. trial_tally_test compares it with a
// recount.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "resources/trial.h"

namespace mizan::experiment {

inline constexpr std::size_t kTrialStates = 8;

struct BestTrial {
  std::string name;
  double value = 0;  // as the user's objective has it, not negated
  bool operator==(const BestTrial&) const = default;
};

/// Imported trials are known by name and counted nowhere. Pure; one thread.
class TrialTally {
 public:
  /// `fidelity_parameter` says how far a trial runs ("" for none): those that ran further count
  /// before better ones that didn't.
  explicit TrialTally(std::string fidelity_parameter = {})
      : fidelity_parameter_(std::move(fidelity_parameter)) {}

  /// Puts in or replaces the trial of that name.
  void put(const resources::Trial& trial);
  void remove(const std::string& name);

  bool empty() const { return trials_.empty(); }
  bool contains(const std::string& name) const { return trials_.contains(name); }
  std::int64_t count(resources::TrialState state) const;
  std::int64_t total() const { return total_; }
  std::int64_t active() const;  // pending and running
  std::int64_t completed() const { return total_ - active(); }
  std::int64_t unsuccessful() const;  // what maxFailedTrialCount counts: failed and without metrics

  /// Names by age, oldest first; the newest `limit` of them (0: all).
  std::vector<std::string> names(resources::TrialState state, std::size_t limit) const;
  /// Of the succeeded trials that ran furthest the best; of the others when none succeeded. Of
  /// equals the oldest.
  std::optional<BestTrial> best() const;
  /// How many completed in a row without making the best better by more than `min_improvement`.
  std::int64_t without_improvement(double min_improvement) const;

  bool operator==(const TrialTally& other) const;

 private:
  using Age = std::tuple<Time, std::uint64_t, std::string>;  // created, draw, name
  struct Entry {
    resources::TrialState state = resources::TrialState::kPending;
    bool imported = false;
    Age age;
    std::optional<Time> completed;
    std::optional<double> value;
    bool maximize = false;
    double fidelity = 0;
    bool operator==(const Entry&) const = default;
  };
  using Rank = std::tuple<double, double, Age>;  // -fidelity, loss, age
  using Finish = std::tuple<Time, Age>;

  void link(const Entry& entry);
  void unlink(const Entry& entry);
  double fidelity_of(const resources::Trial& trial) const;
  static Rank rank_of(const Entry& entry);

  std::map<std::string, Entry> trials_;
  std::array<std::set<Age>, kTrialStates> by_state_;
  std::set<Rank> succeeded_, others_;
  std::map<Finish, std::optional<double>> finished_;  // completed trials in order, with their loss
  std::int64_t total_ = 0;
  bool maximize_ = false;
  std::string fidelity_parameter_;

  // The answer of without_improvement() so far, to go on from; dropped when history changes before
  // `until`.
  struct Progress {
    double min_improvement = 0;
    std::optional<double> best;
    std::int64_t idle = 0;
    std::optional<Finish> until;
  };
  mutable std::optional<Progress> progress_;
};

}  // namespace mizan::experiment
