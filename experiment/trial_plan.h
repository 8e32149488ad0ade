// What the Trial controller does next with one trial: all of its judgement, none of its I/O.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/recorder.h"
#include "experiment/condition_expression.h"
#include "experiment/metrics_source.h"
#include "experiment/pod_view.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// References outlive the call.
struct TrialView {
  const resources::Trial& trial;
  const Json* run = nullptr;                   // the run object; null: there is none
  const Result<ConditionExpression>& success;  // parsed; an error fails the trial
  const Result<ConditionExpression>& failure;
  const PodView* pod = nullptr;          // the primary pod of the latest attempt; null: none seen
  const Collected* collected = nullptr;  // null: not everything is read yet
  std::string last_line;                 // of the output so far
  std::string stop_early;                // what a rule of its own says: why it is to stop
  std::chrono::milliseconds seen_for{
      0};  // how long this controller has known the trial to be unfinished
  std::chrono::milliseconds unwritten_for{200};  // a state that lasts no longer is not written
  Time now;
};

struct PlannedEvent {
  controller::EventType type = controller::EventType::kNormal;
  std::string reason, message;
};

struct TrialPlan {
  bool create_run = false;
  std::optional<std::string> note_stop;  // to be written down, so that the stop outlives a restart
  bool delete_run = false;               // at once: it may still run
  bool release_run = false;              // it is over: kept while it is among the newest
  bool follow_metrics = false;
  bool finish_metrics = false;  // the run is over: plan again when everything is collected
  bool mark_created = false, mark_running = false;
  std::string no_operator;              // Running is False for this reason; empty: it isn't
  std::optional<std::int64_t> attempt;  // begins: which one it is
  std::optional<resources::TrialOutcome> outcome;
  std::optional<std::string> why;  // status.why, when it is to change
  std::vector<PlannedEvent> events;
  std::optional<std::chrono::milliseconds> look_again;

  bool writes_status() const {
    return mark_created || mark_running || !no_operator.empty() || attempt || outcome || why;
  }
};

TrialPlan plan_trial(const TrialView& view);

}  // namespace mizan::experiment
