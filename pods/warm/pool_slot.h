// One pod of a pool as its plan sees it: its lease, what came of it, its size.
#pragma once

#include <optional>
#include <string>

#include "pods/warm/pool_plan.h"
#include "resources/warm_lease.h"

namespace mizan::pods {

struct PoolSlot {
  explicit PoolSlot(PoolView::Object object);

  PoolView::Object pod;
  std::optional<resources::WarmLease> lease;
  std::optional<resources::WarmResult> result;
  bool removed = false;  // being deleted
  bool ended = false;    // phase Succeeded or Failed
  bool running = false;
  bool free = false;  // may have another lease; decided by the plan

  bool alive() const { return !removed && !ended; }
  bool ending() const { return lease && lease->end; }
  bool has_trial() const { return lease && !lease->end; }
};

/// The end of a lease whose pod ended without a word.
struct PodEnd {
  std::string reason, message;
  std::int64_t exit_code = 0;
};
PodEnd end_of_pod(const Json& pod, const std::string& container);

/// resources of the named container (or the first): wanted by the spec, and in force by the status.
Json desired_resources(const Json& pod, const std::string& container);
Json resources_in_force(const Json& pod, const std::string& container);
/// The memory limit, else the request, in bytes; 0: neither.
std::int64_t memory_in(const Json& resources);
std::string memory_text_in(const Json& resources);  // the same as it is written
/// `bytes` more, in whole MiB, wherever an amount of memory is given; never beyond `most`'s memory
/// (an object of amounts by name) unless it was beyond already.
void add_memory(Json& resources, std::int64_t bytes, const Json& most);
/// CPU and memory of requests and limits are the same amounts.
bool same_amounts(const Json& a, const Json& b);

/// Since when the pod's resize waits for room, or could not be done; nullopt: it does not.
struct ResizeTrouble {
  Time since{};
  bool hopeless = false;  // no waiting helps
};
std::optional<ResizeTrouble> resize_trouble(const Json& pod);

}  // namespace mizan::pods
