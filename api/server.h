// The HTTP server: one port, TLS and plain told apart by the first byte of a connection.
//
// It owns sockets, limits and time-outs, and hands each request to the Api (api/api.h), which knows
// no sockets.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/assets.h"
#include "api/auth.h"
#include "api/ports.h"
#include "core/result.h"
#include "core/task.h"
#include "core/time.h"
#include "resources/definition.h"
#include "resources/suggestion.h"
#include "store/object_store.h"
#include "store/observation_log.h"
#include "store/pod_logs.h"

namespace prometheus {
class Registry;
}

namespace mizan::api {

struct Limits {
  std::size_t max_body_bytes = 3 * 1024 * 1024;  // kube-apiserver's
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_headers = 100;
  std::size_t max_connections = 4096;
  std::size_t max_watches = 2048;  // of the Kubernetes surface; more are answered 429
  std::size_t gzip_from_bytes = 128 * 1024;
  std::chrono::milliseconds header_timeout{
      15'000};  // from the first byte of a request to the end of its headers
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{120'000};  // between two requests
  std::chrono::milliseconds write_timeout{
      30'000};                                     // a client that takes nothing for so long is cut
  std::chrono::milliseconds drain_timeout{4'000};  // stop() waits so long for answers under way
};

struct TlsFiles {
  std::string certificate_pem;  // the chain, the server's own first
  std::string private_key_pem;
};

struct ServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;               // 0: any free one
  std::optional<TlsFiles> tls;          // absent: plain only
  bool allow_plain = true;              // false: a plain request is told to use https
  bool allow_plain_from_here = false;   // but not one from this machine: warm pods' runners
  std::vector<std::string> host_names;  // taken in Host beside localhost and IP addresses
  std::string version = "0.1.0";        // mizan's
  std::string session_secret;           // signs session cookies; empty: a random one
  Limits limits;
};

class RunnerWords;

/// Everything the handlers need; all outlive the server. Pointers may be null.
struct Services {
  store::ObjectStore& store;
  resources::ResourceTable& table;
  store::ObservationLog& observations;
  store::PodLogs& pod_logs;
  const Assets& assets;
  const Authenticator& authenticator;
  const Clock& clock;
  prometheus::Registry& metrics;
  TrialLogs* trial_logs = nullptr;
  PodUsage* usage = nullptr;
  PodExec* exec = nullptr;
  PodResizes* resizes = nullptr;
  StoppingAdvice* stopping = nullptr;
  Analysis* analysis = nullptr;
  RunnerWords* runner_words = nullptr;
  std::string lease_key = {};  // signs the tokens of warm pods' runners; empty: none is taken
};

/// Thread: io, all of it.
class Server {
 public:
  Server(boost::asio::any_io_executor io, ServerConfig config, Services services);
  ~Server();  // after stop() has finished, or when the executor runs no more

  /// Binds and accepts. Errors: kInvalid for a bad address, certificate or key; kAlreadyExists when
  /// the port is taken.
  Result<> start();
  std::uint16_t port() const;
  /// What clients put before a path: "https://127.0.0.1:8080" when there is TLS, else "http://…".
  std::string url() const;

  /// Until set_ready(true), /readyz answers 503.
  void set_ready(bool ready);

  /// AskDesk::who_waits.
  std::string who_waits(const std::string& ns, const std::string& experiment,
                        const resources::TrialAssignment& draw);

  /// Accepts no more, ends watches, lets answers under way finish within Limits::drain_timeout,
  /// then cuts.
  Task<> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mizan::api
