// Why a trial or an experiment is as it is: one sentence, and what happened, in order, behind it.
//
// Put together from what everyone can read: conditions, events, container statuses, the end of the
// log. Pure; `mizan why` prints it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time.h"

namespace mizan::experiment {

struct StorySources {
  Json object;               // the Trial or Experiment
  std::vector<Json> events;  // of it, its run object and its pods
  std::vector<Json> pods;    // of a trial
  std::vector<Json> trials;  // of an experiment: those that ended badly are told of
  std::string log_tail;      // of a trial
  StorySources() {}
};

struct StoryStep {
  std::optional<Time> at;
  std::string who;   // "Trial", "Pod name", "trial-controller"
  std::string text;  // what happened
};

struct Story {
  std::string title;     // "Trial t of experiment e: Failed"
  std::string sentence;  // why, with a full stop
  std::vector<StoryStep> steps;
  std::vector<std::string> last_lines;
};

Story tell_story(const StorySources& sources);

/// As people read it on a terminal; times are UTC.
std::string to_text(const Story& story);

}  // namespace mizan::experiment
