// Tolerant reading of pods.
#include "pods/warm/pool_slot.h"

#include <algorithm>

#include "pods/warm/warm_pod.h"
#include "resources/meta.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::Quantity;
using resources::text_field;

const Json& status_of(const Json& pod, const std::string& container) {
  static const Json none = Json::object();
  const Json& all = array_field(object_field(pod, "status"), "containerStatuses");
  for (const Json& status : all) {
    if (text_field(status, "name") == container) return status;
  }
  return all.empty() ? none : all.front();
}

std::optional<Quantity> amount(const Json& amounts, const char* name) {
  const Json* value = resources::field(amounts, name);
  return value == nullptr ? std::nullopt : Quantity::from_json(*value);
}
std::optional<Quantity> amount(const Json& resources, const char* which, const char* name) {
  return amount(object_field(resources, which), name);
}

}  // namespace

PoolSlot::PoolSlot(PoolView::Object object)
    : pod(std::move(object)),
      lease(resources::lease_of(*pod)),
      result(resources::lease_result_of(*pod)) {
  const std::string phase = string_at(*pod, "status.phase", "Pending");
  removed = resources::is_being_deleted(*pod);
  ended = phase == "Succeeded" || phase == "Failed";
  // A runner may be done with its first trial before the node has said that it runs.
  running = phase == "Running" || (result && !ended);
}

PodEnd end_of_pod(const Json& pod, const std::string& container) {
  PodEnd end;
  const Json& status = status_of(pod, container);
  const Json& state = object_field(object_field(status, "state"), "terminated");
  end.exit_code = resources::integer_field(state, "exitCode").value_or(0);
  end.reason = text_field(state, "reason");
  end.message = text_field(state, "message");
  const std::string of_pod = string_at(pod, "status.reason");
  if (end.reason != "OOMKilled" && !of_pod.empty()) {
    end.reason = of_pod;
    end.message = string_at(pod, "status.message");
  }
  if (end.reason.empty() || end.reason == "Completed") end.reason = "RunnerEnded";
  if (end.message.empty() && end.reason != "OOMKilled")
    end.message = "the warm pod's runner ended before the trial did";
  return end;
}

Json desired_resources(const Json& pod, const std::string& container) {
  const Json* found = primary_container(object_field(pod, "spec"), container);
  return found == nullptr ? Json::object() : object_field(*found, "resources");
}

Json resources_in_force(const Json& pod, const std::string& container) {
  const Json& status = status_of(pod, container);
  const Json* own = resources::field(status, "resources");
  return own == nullptr ? desired_resources(pod, container) : *own;
}

std::int64_t memory_in(const Json& resources) {
  for (const char* which : {"limits", "requests"}) {
    const auto found = amount(resources, which, "memory");
    if (found && !found->is_negative()) return found->units();
  }
  return 0;
}

std::string memory_text_in(const Json& resources) {
  for (const char* which : {"limits", "requests"}) {
    if (const auto found = amount(resources, which, "memory")) return found->text();
  }
  return {};
}

void add_memory(Json& resources, std::int64_t bytes, const Json& most) {
  constexpr std::int64_t kMebibyte = 1 << 20;
  const std::int64_t more = (bytes + kMebibyte - 1) / kMebibyte * kMebibyte;
  const auto bound = amount(most, "memory");
  for (const char* which : {"requests", "limits"}) {
    const auto own = amount(resources, which, "memory");
    if (!own) continue;
    std::int64_t wanted = own->units() + more;
    if (bound) wanted = std::max(own->units(), std::min(wanted, bound->units()));
    resources[which]["memory"] = Quantity::of_bytes(wanted).text();
  }
}

bool same_amounts(const Json& a, const Json& b) {
  for (const char* which : {"limits", "requests"}) {
    for (const char* name : {"cpu", "memory"}) {
      const auto one = amount(a, which, name), other = amount(b, which, name);
      if (one.has_value() != other.has_value()) return false;
      if (one && (*one < *other || *other < *one)) return false;
    }
  }
  return true;
}

std::optional<ResizeTrouble> resize_trouble(const Json& pod) {
  for (const Json& condition : array_field(object_field(pod, "status"), "conditions")) {
    const std::string type = text_field(condition, "type"),
                      reason = text_field(condition, "reason");
    if (text_field(condition, "status", "True") != "True") continue;
    const bool pending = type == "PodResizePending";
    const bool error = type == "PodResizeInProgress" && reason == "Error";
    if (!pending && !error) continue;
    return ResizeTrouble{
        parse_rfc3339(text_field(condition, "lastTransitionTime")).value_or(Time{}),
        error || reason == "Infeasible"};
  }
  return std::nullopt;
}

}  // namespace mizan::pods
