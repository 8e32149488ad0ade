// The node's side of the shim host: starts it, asks it for shims, starts it anew when it died.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "core/result.h"
#include "core/task.h"
#include "pods/shim/launch_plan.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {

struct LaunchedShim {
  pid_t pid = 0;
  Fd pidfd;
};

/// Thread: io. Calls in flight must have ended before it is destroyed. Its end doesn't touch the
/// shims.
class ShimLauncher {
 public:
  /// `binary`: the program that has shim_main, called as `binary shim --host`.
  ShimLauncher(boost::asio::any_io_executor executor, std::string binary);
  ~ShimLauncher();
  ShimLauncher(const ShimLauncher&) = delete;
  ShimLauncher& operator=(const ShimLauncher&) = delete;

  /// Starts a shim on a folder with a plan. Errors: kUnavailable when the host died or gives no
  /// answer; whether the pod was started is then told by its claim alone.
  Task<Result<LaunchedShim>> launch(std::string folder);
  /// What isolation pods get on this machine.
  Task<Result<Isolation>> probe();

 private:
  struct Host;
  Result<std::shared_ptr<Host>> host();

  boost::asio::any_io_executor executor_;
  std::string binary_;
  std::shared_ptr<Host> host_;
};

/// A pidfd of a process that need not be a child. Errors: kNotFound when there is none.
Result<Fd> open_pidfd(pid_t pid);
/// SIGTERM that carries a grace period to a shim. False when it is gone.
bool send_stop(int pidfd, std::int64_t grace_ms);
/// Tells a shim that there are new orders in its folder. False when it is gone.
bool send_orders(int pidfd);

}  // namespace mizan::pods
