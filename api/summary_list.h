// {"resourceVersion", "items": […]} of summaries, made without holding the io thread for long.
#pragma once

#include <string>

#include "core/json.h"
#include "core/task.h"
#include "store/object_store.h"

namespace mizan::api {

/// Thread: io. Gives way to others after each few hundred objects. `page` outlives the call.
Task<std::string> summary_list(const store::Page& page, Json (*summarize)(const Json& object));

}  // namespace mizan::api
