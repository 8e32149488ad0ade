// Events: what happened to an object, said once, in a sentence, where `kubectl describe` shows it.
#pragma once

#include <string>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"

namespace mizan::controller {

enum class EventType { kNormal, kWarning };

/// Thread: io.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Records an Event about `object` (apiVersion, kind, metadata are read from it). Returns at
  /// once; written in the background. The same event again within ten minutes raises its count
  /// instead. Failures are logged.
  virtual void record(const Json& object, EventType type, std::string reason,
                      std::string message) = 0;
};

}  // namespace mizan::controller
