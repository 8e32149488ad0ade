// `:ask`: hands each drawn trial to exactly one client, and asks for more draws when clients wait.
//
// Whom a trial belongs to is its client-id annotation: made with the trial for a client that waits
// in the same process, else written by compare-and-swap; what is kept here only saves looking. All
// asks of an experiment share one room with its live state, so that together they ask for just
// enough.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "resources/suggestion.h"
#include "store/object_store.h"

namespace mizan::api {

struct AskRequest {
  std::int64_t count = 1;
  std::string client;  // "" for an ask that is always new
  std::chrono::seconds wait{10};
  std::map<std::string, std::string> fixed;  // not empty: `count` new trials with these values
};

/// {"count": 1, "clientId": "w1", "waitSeconds": 10, "fixed": {"lr": "0.01"}}, all optional.
/// Errors: kInvalid. Pure.
Result<AskRequest> read_ask(const Json& body);

/// Thread: io. The store outlives the desk.
class AskDesk {
 public:
  AskDesk(boost::asio::any_io_executor io, store::ObjectStore& store);
  ~AskDesk();

  /// {"trials": [{name, assignments}], "exhausted": bool}. `on_hangup` (may be empty) takes a
  /// callback for when the client goes away, which ends the wait. Errors: kNotFound, kInvalid (not
  /// a client-run experiment), kTooManyRequests (too many open trials).
  Task<Result<Json>> ask(std::string ns, std::string experiment, AskRequest request,
                         std::function<void(std::function<void()>)> on_hangup);

  /// The client that waits here for a trial of this experiment and gets the one that is about to be
  /// made of `draw`, which it then needn't be written on again; "" when nobody waits, and then the
  /// trial is for whoever asks first. Asked twice about a trial it gives the same client while that
  /// one waits.
  std::string who_waits(const std::string& ns, const std::string& experiment,
                        const resources::TrialAssignment& draw);

  /// Ends all watches and waits.
  void close();

 private:
  struct Room;
  std::shared_ptr<Room> enter(const std::string& ns, const std::string& experiment);

  boost::asio::any_io_executor io_;
  store::ObjectStore& store_;
  bool closed_ = false;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Room>> rooms_;
};

}  // namespace mizan::api
