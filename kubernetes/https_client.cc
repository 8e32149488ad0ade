// Connections, on Beast over OpenSSL.
#include "kubernetes/https_client.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <charconv>

namespace mizan::kubernetes {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint64_t kMaxBody = 256ull * 1024 * 1024;
constexpr std::size_t kMaxIdle = 16;

/// `299 - "unknown field \"spec.x\""` -> `unknown field "spec.x"`.
std::string warning_text(std::string_view header) {
  const auto open = header.find('"');
  if (open == std::string_view::npos) return std::string(header);
  std::string text;
  for (std::size_t i = open + 1; i < header.size() && header[i] != '"'; ++i) {
    if (header[i] == '\\' && i + 1 < header.size()) ++i;
    text += header[i];
  }
  return text;
}

}  // namespace

struct HttpsClient::Connection {
  Connection(const asio::any_io_executor& executor, asio::ssl::context& context)
      : stream(executor, context) {}
  beast::ssl_stream<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
  bool used_before = false;
};

struct HttpsClient::State {
  State(asio::any_io_executor executor_, Endpoint endpoint_)
      : executor(std::move(executor_)), endpoint(std::move(endpoint_)) {}

  asio::any_io_executor executor;
  Endpoint endpoint;
  std::string host, port, host_and_port;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::vector<std::unique_ptr<Connection>> idle;

  std::unexpected<Error> unreachable(const error_code& why) const {
    return fail(Code::kUnavailable,
                fmt::format("{} can't be reached: {}", endpoint.address, why.message()));
  }

  template <class Body>
  http::request<Body> start(const HttpRequest& request) const {
    http::request<Body> made(http::string_to_verb(request.method), request.target, 11);
    made.set(http::field::host, host_and_port);
    made.set(http::field::user_agent, "mizan");
    made.set(http::field::accept, "application/json");
    if (!endpoint.bearer_token.empty())
      made.set(http::field::authorization, "Bearer " + endpoint.bearer_token);
    for (const auto& [name, value] : request.headers) made.set(name, value);
    return made;
  }
};

Json HttpResponse::json() const {
  auto parsed = parse_json(body, {.max_bytes = kMaxBody});
  return parsed ? std::move(parsed->value) : Json();
}

HttpsClient::HttpsClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpsClient::~HttpsClient() = default;
const Endpoint& HttpsClient::endpoint() const { return state_->endpoint; }

Result<std::unique_ptr<HttpsClient>> HttpsClient::create(asio::any_io_executor executor,
                                                         Endpoint endpoint) {
  auto state = std::make_unique<State>(std::move(executor), std::move(endpoint));
  const auto url = boost::urls::parse_uri(state->endpoint.address);
  if (!url || url->scheme() != "https" || url->host().empty()) {
    return fail(Code::kBadRequest,
                fmt::format("\"{}\" is no server address; one looks like https://127.0.0.1:8080",
                            state->endpoint.address));
  }
  state->host = url->host_address();
  state->port = url->has_port() ? std::string(url->port()) : "443";
  state->host_and_port = url->encoded_host_and_port();

  error_code error;
  const Endpoint& at = state->endpoint;
  if (at.ca_certificate.empty()) {
    state->tls.set_default_verify_paths(error);
  } else {
    state->tls.add_certificate_authority(asio::buffer(at.ca_certificate), error);
  }
  if (!error && !at.client_certificate.empty()) {
    state->tls.use_certificate_chain(asio::buffer(at.client_certificate), error);
    if (!error)
      state->tls.use_private_key(asio::buffer(at.client_key), asio::ssl::context::pem, error);
  }
  if (error) {
    return fail(Code::kBadRequest, fmt::format("the certificates for {} can't be read: {}",
                                               at.address, error.message()));
  }
  state->tls.set_verify_mode(asio::ssl::verify_peer);
  return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(state)));
}

Task<Result<std::unique_ptr<HttpsClient::Connection>>> HttpsClient::connect() {
  auto connection = std::make_unique<Connection>(state_->executor, state_->tls);
  error_code error;
  asio::ip::tcp::resolver resolver(state_->executor);
  const auto found = co_await resolver.async_resolve(state_->host, state_->port, into(error));
  if (error) co_return state_->unreachable(error);
  auto& tcp = beast::get_lowest_layer(connection->stream);
  tcp.expires_after(std::chrono::seconds(10));
  co_await tcp.async_connect(found, into(error));
  if (error) co_return state_->unreachable(error);
  tcp.socket().set_option(asio::ip::tcp::no_delay(true));
  connection->stream.set_verify_callback(asio::ssl::host_name_verification(state_->host));
  co_await connection->stream.async_handshake(asio::ssl::stream_base::client, into(error));
  if (error) co_return state_->unreachable(error);
  co_return connection;
}

