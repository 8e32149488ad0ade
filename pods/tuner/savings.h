// What tuning saved of an experiment's reserved memory and CPU, against pods of the template's own
// size. From the trials' status alone; killed and replaced attempts count against it.
#pragma once

#include <map>
#include <string>

#include "core/json.h"

namespace mizan::pods {

/// Of one run of a pod, or summed up.
struct Reserved {
  double memory_gib_seconds = 0, cpu_core_seconds = 0;
  Reserved& operator+=(const Reserved& other);
};

/// One pod's run for a trial, an entry of status.resources.runs.
struct TrialRun {
  Reserved held;
  /// What a pod of the template's size would have reserved; none for a run that had to be repeated.
  Reserved would_have_held;
  double seconds = 0;
  std::string ended;  // "OOMKilled", "Replaced"; "" otherwise

  Json json() const;
};

class Savings {
 public:
  /// A trial's status.resources as it is now. True when that changes anything.
  bool put(const std::string& trial_uid, const Json& resources);

  std::size_t trials() const { return trials_.size(); }
  double memory_gib_hours() const;
  double cpu_core_hours() const;
  /// Experiment.status.savings.
  Json json() const;

 private:
  struct Part {
    Reserved held, would_have_held;
    bool operator==(const Part&) const;
  };
  std::map<std::string, Part> trials_;
  Reserved held_, would_have_held_;
};

}  // namespace mizan::pods
