// What the tuner remembers of a pod while it runs for one trial. Private to TrialTuner.
#pragma once

#include <chrono>
#include <string>

#include "pods/tuner/pod_reading.h"
#include "pods/tuner/pod_watch.h"
#include "pods/tuner/savings.h"
#include "pods/tuner/trial_tuner.h"

namespace mizan::pods {

struct TrialTuner::Watched {
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// Time passes with these requests in force.
  void account(SteadyTime now, const TrialSize& requests);
  /// Notes a CPU limit that is new; `milli` 0: there is none. True when it is news.
  bool note_cpu_limit(std::int64_t milli, Time now);

  PodWatch watch;
  std::string trial;   // its name; empty: the warm pod waits for one
  TrialSize reserves;  // a static pod's requests
  SteadyTime began, accounted, asked_at;
  Reserved held;
  TrialSize in_force;  // when it was last looked at
  Json cpu_limits = Json::array();
  std::int64_t cpu_limit = -1;
  bool told = false;     // the trial's status has its beginning
  bool left = false;     // somebody else resizes it
  bool refused = false;  // a resize was refused at once: none is tried again
};

}  // namespace mizan::pods
