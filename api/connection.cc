// The one file of this room that includes Beast: its parser, fed by hand.
#include "api/connection.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <ctime>

#include "api/gzip.h"
#include "api/status.h"
#include "core/log.h"

namespace mizan::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kReadSize = 16 * 1024;
constexpr std::size_t kMostReadAhead = 64 * 1024;
constexpr std::size_t kOneWrite = 16 * 1024;  // a head and a body up to here go out together
constexpr std::size_t kMostLingered = 64UL * 1024 * 1024;

Connection::Deadline after(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::kGet;
    case http::verb::head:
      return Method::kHead;
    case http::verb::post:
      return Method::kPost;
    case http::verb::put:
      return Method::kPut;
    case http::verb::patch:
      return Method::kPatch;
    case http::verb::delete_:
      return Method::kDelete;
    case http::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

Request request_of(Parser& parser, bool tls) {
  auto& message = parser.get();
  Request request;
  request.method = method_of(message.method());
  request.target = view_of(message.target());
  for (const auto& field : message)
    request.headers.add(view_of(field.name_string()), std::string(view_of(field.value())));
  request.body = std::move(message.body());
  request.tls = tls;
  return request;
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), size};
}

bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

/// From how many bytes on a body is compressed. The dashboard's files come from far away, so that
/// small ones gain, too; answers of the API are compressed where kube-apiserver does it.
std::size_t compressed_from(const Headers& headers, std::size_t limit) {
  constexpr std::size_t kOnePacket = 1400;
  const std::string_view type = headers.get("Content-Type");
  if (headers.has("Content-Encoding") || type.starts_with("font/")) return std::string::npos;
  if (type.starts_with("image/"))
    return type.starts_with("image/svg") ? kOnePacket : std::string::npos;
  const bool file = type.starts_with("text/javascript") || type.starts_with("text/css") ||
                    type.starts_with("text/html");
  return file ? kOnePacket : limit;
}

}  // namespace

struct Connection::Head {
  Method method = Method::kGet;
  std::string target;
  std::string accept_encoding;
  bool keep_alive = true;
  bool chunked_allowed = true;  // HTTP/1.1
  std::chrono::steady_clock::time_point began;
};

