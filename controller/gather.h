// Several tasks at once: writes that are started together share one commit.
#pragma once

#include <vector>

#include "core/task.h"

namespace mizan::controller {

/// Runs all of `tasks`, at most `limit` at a time, and resumes when every one has ended. The first
/// exception, if any, is thrown then. Thread: io.
Task<> gather(std::vector<Task<>> tasks, std::size_t limit = 32);

}  // namespace mizan::controller
