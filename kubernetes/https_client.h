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
  int retry_after_seconds = 0;  // Retry-After, 0 when absent
  /// The body as JSON; null when it is none.
  Json json() const;
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

  /// GET whose body is handed over as it comes, on a connection of its own, until it ends or
  /// `on_bytes` says false. Returns the status; a body with an error status is handed over too.
  Task<Result<int>> stream(HttpRequest request,
                           std::function<bool(int status, std::string_view bytes)> on_bytes);

  const Endpoint& endpoint() const;

 private:
  struct Connection;
  struct State;
  explicit HttpsClient(std::unique_ptr<State> state);
  Task<Result<std::unique_ptr<Connection>>> connect();
  std::unique_ptr<State> state_;
};

/// Percent-encodes one path segment or query value.
std::string url_encode(std::string_view text);

}  // namespace mizan::kubernetes
