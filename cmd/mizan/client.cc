// The HTTPS client, on Beast: the only file of cmd/ that includes it.
#include "cmd/mizan/client.h"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace mizan::cmd {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint64_t kMaxBody = 256ull * 1024 * 1024;

std::unexpected<Error> unreachable(const RunningServer& server, const error_code& why) {
  return fail(Code::kUnavailable, fmt::format("{} can't be reached: {}", server.address, why.message()));
}

}  // namespace

struct Client::Tls {
  asio::ssl::context context{asio::ssl::context::tls_client};
};

struct Client::Connection {
  Connection(const asio::any_io_executor& executor, asio::ssl::context& context) : stream(executor, context) {}
  beast::ssl_stream<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
  std::string host;
};

Json Response::json() const {
  auto parsed = parse_json(body, {.max_bytes = kMaxBody});
  return parsed ? std::move(parsed->value) : Json();
}

Client::Client(asio::any_io_executor executor, RunningServer server)
    : executor_(std::move(executor)), server_(std::move(server)), tls_(std::make_unique<Tls>()) {
  tls_->context.add_certificate_authority(asio::buffer(server_.ca_certificate));
  tls_->context.set_verify_mode(asio::ssl::verify_peer);
}

Client::~Client() = default;

Task<Result<std::unique_ptr<Client::Connection>>> Client::connect() {
  const auto url = boost::urls::parse_uri(server_.address);
  if (!url) co_return fail(Code::kBadRequest, fmt::format("{} is no server address", server_.address));
  auto connection = std::make_unique<Connection>(executor_, tls_->context);
  connection->host = url->encoded_host_and_port();
  error_code error;
  auto redirect = asio::redirect_error(asio::use_awaitable, error);

  asio::ip::tcp::resolver resolver(executor_);
  const std::string host(url->host_address());
  const auto found = co_await resolver.async_resolve(host, std::string(url->port()), redirect);
  if (error) co_return unreachable(server_, error);
  auto& tcp = beast::get_lowest_layer(connection->stream);
  tcp.expires_after(std::chrono::seconds(10));
  co_await tcp.async_connect(found, redirect);
  if (error) co_return unreachable(server_, error);
  tcp.socket().set_option(asio::ip::tcp::no_delay(true));
  connection->stream.set_verify_callback(asio::ssl::host_name_verification(host));
  co_await connection->stream.async_handshake(asio::ssl::stream_base::client, redirect);
  if (error) co_return unreachable(server_, error);
  co_return connection;
}

Task<Result<Response>> Client::request(std::string method, std::string target, std::string body,
                                       std::string content_type) {
  CO_TRY(auto connection, co_await connect());
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, connection->host);
  request.set(http::field::authorization, "Bearer " + server_.admin_token);
  request.set(http::field::accept, "application/json");
  if (!body.empty()) request.set(http::field::content_type, content_type);
  request.body() = std::move(body);
  request.prepare_payload();

  error_code error;
  auto redirect = asio::redirect_error(asio::use_awaitable, error);
  auto& tcp = beast::get_lowest_layer(connection->stream);
  tcp.expires_after(std::chrono::minutes(6));  // an :ask may wait five
  co_await http::async_write(connection->stream, request, redirect);
  if (error) co_return unreachable(server_, error);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxBody);
  co_await http::async_read(connection->stream, connection->buffer, parser, redirect);
  if (error) co_return unreachable(server_, error);
  auto message = parser.release();
  co_return Response{static_cast<int>(message.result_int()), std::move(message.body())};
}

Task<Result<int>> Client::stream(std::string target, std::function<void(std::string_view)> on_bytes) {
  CO_TRY(auto connection, co_await connect());
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, connection->host);
  request.set(http::field::authorization, "Bearer " + server_.admin_token);

  error_code error;
  auto redirect = asio::redirect_error(asio::use_awaitable, error);
  auto& tcp = beast::get_lowest_layer(connection->stream);
  tcp.expires_never();
  co_await http::async_write(connection->stream, request, redirect);
  if (error) co_return unreachable(server_, error);

  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  co_await http::async_read_header(connection->stream, connection->buffer, parser, redirect);
  if (error) co_return unreachable(server_, error);
  const int status = static_cast<int>(parser.get().result_int());
  std::array<char, 16 * 1024> chunk{};
  while (!parser.is_done()) {
    parser.get().body().data = chunk.data();
    parser.get().body().size = chunk.size();
    co_await http::async_read_some(connection->stream, connection->buffer, parser, redirect);
    if (error == http::error::need_buffer) error.clear();
    if (error) co_return unreachable(server_, error);
    on_bytes(std::string_view(chunk.data(), chunk.size() - parser.get().body().size));
  }
  co_return status;
}

std::string url_encode(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace mizan::cmd