/// The connection as an upgraded protocol sees it.
class Connection::Bytes final : public Duplex {
 public:
  explicit Bytes(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Task<std::string> read() override {
    if (connection_->in_.empty() && !co_await connection_->read_more()) co_return std::string();
    co_return std::exchange(connection_->in_, {});
  }

  Task<bool> write(std::string bytes) override {
    if (connection_->ended_) co_return false;
    co_return co_await connection_->write(bytes);
  }

 private:
  std::shared_ptr<Connection> connection_;
};

Connection::Connection(const asio::any_io_executor& io, const Limits& limits, HandleRequest handle)
    : io_(io), limits_(limits), handle_(std::move(handle)), read_ahead_done_(io) {}

Connection::~Connection() = default;

Task<> Connection::run(std::unique_ptr<Transport> transport) {
  const auto self = shared_from_this();
  transport_ = std::move(transport);
  for (bool again = true; again && !finishing_;) {
    Request request;
    Head head;
    const Outcome outcome = co_await read_request(request, head);
    if (outcome != Outcome::kRequest) {
      if (outcome == Outcome::kRefused) co_await linger();
      break;
    }
    read_deadline_ = Deadline::max();
    request.on_hangup = [weak = weak_from_this()](std::function<void()> callback) {
      if (const auto connection = weak.lock()) {
        connection->on_hangup_ = std::move(callback);
        connection->begin_read_ahead();
      }
    };
    Response response = co_await call_handler(std::move(request));
    on_hangup_ = nullptr;
    if (ended_) break;
    again = co_await answer(std::move(response), head) && head.keep_alive;
  }
  if (!ended_ && !reading_ahead_) {
    read_deadline_ = write_deadline_ = after(std::chrono::seconds(2));
    co_await transport_->say_goodbye();
  }
  close();
}

Task<bool> Connection::read_more() {
  if (reading_ahead_) {
    // A read is under way already; what it brings lands in in_.
    const std::size_t before = in_.size();
    error_code ignored;
    co_await read_ahead_done_.async_wait(into(ignored));
    if (ended_) co_return false;
    if (in_.size() > before) co_return true;
  }
  std::array<char, kReadSize> buffer;
  const std::size_t count = co_await transport_->read_some(buffer);
  if (count == 0) {
    ended_ = true;
    co_return false;
  }
  in_.append(buffer.data(), count);
  co_return true;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): run() owns both
Task<Connection::Outcome> Connection::read_request(Request& request, Head& head) {
  Parser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(limits_.max_header_bytes));
  parser.body_limit(limits_.max_body_bytes);
  bool continued = false;
  bool had_header = false;
  read_deadline_ = after(limits_.idle_timeout);
  idle_ = true;
  while (!parser.is_done()) {
    if (!in_.empty()) {
      if (idle_) read_deadline_ = after(limits_.header_timeout);
      idle_ = false;
      error_code error;
      const std::size_t used = parser.put(asio::buffer(in_), error);
      in_.erase(0, used);
      if (error && error != http::error::need_more) {
        if (error == http::error::body_limit) {
          const Error too_large{
              Code::kTooLarge,
              fmt::format("Request entity too large: limit is {}", limits_.max_body_bytes),
              {}};
          head.keep_alive = false;
          co_await answer(status_response(too_large), head);
        } else if (error == http::error::header_limit) {
          co_await refuse(431, "the request's headers are too large");
        } else {
          co_await refuse(400, "400 Bad Request: " + error.message());
        }
        co_return Outcome::kRefused;
      }
    }
    if (parser.is_header_done() && !had_header) {
      had_header = true;
      read_deadline_ = after(limits_.body_timeout);
      if (std::distance(parser.get().begin(), parser.get().end()) >
          static_cast<std::ptrdiff_t>(limits_.max_headers)) {
        co_await refuse(431, "the request has too many headers");
        co_return Outcome::kRefused;
      }
      const auto expect = view_of(parser.get()[http::field::expect]);
      if (!expect.empty() && !continued && !parser.is_done()) {
        continued = true;
        if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return Outcome::kEnd;
      }
    }
    if (parser.is_done()) break;
    // Anything left in in_ is part of a header that isn't whole yet: the parser took all else.
    if (!co_await read_more()) co_return Outcome::kEnd;
  }
  idle_ = false;
  head.method = method_of(parser.get().method());
  head.target = view_of(parser.get().target());
  head.accept_encoding = view_of(parser.get()[http::field::accept_encoding]);
  head.keep_alive = parser.keep_alive();
  head.chunked_allowed = parser.get().version() >= 11;
  head.began = std::chrono::steady_clock::now();
  if (head.chunked_allowed && parser.get().count(http::field::host) != 1) {
    co_await refuse(400, "400 Bad Request: exactly one Host header is required");
    co_return Outcome::kRefused;
  }
  request = request_of(parser, transport_->is_tls());
  co_return Outcome::kRequest;
}

