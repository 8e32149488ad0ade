// Where the resize of one pod is: desired (its spec) -> allocated (granted by the node) -> actual
// (in force), and the two conditions that tell of it. A pure state machine: the node asks it what
// to do, does it, and says how it went.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "pods/resize/pod_size.h"

namespace mizan::pods {

/// Whether the node can grant a size.
struct Room {
  enum class Answer : std::uint8_t { kFits, kDeferred, kInfeasible };
  Answer answer = Answer::kFits;
  std::string message;  // of the condition; empty when it fits
};

class ResizeState {
 public:
  ResizeState() = default;
  /// A pod as it is started: granted and in force are the same.
  explicit ResizeState(PodSize size) : allocated_(size), actual_(std::move(size)) {}
  /// A pod that an earlier server had. `allocated`: what was kept beside it. The conditions of its
  /// status go on.
  static ResizeState recover(const Json& pod, PodSize allocated, Time now);

  const PodSize& allocated() const { return allocated_; }
  const PodSize& actual() const { return actual_; }
  bool is_settled() const { return allocated_ == actual_ && !must_actuate_; }
  bool is_in_progress() const { return in_progress_; }
  bool is_pending() const { return pending_ != Room::Answer::kFits; }
  bool is_deferred() const { return pending_ == Room::Answer::kDeferred; }
  const std::string& pending_message() const { return pending_message_; }
  const std::string& error() const { return error_; }
  /// When it began to wait; orders those that wait.
  Time pending_since() const { return pending_since_; }

  /// What may have changed for whoever watches the pod.
  enum class Change : std::uint8_t { kNone, kConditions, kAllocated };
  /// The spec of that generation wants `wanted`; `room` is asked when that is not what is granted.
  /// Allocates all containers or none.
  Change consider(const PodSize& wanted, std::int64_t generation,
                  const std::function<Room(const PodSize&)>& room, Time now);

  /// Containers that have to be started anew to get from what is in force to what is granted, by
  /// their resizePolicy.
  std::vector<std::string> needing_restart(const Json& pod) const;

  /// Granted is in force now. True when that ends a resize (an event tells of it).
  bool actuated();
  /// It could not be brought into force. True when that is news: the first time for this size.
  bool failed(std::string error);
  /// The node found other values in force than it believed.
  void found_in_force(PodSize actual) { actual_ = std::move(actual); }

  /// PodResizePending and PodResizeInProgress, as far as they hold.
  Json conditions(Time now) const;

 private:
  PodSize allocated_, actual_;
  std::int64_t allocated_generation_ = 0;
  Room::Answer pending_ = Room::Answer::kFits;
  std::string pending_message_, error_;
  std::int64_t pending_generation_ = 0;
  Time pending_since_, progress_since_;
  bool in_progress_ = false;
  bool must_actuate_ = false;  // an earlier server may have died between granting and actuating
};

/// "Pod resize completed: {…}"
std::string completed_message(const Json& pod);

/// Who is served first of those whose resize is deferred: resizes that raise nothing, then higher
/// priority, then Guaranteed before Burstable before BestEffort, then the longest waiting.
using DeferredRank = std::tuple<bool, std::int64_t, int, Time, std::string>;
DeferredRank deferred_rank(const Json& pod, const ResizeState& state);

}  // namespace mizan::pods
