// A blocking HTTP/1.1 client for tests, small enough to see every byte. Plain or TLS.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace mizan::testing {

struct HttpAnswer {
  unsigned status = 0;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const;
  Json json() const;  // throws for what is no JSON
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One connection. Throws std::runtime_error when the server closes it or ten seconds pass without
/// a byte.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, bool tls = false);
  ~HttpClient();

  HttpAnswer send(std::string_view method, std::string_view target, std::string_view body = "",
                  HttpHeaders headers = {});
  HttpAnswer get(std::string_view target, HttpHeaders headers = {}) {
    return send("GET", target, "", std::move(headers));
  }
  HttpAnswer post(std::string_view target, const Json& body, HttpHeaders headers = {}) {
    return send("POST", target, body.dump(), std::move(headers));
  }

  /// Sends a request and reads only the head; then read_line() gives the body as it comes.
  HttpAnswer open(std::string_view target, HttpHeaders headers = {});
  std::string read_line();  // of a chunked body, without its newline; throws at the end
  bool at_end();            // reads on until there is more or the body has ended

  void write_raw(std::string_view bytes);
  HttpAnswer read_answer(bool head_only = false, bool has_body = true);
  /// Everything until the server closes.
  std::string read_to_end();
  void close();

  std::string token;  // sent as Bearer when not empty

 private:
  struct Socket;
  bool fill();  // false at the end
  std::string take_line();
  std::string take_bytes(std::size_t count);
  bool next_chunk();

  std::unique_ptr<Socket> socket_;
  std::uint16_t port_;
  std::string in_;
  std::string chunk_;
  bool chunks_ended_ = true;
};

}  // namespace mizan::testing
