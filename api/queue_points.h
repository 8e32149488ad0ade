// `:enqueue`, and `fixed` of `:ask`: points that users want tried next, put into the Suggestion's
// spec, where the next draws take them from.
#pragma once

#include <map>
#include <string>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "store/object_store.h"

namespace mizan::api {

using Assignments = std::map<std::string, std::string>;

/// So many points may wait at once.
inline constexpr std::size_t kMostQueued = 1000;

/// An object of parameter names and values; numbers are taken as their text. `field` is its path
/// for errors. Errors: kInvalid. Pure.
Result<Assignments> read_assignments_object(const Json& object, const std::string& field);

/// Whether each is a value of a parameter of the Experiment; some may be left out. Errors: kInvalid
/// at "<field>.<name>". Pure.
Result<> check_assignments(const Json& experiment, const Assignments& assignments,
                           const std::string& field);

/// Adds `assignments` so many times; returns how many points wait now. Errors: kNotFound (no such
/// Experiment), kConflict (it has ended, or will draw no more, or isn't taken up yet), kInvalid,
/// kTooManyRequests.
Task<Result<std::int64_t>> queue_points(store::ObjectStore& store, std::string ns,
                                        std::string experiment, Assignments assignments,
                                        std::string field, std::string client, std::int64_t times);

}  // namespace mizan::api
