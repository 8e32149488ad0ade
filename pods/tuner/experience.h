// What the tuner knows of one experiment: models of what its trials need, which of them are under
// way, and what was saved so far. Fed by the Trial informer alone. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "pods/tuner/memory_model.h"
#include "pods/tuner/savings.h"
#include "pods/tuner/sizing_policy.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::pods {

class Experience {
 public:
  /// A trial as it is now.
  void put(const resources::Experiment& experiment, const resources::Trial& trial);
  void remove(const std::string& trial_name) { active_.erase(trial_name); }

  std::optional<NeedPrediction> memory(const TunerPoint& point) const {
    return memory_.predict(point);
  }
  std::optional<NeedPrediction> cpu(const TunerPoint& point) const { return cpu_.predict(point); }
  /// Names of trials that have not ended.
  const std::set<std::string>& active() const { return active_; }
  const Savings& savings() const { return savings_; }

  /// What the template of the trials asks for, as a pod last had it: limits and requests.
  TrialSize requested, reserves;

  bool savings_changed = false;
  std::chrono::steady_clock::time_point savings_written;

 private:
  MemoryModel memory_, cpu_{false, kCpuCosts};
  std::set<std::string> learned_memory_, learned_cpu_;  // uids
  std::set<std::string> active_;
  Savings savings_;
};

/// Thousandths of a core that a trial needed, by its status.resources: what it used, or more where
/// its limit held it back. 0: not known.
std::int64_t cpu_needed(const Json& resources);

}  // namespace mizan::pods
