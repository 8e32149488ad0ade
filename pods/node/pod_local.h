// What the node keeps in memory about one of its pods while it runs, and small readings that
// several files of the pod keeper share.
#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "pods/node/pod_keeper.h"

namespace mizan::pods {

struct PodKeeper::Local {
  enum class Stage : std::uint8_t {
    kStarting,  // its place is taken; there may or may not be a shim
    kRunning,   // a shim has it
  };

  Local(controller::Request key_, std::string uid_, std::string folder_)
      : key(std::move(key_)), uid(std::move(uid_)), folder(std::move(folder_)) {}

  bool runs() const { return stage == Stage::kRunning && !exited; }

  const controller::Request key;
  const std::string uid, folder;
  Stage stage = Stage::kStarting;
  Time started;                                    // status.startTime
  std::chrono::steady_clock::time_point launched;  // 0 for pods of an earlier server
  pid_t pid = 0;                                   // of the shim
  std::optional<boost::asio::posix::stream_descriptor> pidfd;
  std::shared_ptr<void> watch;  // of the folder
  bool changed = true;          // there may be a report that isn't written yet
  bool exited = false;          // the shim is gone
  bool running_written = false;
  int unread_claims = 0;                   // how often the claim was there, but not yet readable
  std::optional<std::int64_t> stop_grace;  // seconds, of the last stop that was sent
  ResizeState resize;
  std::int64_t considered = 0;  // generation of the spec that was last looked at for a resize
  bool room_made = false;       // its deferred resize may fit now
  std::vector<std::string> restarting;  // containers that are being ended to be resized
  std::chrono::steady_clock::time_point retry_resize;  // after a failed actuation; 0: none is due
};

controller::Request key_of(const Json& pod);
/// The message of a condition, "" when there is none.
std::string condition_message(const Json& pod, std::string_view type);
/// Why the first container waits, in its words.
std::string waiting_message(const Json& pod);

/// Folder and cgroup; files pool.
Result<> prepare_pod(const PodPlan& plan, const Json& pod, Cgroups* cgroups);

/// What the pod holds of the node: the larger of what it was granted and what is in force.
Amounts held_amounts(const Json& pod, const ResizeState& resize);

}  // namespace mizan::pods
