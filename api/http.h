// What an HTTP exchange is to the handlers: plain values, without Beast and without sockets.
//
// A handler takes a Request and returns a Response; a long answer (a watch, a followed log,
// server-sent events) is a BodyStream that the connection pulls from, so that a slow client slows
// its own producer and nobody else's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/task.h"

namespace mizan::api {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

std::string_view to_string(Method method);

/// True for GET, HEAD and OPTIONS: nothing changes on the server.
bool is_safe(Method method);

/// Names compare without case. Few entries, so a vector.
class Headers {
 public:
  std::string_view get(std::string_view name) const;  // "" when absent; the first of several
  bool has(std::string_view name) const;
  void set(std::string_view name, std::string value);  // replaces
  void add(std::string_view name, std::string value);
  void erase(std::string_view name);
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

struct Request {
  Method method = Method::kGet;
  std::string target;  // as it came: path and query, still percent-encoded
  Headers headers;
  std::string body;
  bool tls = false;
  /// Calls back once, on the io thread, when the client goes away before the answer is ready. Set
  /// by the connection; a handler that waits for long asks for it. Empty in tests without a
  /// connection.
  std::function<void(std::function<void()>)> on_hangup;
};

/// Thread: io.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// Some more bytes, never empty before the end; empty ends the body. An error cuts the
  /// connection, which is how HTTP/1.1 says that the body isn't whole.
  virtual Task<Result<std::string>> next() = 0;
  /// The client is gone or the server stops: a next() in flight resumes soon.
  virtual void cancel() = 0;
};

/// The bytes of a connection after 101 Switching Protocols.
class Duplex {
 public:
  virtual ~Duplex() = default;
  virtual Task<std::string> read() = 0;             // "" at the end
  virtual Task<bool> write(std::string bytes) = 0;  // false when the client is gone
};

/// What follows a 101. Thread: io.
class Upgrade {
 public:
  virtual ~Upgrade() = default;
  /// The connection is closed when this resumes.
  virtual Task<> run(std::shared_ptr<Duplex> bytes) = 0;
  /// The server stops: run() ends soon.
  virtual void cancel() = 0;
};

struct Response {
  unsigned status = 200;
  Headers headers;
  std::string body;
  std::unique_ptr<BodyStream> stream;  // when set, `body` is not sent
  std::unique_ptr<Upgrade> upgrade;    // with status 101
};

Response text_response(unsigned status, std::string body,
                       std::string content_type = "text/plain; charset=utf-8");
Response json_response(unsigned status, std::string body);

/// What kube-apiserver answers where there is nothing: text, not a Status.
Response page_not_found();

}  // namespace mizan::api