/// The fence of a request: whatever a handler throws becomes a 500.
Task<Response> Connection::call_handler(Request request) {
  const bool rest = request.target.starts_with("/rest/");
  const std::string where = std::string(to_string(request.method)) + " " + request.target;
  std::string problem;
  try {
    co_return co_await handle_(std::move(request));
  } catch (const std::exception& error) {
    problem = error.what();
  }
  log_error("api", "failed to answer a request", {{"request", where}, {"error", problem}});
  const Error error{Code::kInternal, "an internal error occurred; the server's log has more", {}};
  co_return rest ? problem_response(error) : status_response(error);
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the caller owns `head`
Task<bool> Connection::answer(Response response, const Head& head) {
  const bool has_body = may_have_body(response.status) && head.method != Method::kHead;
  const bool streams = response.stream != nullptr && has_body;
  const bool keep_alive = head.keep_alive && !finishing_ && (!streams || head.chunked_allowed);
  if (!streams &&
      response.body.size() > compressed_from(response.headers, limits_.gzip_from_bytes) &&
      accepts_gzip(head.accept_encoding)) {
    response.body = gzip(response.body);
    response.headers.set("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
  }

  const auto phrase = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, view_of(phrase));
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  out += fmt::format("Date: {}\r\n", http_date());
  if (streams) {
    if (head.chunked_allowed) out += "Transfer-Encoding: chunked\r\n";
  } else if (may_have_body(response.status)) {
    out += fmt::format("Content-Length: {}\r\n", response.body.size());
  }
  if (!keep_alive && !response.upgrade) out += "Connection: close\r\n";
  out += "\r\n";

  bool sent = false;
  if (response.upgrade) {
    if (co_await write(out)) co_await switch_protocols(std::move(response.upgrade));
    co_return false;
  }
  if (streams) {
    sent = co_await write(out) && co_await send_stream(*response.stream, head.chunked_allowed);
  } else if (!has_body) {
    sent = co_await write(out);
  } else if (response.body.size() <= kOneWrite) {
    out += response.body;
    sent = co_await write(out);
  } else {
    sent = co_await write(out) && co_await write(response.body);
  }
  const auto took = std::chrono::steady_clock::now() - head.began;
  log_debug("api", "answered",
            {{"request", std::string(to_string(head.method)) + " " + head.target},
             {"status", std::to_string(response.status)},
             {"us", std::to_string(
                        std::chrono::duration_cast<std::chrono::microseconds>(took).count())}});
  co_return sent&& keep_alive;
}

Task<> Connection::switch_protocols(std::unique_ptr<Upgrade> upgrade) {
  on_hangup_ = [&upgrade] { upgrade->cancel(); };
  if (!finishing_) co_await upgrade->run(std::make_shared<Bytes>(shared_from_this()));
  on_hangup_ = nullptr;
  ended_ = true;  // its reader may still wait: closing ends that
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): answer() owns `stream`
Task<bool> Connection::send_stream(BodyStream& stream, bool chunked) {
  on_hangup_ = [&stream] { stream.cancel(); };
  begin_read_ahead();
  bool whole = false;
  while (!ended_ && !finishing_) {
    auto piece = co_await stream.next();
    if (!piece) break;
    if (piece->empty()) {
      whole = true;
      break;
    }
    if (chunked) *piece = fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece);
    if (!co_await write(*piece)) break;
  }
  on_hangup_ = nullptr;
  // A watch that the server ends is complete from the client's side: it comes back and goes on.
  if (!ended_ && (whole || finishing_)) {
    if (chunked && !co_await write("0\r\n\r\n")) co_return false;
    co_return chunked;
  }
  co_return false;
}

Task<bool> Connection::write(std::string_view bytes) {
  write_deadline_ = after(limits_.write_timeout);
  const bool sent = co_await transport_->write(bytes);
  write_deadline_ = Deadline::max();
  if (!sent) ended_ = true;
  co_return sent;
}

Task<> Connection::refuse(unsigned status, std::string_view text) {
  Head head;
  head.keep_alive = false;
  co_await answer(text_response(status, std::string(text) + "\n"), head);
}

/// Takes what the client still sends, so that closing doesn't reset the connection before our
/// answer is read.
Task<> Connection::linger() {
  if (ended_) co_return;
  read_deadline_ = after(std::chrono::seconds(2));
  in_.clear();
  if (!transport_->is_tls()) co_await transport_->say_goodbye();
  for (std::size_t total = 0; total < kMostLingered;) {
    const std::size_t before = in_.size();
    if (!co_await read_more()) break;
    total += in_.size() - before;
    in_.clear();
  }
}

void Connection::begin_read_ahead() {
  if (reading_ahead_ || ended_ || in_.size() > kMostReadAhead) return;
  reading_ahead_ = true;
  read_ahead_done_.expires_at(Deadline::max());
  asio::co_spawn(io_, read_ahead(shared_from_this()), asio::detached);
}

Task<> Connection::read_ahead(std::shared_ptr<Connection> self) {
  std::array<char, 1024> buffer;
  const std::size_t count = co_await self->transport_->read_some(buffer);
  self->reading_ahead_ = false;
  if (count == 0) {
    self->ended_ = true;
    self->hang_up();
  } else {
    self->in_.append(buffer.data(), count);
  }
  self->read_ahead_done_.cancel();
}

void Connection::hang_up() {
  if (const auto callback = std::exchange(on_hangup_, nullptr)) callback();
}

void Connection::enforce(Deadline now) {
  if (now > read_deadline_ || now > write_deadline_) close();
}

void Connection::finish() {
  finishing_ = true;
  hang_up();
  if (idle_) close();
}

void Connection::close() {
  ended_ = true;
  if (transport_) transport_->close();
  hang_up();
}

}  // namespace mizan::api