Task<Result<HttpResponse>> HttpsClient::request(HttpRequest request) {
  auto message = state_->start<http::string_body>(request);
  message.body() = std::move(request.body);
  message.prepare_payload();
  for (;;) {
    std::unique_ptr<Connection> connection;
    if (!state_->idle.empty()) {
      connection = std::move(state_->idle.back());
      state_->idle.pop_back();
    } else {
      CO_TRY(connection, co_await connect());
    }
    error_code error;
    beast::get_lowest_layer(connection->stream)
        .expires_after(std::chrono::minutes(6));  // an :ask may wait five
    co_await http::async_write(connection->stream, message, into(error));
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxBody);
    if (!error)
      co_await http::async_read(connection->stream, connection->buffer, parser, into(error));
    if (error) {
      // An idle connection that the server closed meanwhile: nothing of this request was answered,
      // so a new connection gets it. A fresh one that breaks is an error.
      if (connection->used_before && !parser.got_some()) continue;
      co_return state_->unreachable(error);
    }
    auto answer = parser.release();
    HttpResponse response{static_cast<int>(answer.result_int()), std::move(answer.body()), 0, {}};
    if (const auto retry = answer.find(http::field::retry_after); retry != answer.end()) {
      const auto text = retry->value();
      std::from_chars(text.data(), text.data() + text.size(), response.retry_after_seconds);
    }
    const auto [first, last] = answer.equal_range(http::field::warning);
    for (auto warning = first; warning != last; ++warning)
      response.warnings.push_back(warning_text(warning->value()));
    if (answer.keep_alive() && state_->idle.size() < kMaxIdle) {
      connection->used_before = true;
      beast::get_lowest_layer(connection->stream).expires_never();
      state_->idle.push_back(std::move(connection));
    }
    co_return response;
  }
}

Task<Result<HttpResponse>> HttpsClient::get(std::string target) {
  HttpRequest request{.target = std::move(target)};
  co_return co_await this->request(std::move(request));
}

class HttpsClient::OpenStream final : public HttpStream {
 public:
  OpenStream(std::unique_ptr<Connection> connection, std::string address)
      : connection_(std::move(connection)), address_(std::move(address)) {
    parser_.body_limit(boost::none);
  }

  Task<error_code> read_header() {
    error_code error;
    co_await http::async_read_header(connection_->stream, connection_->buffer, parser_,
                                     into(error));
    co_return error;
  }

  int status() const override { return static_cast<int>(parser_.get().result_int()); }

  Task<Result<std::string>> next() override {
    while (!cancelled_ && !parser_.is_done()) {
      parser_.get().body().data = chunk_.data();
      parser_.get().body().size = chunk_.size();
      error_code error;
      co_await http::async_read_some(connection_->stream, connection_->buffer, parser_,
                                     into(error));
      if (cancelled_) break;
      if (error && error != http::error::need_buffer) {
        co_return fail(Code::kUnavailable,
                       fmt::format("{} broke off: {}", address_, error.message()));
      }
      const std::size_t size = chunk_.size() - parser_.get().body().size;
      if (size > 0) co_return std::string(chunk_.data(), size);
    }
    if (cancelled_) co_return fail(Code::kCancelled, "the stream was cancelled");
    co_return std::string();
  }

  void cancel() override {
    cancelled_ = true;
    beast::get_lowest_layer(connection_->stream).close();
  }

 private:
  std::unique_ptr<Connection> connection_;
  std::string address_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, 16 * 1024> chunk_{};
  bool cancelled_ = false;
};

Task<Result<std::unique_ptr<HttpStream>>> HttpsClient::open(HttpRequest request) {
  CO_TRY(auto connection, co_await connect());
  const auto message = state_->start<http::empty_body>(request);
  error_code error;
  beast::get_lowest_layer(connection->stream).expires_never();
  co_await http::async_write(connection->stream, message, into(error));
  if (error) co_return state_->unreachable(error);
  auto stream = std::make_unique<OpenStream>(std::move(connection), state_->endpoint.address);
  error = co_await stream->read_header();
  if (error) co_return state_->unreachable(error);
  co_return std::unique_ptr<HttpStream>(std::move(stream));
}

std::string url_encode(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace mizan::kubernetes
