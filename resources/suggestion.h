// A Suggestion: how many draws the Experiment asks for, and those that have no Trial yet.
//
// Same name as its Experiment, owned by it. The Experiment controller and `:ask` raise
// spec.requests; the Suggestion controller answers in status. Trials are the record of draws:
// status.suggestions keeps those without a Trial and the newest 10 (docs/adr/0013).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::resources {

/// One drawn point, waiting to become a Trial of that name.
struct TrialAssignment {
  std::string name;
  std::vector<Assignment> assignments;
  std::vector<EarlyStoppingRule> stopping_rules;
  std::map<std::string, std::string> labels;
  /// {draw, completed, pending, digest, mechanism}: copied to Trial.status.suggestedFrom.
  Json suggested_from;
  std::string why;  // one sentence: why this point
};

/// A point that a user wants tried next, whole or in part.
struct QueuedPoint {
  std::int64_t number = 0;  // ascending, from 1
  std::map<std::string, std::string> assignments;
  std::string client;  // whom the trial is meant for, while it waits; "" for anyone
};

struct Suggestion {
  std::string ns, name, uid, resource_version;
  Algorithm algorithm;
  std::vector<QueuedPoint> queued;           // spec.queued
  std::int64_t queued_taken = 0;             // status.queuedTaken: the last number that was drawn
  std::int64_t requests = 0;                 // spec.requests: how many draws in all are wanted
  std::int64_t count = 0;                    // status.suggestionCount: how many were made
  std::vector<TrialAssignment> suggestions;  // status.suggestions
  bool exhausted = false;                    // status.exhausted: there will be no more
  std::string state;  // status.algorithmState: at most 64 KiB, versioned, droppable
  Json raw;           // without status.suggestions, most of it and read already
};

Suggestion read_suggestion(const Json& object);
Json to_json(const TrialAssignment& assignment);
Json to_json(const QueuedPoint& point);

}  // namespace mizan::resources
