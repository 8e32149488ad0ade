// spec.runtimePatches of a TrainJob: what a manager changes in the Jobs of the runtime. Pure.
#pragma once

#include <string>

#include "core/json.h"

namespace mizan::pods {

/// Lays what `patch` (one of spec.runtimePatches) says of the Job called `step` over it: labels and
/// annotations of the Job and its pods; volumes, mounts, variables, selectors and the like of the
/// pods. Lists with names are merged by name. What names another Job or no container that is there
/// changes nothing.
void patch_step(const std::string& step, const Json& patch, Json& job);

/// The object under `key`, made where there is none.
Json& object_at(Json& object, const char* key);

/// Puts `entry` into the list `key` of `object` in the place of the entry of its name, or at the
/// end.
void put_named(Json& object, const char* key, Json entry);

}  // namespace mizan::pods
