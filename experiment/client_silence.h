// Which trials of client-run experiments have lost their client: taken, and silent for too long.
//
// A client is heard when it takes a trial and with every report. What was heard is kept in memory:
// after a restart of the program every client gets its patience anew.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/time.h"
#include "resources/trial.h"
#include "store/observation_log.h"

namespace mizan::experiment {

/// Thread: io. `clock` and `observations` outlive it.
class ClientSilence {
 public:
  ClientSilence(store::ObservationLog& observations, const Clock& clock);

  /// Each change of a Trial: null before: new; null after: gone.
  void trial_changed(const resources::Trial* before, const resources::Trial* after);

  struct Silent {
    std::vector<std::string> names;                 // of those silent for `patience` or longer
    std::optional<std::chrono::milliseconds> next;  // when the next may become so
  };
  /// Of `trials`, those that a client has taken.
  Silent among(const std::vector<std::shared_ptr<const resources::Trial>>& trials,
               std::chrono::seconds patience) const;

 private:
  const Clock& clock_;
  std::unordered_map<std::string, Time> heard_;  // by uid: open client-run trials that were taken
  std::shared_ptr<void> subscription_;
};

}  // namespace mizan::experiment
