// One client's connection: HTTP/1.1 requests in, answers out, one at a time, with the limits that
// keep a bad client from hurting others.
//
// While a handler works for long or a body streams, the connection reads ahead, so that it notices
// a client that goes away; what it reads then is the next request and is kept.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "api/http.h"
#include "api/server.h"
#include "api/transport.h"

namespace mizan::api {

using HandleRequest = std::function<Task<Response>(Request)>;

/// Thread: io. Lives as long as its run() or a read-ahead does.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  Connection(const boost::asio::any_io_executor& io, const Limits& limits, HandleRequest handle);
  ~Connection();

  /// Serves requests until the client or the server has had enough. Never throws.
  Task<> run(std::unique_ptr<Transport> transport);

  /// Closes when a deadline has passed. Called by the server's sweep.
  void enforce(Deadline now);

  /// Ends after the answer under way; ends streams and waiting handlers now.
  void finish();
  void close();

 private:
  enum class Outcome { kRequest, kEnd, kRefused };
  class Bytes;
  struct Head;  // what the answer needs to know of the request

  Task<Outcome> read_request(Request& request, Head& head);
  Task<bool> read_more();
  Task<bool> answer(Response response, const Head& head);
  Task<> switch_protocols(std::unique_ptr<Upgrade> upgrade);
  Task<bool> send_stream(BodyStream& stream, bool chunked);
  Task<bool> write(std::string_view bytes);
  Task<> refuse(unsigned status, std::string_view text);
  Task<> linger();
  Task<Response> call_handler(Request request);
  void begin_read_ahead();
  static Task<> read_ahead(std::shared_ptr<Connection> self);
  void hang_up();

  boost::asio::any_io_executor io_;
  const Limits& limits_;
  HandleRequest handle_;
  std::unique_ptr<Transport> transport_;
  std::string in_;  // read and not yet parsed
  bool finishing_ = false;
  bool ended_ = false;  // the client sends no more
  bool idle_ = false;   // between two requests
  bool reading_ahead_ = false;
  boost::asio::steady_timer read_ahead_done_;
  std::function<void()> on_hangup_;
  Deadline read_deadline_ = Deadline::max();
  Deadline write_deadline_ = Deadline::max();
};

}  // namespace mizan::api
