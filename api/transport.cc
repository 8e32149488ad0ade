// The one file of this room that includes Asio's TLS.
#include "api/transport.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

namespace mizan::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {}

  Task<std::size_t> read_some(std::span<char> buffer) override {
    error_code error;
    const std::size_t count =
        co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), into(error));
    co_return error ? 0 : count;
  }

  Task<bool> write(std::string_view bytes) override {
    error_code error;
    co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), into(error));
    co_return !error;
  }

  Task<> say_goodbye() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

  bool is_tls() const override { return false; }

 private:
  tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  Task<std::size_t> read_some(std::span<char> buffer) override {
    error_code error;
    if (!shaken_) {
      // The connection reads before it writes, so the handshake belongs here.
      co_await stream_.async_handshake(asio::ssl::stream_base::server, into(error));
      if (error) co_return 0;
      shaken_ = true;
    }
    const std::size_t count =
        co_await stream_.async_read_some(asio::buffer(buffer.data(), buffer.size()), into(error));
    co_return error ? 0 : count;
  }

  Task<bool> write(std::string_view bytes) override {
    error_code error;
    co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), into(error));
    co_return !error;
  }

  Task<> say_goodbye() override {
    // async_shutdown sends our close_notify and then waits for the client's; the deadline of the
    // connection ends that wait when none comes.
    error_code ignored;
    if (shaken_ && !closed_) co_await stream_.async_shutdown(into(ignored));
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

  void close() override {
    closed_ = true;
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  bool is_tls() const override { return true; }

 private:
  std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<tcp::socket> stream_;
  bool shaken_ = false;
  bool closed_ = false;
};

}  // namespace

Result<std::shared_ptr<asio::ssl::context>> make_tls_context(const TlsFiles& files) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  using Context = asio::ssl::context;
  context->set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 |
                       Context::no_tlsv1 | Context::no_tlsv1_1 | Context::no_compression);
  // Idle connections (watches) give their 34 kB of buffers back.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  error_code error;
  context->use_certificate_chain(asio::buffer(files.certificate_pem), error);
  if (error)
    return fail(Code::kInvalid,
                fmt::format("can't use the server's certificate: {}", error.message()));
  context->use_private_key(asio::buffer(files.private_key_pem), Context::pem, error);
  if (error)
    return fail(Code::kInvalid,
                fmt::format("can't use the server's private key: {}", error.message()));
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return fail(Code::kInvalid, "the server's private key doesn't belong to its certificate");
  }
  return context;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): serve() owns the socket
Task<int> peek_first_byte(tcp::socket& socket) {
  while (true) {
    error_code error;
    co_await socket.async_wait(tcp::socket::wait_read, into(error));
    if (error) co_return -1;
    unsigned char first = 0;
    const ssize_t count = ::recv(socket.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    // Asio may wake for what came on a socket that was closed a moment ago.
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    co_return count == 1 ? first : -1;
  }
}

std::unique_ptr<Transport> plain_transport(tcp::socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> tls_transport(tcp::socket socket,
                                         std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

}  // namespace mizan::api
