// POSIX sockets, and Beast's parser for the answer.
#include "pods/runner/http_call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <cstring>

namespace mizan::pods {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kMostAnswer = 4U << 20U;

struct Peer {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string host;  // for the header
};

Result<Peer> peer_of(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const auto bad = [&] {
    return fail(Code::kInvalid,
                "the server's address must be http://IP:PORT, and not \"" + url + "\"");
  };
  if (!url.starts_with(kScheme)) return bad();
  std::string rest = url.substr(kScheme.size());
  if (const auto slash = rest.find('/'); slash != std::string::npos) rest.resize(slash);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos) return bad();
  Peer peer;
  peer.host = rest;
  std::string host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  std::uint16_t port = 0;
  const char* const end = rest.data() + rest.size();
  if (const auto [stop, error] = std::from_chars(rest.data() + colon + 1, end, port);
      error != std::errc() || stop != end)
    return bad();
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&peer.address, &v4, sizeof v4);
    peer.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&peer.address, &v6, sizeof v6);
    peer.size = sizeof v6;
  } else {
    return bad();
  }
  return peer;
}

std::unexpected<Error> unavailable(const char* what, int error = errno) {
  return fail(Code::kUnavailable, std::string(what) + ": " + std::strerror(error));
}

}  // namespace

struct HttpCall::Parser {
  http::response_parser<http::string_body> parser;
  std::string unread;  // what the parser wants to see again with more behind it
};

HttpCall::HttpCall(Fd socket, std::string request)
    : socket_(std::move(socket)), unsent_(std::move(request)), parser_(std::make_unique<Parser>()) {
  parser_->parser.eager(true);
  parser_->parser.body_limit(kMostAnswer);
}

HttpCall::~HttpCall() = default;

Result<std::unique_ptr<HttpCall>> HttpCall::start(const Order& order) {
  TRY(const Peer peer, peer_of(order.url));
  Fd socket(::socket(peer.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return unavailable("socket");
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&peer.address), peer.size) != 0 &&
      errno != EINPROGRESS)
    return unavailable("connect");
  std::string request = order.method + " " + order.target + " HTTP/1.1\r\nHost: " + peer.host +
                        "\r\nConnection: close\r\nAccept: application/json\r\n";
  if (!order.token.empty()) request += "Authorization: Bearer " + order.token + "\r\n";
  if (order.method != "GET")
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(order.body.size()) +
        "\r\n";
  request += "\r\n" + order.body;
  return std::unique_ptr<HttpCall>(new HttpCall(std::move(socket), std::move(request)));
}

short HttpCall::events() const { return unsent_.empty() ? POLLIN : POLLOUT; }

std::optional<Result<HttpAnswer>> HttpCall::step() {
  while (!unsent_.empty()) {
    const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return std::nullopt;
    if (sent < 0) return unavailable("send");
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  char chunk[8192];
  while (true) {
    const ssize_t got = ::recv(socket_.get(), chunk, sizeof chunk, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return std::nullopt;
    if (got < 0) return unavailable("receive");
    boost::system::error_code error;
    if (got == 0) {
      // Beast takes the end of an answer, but not of none.
      if (!parser_->parser.got_some())
        return fail(Code::kUnavailable, "the server closed the connection");
      parser_->parser.put_eof(error);
    } else {
      parser_->unread.append(chunk, static_cast<std::size_t>(got));
      const std::size_t used = parser_->parser.put(
          boost::asio::const_buffer(parser_->unread.data(), parser_->unread.size()), error);
      parser_->unread.erase(0, used);
      if (error == http::error::need_more) error = {};
    }
    if (error)
      return fail(Code::kUnavailable, "the server's answer can't be read: " + error.message());
    if (parser_->parser.is_done()) {
      auto answer = parser_->parser.release();
      return HttpAnswer{answer.result_int(), std::move(answer.body())};
    }
    if (got == 0) return fail(Code::kUnavailable, "the server closed the connection");
  }
}

}  // namespace mizan::pods
