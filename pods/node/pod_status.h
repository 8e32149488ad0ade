// Pod.status as kubelet writes it, made from what a shim reports. Pure.
#pragma once

#include <string>

#include "core/json.h"
#include "core/time.h"
#include "pods/resize/resize_state.h"
#include "pods/shim/report.h"

namespace mizan::pods {

struct StatusFacts {
  Time now;
  Time started;  // when the node took the pod in; kept when the pod has a startTime already
};

/// The pod doesn't fit: Pending, PodScheduled False with reason Unschedulable and `message`.
Json unschedulable_status(const Json& pod, const StatusFacts& facts, const std::string& message);

/// It is on the node, but its containers can't be started (yet): each waits for `reason`.
Json waiting_status(const Json& pod, const StatusFacts& facts, const std::string& reason,
                    const std::string& message);

/// It runs or has run. `resize`: what it was granted, what is in force, and the conditions that
/// tell of the way between them.
Json status_from_report(const Json& pod, const StatusFacts& facts, const PodReport& report,
                        const ResizeState& resize);

/// It ended without a report: Failed for `reason`; containers that ran are ContainerStatusUnknown,
/// exit code 137.
Json lost_status(const Json& pod, const StatusFacts& facts, const std::string& reason,
                 const std::string& message);

bool is_finished(const Json& pod);  // phase Succeeded or Failed

}  // namespace mizan::pods
