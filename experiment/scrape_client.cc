// The only file of the room that speaks HTTP.
#include "experiment/scrape_client.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>

namespace mizan::experiment {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::uint64_t kMostBytes = 4ULL << 20U;
constexpr std::uint32_t kMostHeaders = 16U << 10U;

/// The connection, and whether its time is up: shared with the timer that ends it.
struct Connection {
  explicit Connection(const asio::any_io_executor& executor)
      : socket(executor), resolver(executor), timer(executor) {}
  tcp::socket socket;
  tcp::resolver resolver;
  asio::steady_timer timer;
  bool late = false;
};

void end_after(const std::shared_ptr<Connection>& connection, std::chrono::milliseconds patience) {
  connection->timer.expires_after(patience);
  connection->timer.async_wait([connection](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    connection->late = true;
    boost::system::error_code ignored;
    connection->resolver.cancel();
    connection->socket.close(ignored);
  });
}

http::request<http::empty_body> request_of(const ScrapeEndpoint& endpoint) {
  http::request<http::empty_body> request(http::verb::get, endpoint.path, 11);
  request.set(http::field::host, fmt::format("{}:{}", endpoint.host, endpoint.port));
  request.set(http::field::accept, "text/plain;version=0.0.4");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : endpoint.headers) {
    if (!name.empty()) request.set(name, value);
  }
  return request;
}

}  // namespace

Task<Result<std::string>> scrape(asio::any_io_executor executor, ScrapeEndpoint endpoint,
                                 std::chrono::milliseconds patience) {
  const auto connection = std::make_shared<Connection>(executor);
  end_after(connection, patience);
  const std::string where =
      fmt::format("its endpoint {}:{}{}", endpoint.host, endpoint.port, endpoint.path);
  boost::system::error_code error;
  const auto failed = [&](const char* what) -> std::unexpected<Error> {
    connection->timer.cancel();
    if (connection->late)
      return fail(Code::kTimeout,
                  fmt::format("{} did not answer within {} ms", where, patience.count()));
    if (error == http::error::body_limit || error == http::error::header_limit)
      return fail(Code::kTooLarge,
                  fmt::format("{} said more than {} MiB", where, kMostBytes >> 20U));
    return fail(Code::kUnavailable, fmt::format("{} {}: {}", where, what, error.message()));
  };
  const auto places =
      co_await connection->resolver.async_resolve(endpoint.host, endpoint.port, into(error));
  if (error) co_return failed("has no address");
  co_await asio::async_connect(connection->socket, places, into(error));
  if (error) co_return failed("could not be reached");
  const http::request<http::empty_body> request = request_of(endpoint);
  co_await http::async_write(connection->socket, request, into(error));
  if (error) co_return failed("broke off");
  boost::beast::flat_buffer buffer(64U << 10U);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostBytes);
  parser.header_limit(kMostHeaders);
  co_await http::async_read(connection->socket, buffer, parser, into(error));
  if (error) co_return failed("gave no answer that can be read");
  connection->timer.cancel();
  if (parser.get().result() != http::status::ok) {
    co_return fail(Code::kInvalid,
                   fmt::format("{} answered with status {}", where, parser.get().result_int()));
  }
  co_return std::move(parser.get().body());
}

}  // namespace mizan::experiment
