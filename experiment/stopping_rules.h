// Watches a trial's measurements against the early-stopping rules in its spec.
//
// As Katib: the objective is tested by its best value so far, other metrics by each value; a rule
// with startStep waits for that many values of its metric; the trial stops once every rule has
// held. Differs from Katib: after startStep a rule goes on being tested (Katib tests it once).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resources/trial.h"
#include "store/observation_log.h"

namespace mizan::experiment {

/// Fed with measurements in order of arrival. Pure.
class StoppingRules {
 public:
  explicit StoppingRules(const resources::Trial& trial);

  void add(const store::Measurement& row);
  /// Why the trial is to stop, for people; empty: it is to go on.
  const std::string& verdict() const { return verdict_; }

 private:
  struct Rule {
    resources::EarlyStoppingRule rule;
    double bound = 0;
    std::int64_t seen = 0;
    bool held = false;
  };

  std::vector<Rule> rules_;
  std::string objective_, verdict_;
  bool maximize_ = false;
  std::optional<double> best_;
};

}  // namespace mizan::experiment
