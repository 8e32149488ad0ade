// A connection's bytes, plain or through TLS, behind one interface, so that HTTP is compiled once.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string_view>

#include "api/server.h"
#include "core/result.h"
#include "core/task.h"

namespace boost::asio::ssl {
class context;
}

namespace mizan::api {

/// Thread: io. At most one read and one write at a time. close() ends both.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Task<std::size_t> read_some(std::span<char> into) = 0;  // 0: the end, an error or close()
  virtual Task<bool> write(std::string_view bytes) = 0;  // all of them; `bytes` outlives the call
  virtual Task<> say_goodbye() = 0;  // TLS close_notify, then the sending side is shut
  virtual void close() = 0;
  virtual bool is_tls() const = 0;
};

/// Errors: kInvalid naming what can't be read.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

/// The first byte a client sends, without taking it; -1 at the end. TLS handshakes begin with 0x16.
Task<int> peek_first_byte(boost::asio::ip::tcp::socket& socket);

std::unique_ptr<Transport> plain_transport(boost::asio::ip::tcp::socket socket);
/// Not yet shaken hands: the first read or write does that.
std::unique_ptr<Transport> tls_transport(boost::asio::ip::tcp::socket socket,
                                         std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace mizan::api
