// The transitions of a resize.
#include "pods/resize/resize_state.h"

#include <algorithm>
#include <utility>

#include "pods/node/pod_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

constexpr const char* kPending = "PodResizePending";
constexpr const char* kInProgress = "PodResizeInProgress";

const Json& condition_of(const Json& pod, const char* type) {
  static const Json none;
  for (const Json& condition : array_field(object_field(pod, "status"), "conditions")) {
    if (text_field(condition, "type") == type) return condition;
  }
  return none;
}

Time since(const Json& condition) {
  return parse_rfc3339(text_field(condition, "lastTransitionTime")).value_or(Time());
}

Json condition(const char* type, std::int64_t generation, Time since, Time now,
               const std::string& reason, const std::string& message) {
  Json json{{"type", type},
            {"status", "True"},
            {"lastProbeTime", format_rfc3339(now)},
            {"lastTransitionTime", format_rfc3339(since)}};
  if (generation > 0) json["observedGeneration"] = generation;
  if (!reason.empty()) json["reason"] = reason;
  if (!message.empty()) json["message"] = message;
  return json;
}

bool restarts_for(const Json& container, const char* resource) {
  return std::ranges::any_of(array_field(container, "resizePolicy"), [&](const Json& policy) {
    return text_field(policy, "resourceName") == resource &&
           text_field(policy, "restartPolicy") == "RestartContainer";
  });
}

bool differs(const ContainerSize& one, const ContainerSize& other, const char* resource) {
  const auto amount = [&](const Amounts& amounts) {
    const auto found = amounts.find(resource);
    return found == amounts.end() ? resources::Quantity() : found->second;
  };
  return amount(one.requests) != amount(other.requests) ||
         amount(one.limits) != amount(other.limits);
}

}  // namespace

ResizeState ResizeState::recover(const Json& pod, PodSize allocated, Time now) {
  ResizeState state(std::move(allocated));
  state.actual_ = size_in_force(pod, state.allocated_);
  state.must_actuate_ = true;
  if (const Json& progress = condition_of(pod, kInProgress); !progress.is_null()) {
    state.in_progress_ = true;
    state.progress_since_ = since(progress);
    state.error_ = text_field(progress, "message");
    state.allocated_generation_ =
        resources::integer_field(progress, "observedGeneration").value_or(0);
  } else if (state.allocated_ != state.actual_) {  // granted, but nobody was told
    state.in_progress_ = true;
    state.progress_since_ = now;
    state.allocated_generation_ = resources::generation_of(pod);
  }
  if (const Json& pending = condition_of(pod, kPending); !pending.is_null()) {
    state.pending_since_ = since(pending);
    state.pending_ = text_field(pending, "reason") == "Deferred" ? Room::Answer::kDeferred
                                                                 : Room::Answer::kInfeasible;
    state.pending_message_ = text_field(pending, "message");
    state.pending_generation_ = resources::integer_field(pending, "observedGeneration").value_or(0);
  }
  return state;
}

ResizeState::Change ResizeState::consider(const PodSize& wanted, std::int64_t generation,
                                          const std::function<Room(const PodSize&)>& room,
                                          Time now) {
  if (wanted == allocated_) {
    if (!is_pending()) return Change::kNone;
    pending_ = Room::Answer::kFits;
    pending_message_.clear();
    return Change::kConditions;
  }
  Room found = room(wanted);
  if (found.answer == Room::Answer::kFits) {
    allocated_ = wanted;
    allocated_generation_ = generation;
    pending_ = Room::Answer::kFits;
    pending_message_.clear();
    error_.clear();
    if (!in_progress_) progress_since_ = now;
    in_progress_ = true;
    return Change::kAllocated;
  }
  const bool same = found.answer == pending_ && found.message == pending_message_ &&
                    generation == pending_generation_;
  if (found.answer != pending_ || generation != pending_generation_) pending_since_ = now;
  pending_ = found.answer;
  pending_message_ = std::move(found.message);
  pending_generation_ = generation;
  return same ? Change::kNone : Change::kConditions;
}

std::vector<std::string> ResizeState::needing_restart(const Json& pod) const {
  std::vector<std::string> names;
  for (const Json* container : all_containers(pod)) {
    const std::string name = text_field(*container, "name");
    const auto from = actual_.find(name), to = allocated_.find(name);
    if (from == actual_.end() || to == allocated_.end()) continue;
    for (const char* resource : {"cpu", "memory"}) {
      if (!differs(from->second, to->second, resource) || !restarts_for(*container, resource))
        continue;
      names.push_back(name);
      break;
    }
  }
  return names;
}

bool ResizeState::actuated() {
  actual_ = allocated_;
  must_actuate_ = false;
  error_.clear();
  return std::exchange(in_progress_, false);
}

bool ResizeState::failed(std::string error) {
  must_actuate_ = false;
  const bool news = error_.empty();
  if (news) error_ = std::move(error);
  return news;
}

Json ResizeState::conditions(Time now) const {
  Json all = Json::array();
  if (is_pending())
    all.push_back(condition(kPending, pending_generation_, pending_since_, now,
                            is_deferred() ? "Deferred" : "Infeasible", pending_message_));
  if (in_progress_)
    all.push_back(condition(kInProgress, allocated_generation_, progress_since_, now,
                            error_.empty() ? "" : "Error", error_));
  return all;
}

std::string completed_message(const Json& pod) {
  std::string text;
  for (const char* list : {"initContainers", "containers"}) {
    std::string names;
    for (const Json& container : array_field(object_field(pod, "spec"), list)) {
      Json one{{"name", text_field(container, "name")}};
      one["resources"] = to_json(wanted_size(pod)[text_field(container, "name")]);
      names += (names.empty() ? "" : ",") + resources::compact(one);
    }
    if (names.empty()) continue;
    text += (text.empty() ? "\"" : ",\"") + std::string(list) + "\":[" + names + "]";
  }
  return "Pod resize completed: {" + text + "}";
}

DeferredRank deferred_rank(const Json& pod, const ResizeState& state) {
  const Amounts now = pod_requests(with_size(pod, state.allocated()));
  bool raises = false;
  for (const auto& [name, amount] : pod_requests(pod)) {
    const auto held = now.find(name);
    raises = raises || held == now.end() || amount > held->second;
  }
  const std::string qos = qos_class(pod);
  const int rank = qos == "Guaranteed" ? 0 : qos == "Burstable" ? 1 : 2;
  const auto priority = resources::integer_field(object_field(pod, "spec"), "priority").value_or(0);
  return {raises, -priority, rank, state.pending_since(), resources::uid_of(pod)};
}

}  // namespace mizan::pods
