// What `mizan run` and `mizan logs` use to talk to a server: HTTPS with the CA and token of its data directory.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cmd/mizan/data_dir.h"
#include "core/json.h"
#include "core/result.h"
#include "core/task.h"

namespace mizan::cmd {

struct Response {
  int status = 0;
  std::string body;
  /// The body as JSON; null when it is none.
  Json json() const;
};

/// One event of a Server-Sent Events stream.
struct ServerEvent {
  std::string name, data, id;
};

/// Thread: the executor's. Each call opens a connection of its own.
/// Errors: kUnavailable with the address when the server can't be reached; an HTTP error status is a Response.
class Client {
 public:
  Client(boost::asio::any_io_executor executor, RunningServer server);
  ~Client();

  Task<Result<Response>> request(std::string method, std::string target, std::string body = {},
                                 std::string content_type = "application/json");

  /// GET whose body is handed over as it comes, until it ends. Returns the status; a body with an error status is
  /// handed over too.
  Task<Result<int>> stream(std::string target, std::function<void(std::string_view)> on_bytes);

  const RunningServer& server() const { return server_; }

 private:
  struct Connection;
  Task<Result<std::unique_ptr<Connection>>> connect();

  boost::asio::any_io_executor executor_;
  RunningServer server_;
  struct Tls;
  std::unique_ptr<Tls> tls_;
};

/// Cuts a byte stream into Server-Sent Events. Sans-I/O: any split of the same bytes gives the same events.
class ServerEventParser {
 public:
  void feed(std::string_view bytes, const std::function<void(const ServerEvent&)>& on_event);

 private:
  void line(std::string_view text, const std::function<void(const ServerEvent&)>& on_event);
  std::string pending_;
  ServerEvent event_;
  bool has_data_ = false;
};

/// Percent-encodes one path segment or query value.
std::string url_encode(std::string_view text);

}  // namespace mizan::cmd
