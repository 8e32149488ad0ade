// Where the metrics of running trials come from: followed while they run, complete when they have
// ended.
//
// An interface, so that the Trial controller can be tested without anything that is followed.
#pragma once

#include <functional>
#include <string>

#include "experiment/metrics_notes.h"
#include "experiment/observation.h"
#include "experiment/pod_view.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// What a trial's attempt said, once all of it was read.
struct Collected {
  ObservationBuilder observation;
  MetricsNotes notes;
  std::string problem;  // why not everything could be read; empty: all was

  explicit Collected(const resources::Objective& objective) : observation(objective) {}
};

/// Thread: io.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;

  /// Begins to follow that attempt of the trial (a pod's container, once it has started), unless it
  /// does already. An attempt after another makes the earlier one's measurements void. `fresh`:
  /// nothing was collected for this trial before this program started.
  virtual void follow(const resources::Trial& trial, const PodView& pod, bool fresh) = 0;

  /// Null until that attempt was read to its end.
  virtual const Collected* result(const std::string& trial_uid, const PodView& pod) const = 0;

  /// The last line so far, for people; empty: none.
  virtual std::string last_line(const std::string& trial_uid) const = 0;

  /// Why the rules in its spec want the trial stopped; empty: they don't.
  virtual std::string stop_early(const std::string& trial_uid) const = 0;

  /// The pod is gone: whether something that it said is still being read. Then the result comes.
  virtual bool finish_reading(const std::string& trial_uid) = 0;

  /// Stops waiting for more: the result is what there is by now, with a problem.
  virtual void give_up(const std::string& trial_uid, std::string problem) = 0;

  /// Stops and forgets; measurements stay in the log.
  virtual void forget(const std::string& trial_uid) = 0;

  /// Told when a result is there, or a trial is to stop: the trial's namespace and name. Set before
  /// the first follow().
  virtual void on_result(
      std::function<void(const std::string& ns, const std::string& name)> tell) = 0;
};

}  // namespace mizan::experiment
