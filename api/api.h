// Everything between a parsed request and its answer: guards, authentication, routing, and the
// surfaces behind them.
//
// It knows no sockets; the Server feeds it, and tests may call it directly.
#pragma once

#include <memory>
#include <string>

#include "api/http.h"
#include "api/server.h"

namespace mizan::api {

/// Thread: io.
class Api {
 public:
  /// `config` and what `services` refers to outlive the Api.
  Api(const boost::asio::any_io_executor& io, const ServerConfig& config, Services services);
  ~Api();

  /// Never throws for a bad request; a broken world throws, and the connection makes that a 500.
  Task<Response> handle(Request request);

  void set_ready(bool ready);
  /// AskDesk::who_waits.
  std::string who_waits(const std::string& ns, const std::string& experiment,
                        const resources::TrialAssignment& draw);

  /// The server stops: whatever waits ends now.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mizan::api
