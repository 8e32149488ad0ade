// The server, wired: every room gets what it needs through its constructor here and nowhere else.
#pragma once

#include <memory>
#include <string>

#include "cmd/mizan/data_dir.h"
#include "cmd/mizan/options.h"
#include "core/result.h"

namespace mizan::cmd {

/// Thread: create() and run() on one thread, which is the program's io thread while run() lasts;
/// stop() from any.
class App {
 public:
  /// Takes the data directory, opens the store, binds the address. Nothing runs yet.
  /// Errors: as DataDir::open; kInvalid for an address or quantity that can't be read;
  /// kAlreadyExists when the port is taken.
  static Result<std::unique_ptr<App>> create(ServerOptions options);
  ~App();

  /// The address it listens on, and what a client needs.
  RunningServer reachable() const;

  /// Serves until stop(). A clean stop takes less than 5 s, plus the trials' grace with
  /// --stop-trials.
  void run();

  /// `kill_trials`: no grace for the trials that are to be stopped.
  void stop(bool kill_trials = false);

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mizan::cmd
