// See suggestion.h.
#include "resources/suggestion.h"

#include <algorithm>

#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/spec_parts.h"

namespace mizan::resources {
namespace {

TrialAssignment read_trial_assignment(const Json& source) {
  TrialAssignment assignment;
  assignment.name = text_field(source, "name");
  assignment.assignments = read_assignments(array_field(source, "parameterAssignments"));
  assignment.stopping_rules = read_stopping_rules(array_field(source, "earlyStoppingRules"));
  assignment.labels = text_map_field(source, "labels");
  if (const Json* from = field(source, "suggestedFrom")) assignment.suggested_from = *from;
  assignment.why = text_field(source, "why");
  return assignment;
}

QueuedPoint read_queued_point(const Json& source) {
  return {integer_field(source, "number").value_or(0), text_map_field(source, "assignments"),
          text_field(source, "client")};
}

/// Copies what is left, not all: this is done for each version of a Suggestion.
Json without_draws(const Json& object) {
  Json raw = Json::object();
  for (const auto& [key, value] : object.items()) {
    if (key != "status" || !value.is_object()) {
      raw[key] = value;
      continue;
    }
    Json& status = raw[key] = Json::object();
    for (const auto& [part, content] : value.items()) {
      if (part != "suggestions") status[part] = content;
    }
  }
  return raw;
}

}  // namespace

Suggestion read_suggestion(const Json& object) {
  Suggestion suggestion;
  const Json& spec = object_field(object, "spec");
  const Json& status = object_field(object, "status");
  suggestion.ns = namespace_of(object);
  suggestion.name = name_of(object);
  suggestion.uid = uid_of(object);
  suggestion.resource_version = resource_version_of(object);
  suggestion.algorithm = read_algorithm(object_field(spec, "algorithm"));
  suggestion.requests = integer_field(spec, "requests").value_or(0);
  suggestion.count = integer_field(status, "suggestionCount").value_or(0);
  for (const Json& assignment : array_field(status, "suggestions")) {
    suggestion.suggestions.push_back(read_trial_assignment(assignment));
  }
  for (const Json& point : array_field(spec, "queued"))
    suggestion.queued.push_back(read_queued_point(point));
  suggestion.queued_taken = integer_field(status, "queuedTaken").value_or(0);
  suggestion.exhausted = flag_field(status, "exhausted");
  suggestion.state = text_field(status, "algorithmState");
  suggestion.raw = without_draws(object);
  return suggestion;
}

Json to_json(const QueuedPoint& point) {
  Json json = {{"number", point.number}, {"assignments", point.assignments}};
  if (!point.client.empty()) json["client"] = point.client;
  return json;
}

Json to_json(const TrialAssignment& assignment) {
  Json json = {{"name", assignment.name},
               {"parameterAssignments", to_json(assignment.assignments)}};
  if (!assignment.stopping_rules.empty())
    json["earlyStoppingRules"] = to_json(assignment.stopping_rules);
  if (!assignment.labels.empty()) json["labels"] = assignment.labels;
  if (!assignment.suggested_from.is_null()) json["suggestedFrom"] = assignment.suggested_from;
  if (!assignment.why.empty()) json["why"] = assignment.why;
  return json;
}

}  // namespace mizan::resources
