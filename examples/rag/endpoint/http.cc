// See http.h. A connection per request: the model behind it costs far more.
#include "examples/rag/endpoint/http.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>
#include <charconv>
#include <chrono>
#include <optional>

namespace mizan::rag {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using Request = http::request<http::string_body>;

struct Target {
  std::string host;
  std::string port;
  std::string path;
  bool tls = false;
};

Result<Target> parse_target(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  const bool usable = parsed.has_value() && !parsed->host().empty() &&
                      (parsed->scheme() == "http" || parsed->scheme() == "https");
  if (!usable) {
    return fail(
        Code::kBadRequest,
        fmt::format("'{}' is no address: give http://HOST:PORT/v1 or https://HOST/v1", url));
  }
  Target out;
  out.tls = parsed->scheme() == "https";
  out.host = parsed->host_address();
  out.port = parsed->has_port() ? std::string(parsed->port()) : out.tls ? "443" : "80";
  out.path = parsed->encoded_target();
  if (out.path.empty()) out.path = "/";
  return out;
}

template <class Stream>
asio::awaitable<http::response<http::string_body>> send_and_read(Stream& stream,
                                                                 const Request& request) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;
  co_await http::async_write(stream, request, use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostBytes);
  co_await http::async_read(stream, buffer, parser, use_awaitable);
  co_return parser.release();
}

// The caller's frame outlives this: it blocks until the io_context has run out of work.
asio::awaitable<http::response<http::string_body>> talk(Target target, Request request,
                                                        std::chrono::milliseconds limit) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const auto found = co_await resolver.async_resolve(target.host, target.port, use_awaitable);
  if (!target.tls) {
    beast::tcp_stream stream(executor);
    stream.expires_after(limit);
    co_await stream.async_connect(found, use_awaitable);
    co_return co_await send_and_read(stream, request);
  }
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_default_verify_paths();
  context.set_verify_mode(asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> stream(executor, context);
  stream.set_verify_callback(asio::ssl::host_name_verification(target.host));
  if (SSL_set_tlsext_host_name(stream.native_handle(), target.host.c_str()) != 1) {
    throw std::runtime_error("the host's name can't be sent");
  }
  beast::get_lowest_layer(stream).expires_after(limit);
  co_await beast::get_lowest_layer(stream).async_connect(found, use_awaitable);
  co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
  co_return co_await send_and_read(stream, request);
}

double retry_after(const http::response<http::string_body>& response) {
  const auto header = response.find(http::field::retry_after);
  double seconds = -1;
  if (header != response.end()) {
    const auto text = header->value();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  return seconds;
}

}  // namespace

Result<HttpResponse> http_post(const std::string& url,
                               const std::map<std::string, std::string>& headers,
                               const std::string& body, double timeout_seconds) {
  TRY(const Target target, parse_target(url));
  Request request(http::verb::post, target.path, 11);
  request.set(http::field::host, target.host + ":" + target.port);
  request.set(http::field::content_type, "application/json");
  request.set(http::field::user_agent, "rag-trial");
  request.keep_alive(false);
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();

  const auto limit = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_seconds * 1000));
  const std::string place = target.host + ":" + target.port;
  asio::io_context io;
  std::optional<http::response<http::string_body>> response;
  std::optional<Error> error;
  asio::co_spawn(io, talk(target, std::move(request), limit),
                 [&](std::exception_ptr thrown, http::response<http::string_body> got) {
                   if (!thrown) {
                     response = std::move(got);
                     return;
                   }
                   try {
                     std::rethrow_exception(thrown);
                   } catch (const boost::system::system_error& e) {
                     const bool late = e.code() == beast::error::timeout;
                     error = Error{
                         late ? Code::kTimeout : Code::kUnavailable,
                         late ? fmt::format("{} gave no answer within {} s", place, timeout_seconds)
                              : fmt::format("{}: {}", place, e.code().message()),
                         {}};
                   } catch (const std::exception& e) {
                     error = Error{Code::kUnavailable, fmt::format("{}: {}", place, e.what()), {}};
                   }
                 });
  io.run_for(limit + std::chrono::seconds(1));  // resolving has no limit of its own
  if (response)
    return HttpResponse{response->result_int(), response->body(), retry_after(*response)};
  if (error) return fail(*error);
  return fail(Code::kTimeout, fmt::format("{} gave no answer within {} s", place, timeout_seconds));
}

}  // namespace mizan::rag
