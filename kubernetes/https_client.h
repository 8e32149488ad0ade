// HTTPS to a Kubernetes-style API server: a cluster's, or mizan's own.
//
// HTTP/1.1 with keep-alive connections that are used again. Beast is included by https_client.cc
// alone.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"

namespace mizan::kubernetes {

/// Where a server is and who we are there. PEM texts; empty fields are not used.
struct Endpoint {
  std::string address;              // "https://127.0.0.1:8080"
  std::string ca_certificate = {};  // empty: the system's authorities
  std::string bearer_token = {};
  std::string client_certificate = {}, client_key = {};
};

struct HttpRequest {
  std::string method = "GET";
  std::string target;  // path and query, already encoded
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct HttpResponse {
  int status = 0;
  std::string body;
  int retry_after_seconds = 0;        // Retry-After, 0 when absent
  std::vector<std::string> warnings;  // the texts of Warning headers
  /// The body as JSON; null when it is none.
  Json json() const;
};

/// A response on its way: a watch, a log, Server-Sent Events. Thread: the executor's.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  virtual int status() const = 0;
  /// Some more bytes of the body, empty at its end. Errors: kUnavailable when the connection broke;
  /// kCancelled.
  virtual Task<Result<std::string>> next() = 0;
  /// A next() in flight resumes with kCancelled, and so do all later ones.
  virtual void cancel() = 0;
};

/// Thread: the executor's. Errors: kUnavailable with the address and the cause when the server
/// can't be reached or breaks off; an HTTP error status is a response.
class HttpsClient {
 public:
  /// Errors: kBadRequest for an address that is none, or certificates that can't be read.
  static Result<std::unique_ptr<HttpsClient>> create(boost::asio::any_io_executor executor,
                                                     Endpoint endpoint);
  ~HttpsClient();

  Task<Result<HttpResponse>> request(HttpRequest request);
  Task<Result<HttpResponse>> get(std::string target);

  /// A GET whose body is read as it comes, on a connection of its own.
  Task<Result<std::unique_ptr<HttpStream>>> open(HttpRequest request);

  const Endpoint& endpoint() const;

 private:
  struct Connection;
  class OpenStream;
  struct State;
  explicit HttpsClient(std::unique_ptr<State> state);
  Task<Result<std::unique_ptr<Connection>>> connect();
  std::unique_ptr<State> state_;
};

/// Percent-encodes one path segment or query value.
std::string url_encode(std::string_view text);

}  // namespace mizan::kubernetes
