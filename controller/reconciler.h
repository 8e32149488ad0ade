// A reconciler is told which object, never what happened to it: it reads, plans and applies until
// the world is as the object says. Killing the program between any two steps changes nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/task.h"

namespace mizan::controller {

struct Request {
  std::string ns, name;
  Request(std::string ns_, std::string name_) : ns(std::move(ns_)), name(std::move(name_)) {}
  auto operator<=>(const Request&) const = default;
};

/// When to look again although nothing changed; nullopt: not.
using RequeueAfter = std::optional<std::chrono::milliseconds>;

/// Thread: io. An error means: again, with exponential backoff; kConflict and kCancelled are quiet.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual Task<Result<RequeueAfter>> reconcile(Request request) = 0;
};

}  // namespace mizan::controller
