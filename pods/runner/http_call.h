// One HTTP request over plain TCP that never blocks: the runner's poll loop drives it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

class HttpCall {
 public:
  struct Order {
    std::string url;  // http://ADDRESS:PORT, an IP address or localhost
    std::string method = "GET", target, token, body;
  };
  /// Begins to connect. Errors: kInvalid for another url; kUnavailable when nobody listens.
  static Result<std::unique_ptr<HttpCall>> start(const Order& order);
  ~HttpCall();

  int fd() const { return socket_.get(); }
  short events() const;  // to poll for
  /// After poll() said something, or to give it a try. nullopt: not over yet. Errors: kUnavailable.
  std::optional<Result<HttpAnswer>> step();

 private:
  struct Parser;
  HttpCall(Fd socket, std::string request);

  Fd socket_;
  std::string unsent_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mizan::pods
