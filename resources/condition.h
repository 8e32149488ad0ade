// Conditions in Katib's order.
//
// The last element of status.conditions is what kubectl's columns and Katib's SDK show, so the
// order is part of the behaviour: a changed condition is taken out and appended at the end
// (reference: Katib's util.go).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/time.h"

namespace mizan::resources {

struct Condition {
  std::string type;
  bool status = true;
  std::string reason;
  std::string message;
};

/// Sets `condition` in `conditions` (an array; null becomes one). No-op when type, status and
/// reason are the same; lastTransitionTime is kept when only reason or message changed. Returns
/// whether anything changed.
bool set_condition(Json& conditions, const Condition& condition, Time now);

/// The condition of that type in `object.status.conditions`.
std::optional<Condition> find_condition(const Json& object, std::string_view type);
bool has_condition(const Json& object, std::string_view type);  // present with status "True"
/// Type of the last condition with status True, "" when there is none: what people call the
/// object's state.
std::string last_condition_type(const Json& object);

}  // namespace mizan::resources
