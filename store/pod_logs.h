// Where the output of pods is read from: the embedded node's files, or the pod log API of a
// cluster.
//
// An interface in store/ because its readers (api/, experiment/) and its writers (pods/,
// kubernetes/) are peers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/task.h"
#include "core/time.h"

namespace mizan::store {

struct LogOptions {
  std::string container;  // empty: the only one, else kBadRequest
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail_lines, since_seconds, limit_bytes;
  std::optional<Time> since_time;
  /// Of a warm pod: the lines of that trial alone, NAME or, of one attempt, NAME/ATTEMPT.
  std::string trial;
  LogOptions() {}
};

/// Thread: io.
class LogStream {
 public:
  virtual ~LogStream() = default;
  /// Some more bytes; empty at the end (with follow: after the container has ended and all was
  /// read).
  virtual Task<Result<std::string>> next() = 0;
  virtual void cancel() = 0;  // a next() in flight resumes with kCancelled
};

class PodLogs {
 public:
  virtual ~PodLogs() = default;
  /// Errors: kNotFound; kBadRequest with kubelet's sentence (container is waiting to start, a
  /// container name must be specified, previous terminated container not found).
  virtual Task<Result<std::unique_ptr<LogStream>>> open(std::string ns, std::string pod,
                                                        LogOptions options) = 0;
};

}  // namespace mizan::store
