// Plain POSIX sockets and OpenSSL: nothing of the server's own code, so that both can't be wrong in
// the same way.
#include "tests/api/http_client.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mizan::testing {

struct HttpClient::Socket {
  explicit Socket(std::uint16_t port, bool tls) {
    fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("can't connect");
    if (!tls) return;
    context = SSL_CTX_new(TLS_client_method());
    ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (SSL_connect(ssl) != 1) throw std::runtime_error("no TLS handshake");
  }
  ~Socket() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    ::close(fd);
  }
  long read(std::array<char, 4096>& into) const {
    if (ssl != nullptr) return SSL_read(ssl, into.data(), static_cast<int>(into.size()));
    return ::recv(fd, into.data(), into.size(), 0);
  }
  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const long count = ssl != nullptr
                             ? SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // what the server said before it closed is still to be read
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  int fd = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
};

std::string HttpAnswer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Json HttpAnswer::json() const { return Json::parse(body); }

HttpClient::HttpClient(std::uint16_t port, bool tls)
    : socket_(std::make_unique<Socket>(port, tls)), port_(port) {}
HttpClient::~HttpClient() = default;

void HttpClient::close() { socket_.reset(); }
void HttpClient::write_raw(std::string_view bytes) { socket_->write(bytes); }

bool HttpClient::fill() {
  std::array<char, 4096> buffer{};
  const long count = socket_->read(buffer);
  if (count <= 0) return false;
  in_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::string HttpClient::take_line() {
  while (true) {
    if (const auto end = in_.find("\r\n"); end != std::string::npos) {
      std::string line = in_.substr(0, end);
      in_.erase(0, end + 2);
      return line;
    }
    if (!fill()) throw std::runtime_error("the connection ended");
  }
}

std::string HttpClient::take_bytes(std::size_t count) {
  while (in_.size() < count) {
    if (!fill()) throw std::runtime_error("the connection ended within a body");
  }
  std::string bytes = in_.substr(0, count);
  in_.erase(0, count);
  return bytes;
}

bool HttpClient::next_chunk() {
  if (chunks_ended_) return false;
  const std::size_t size = std::stoul(take_line(), nullptr, 16);
  chunk_ += take_bytes(size);
  take_line();
  chunks_ended_ = size == 0;
  return !chunks_ended_;
}

HttpAnswer HttpClient::read_answer(bool head_only, bool has_body) {
  HttpAnswer answer;
  const std::string first = take_line();
  answer.status = static_cast<unsigned>(std::stoul(first.substr(9, 3)));
  for (std::string line = take_line(); !line.empty(); line = take_line()) {
    const auto colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers.emplace(name, line.substr(colon + 2));
  }
  const bool chunked = answer.header("transfer-encoding") == "chunked";
  chunk_.clear();
  chunks_ended_ = !chunked;
  if (head_only || !has_body || answer.status == 304 || answer.status == 204 ||
      answer.status == 100)
    return answer;
  if (chunked) {
    while (next_chunk()) {
    }
    answer.body = std::exchange(chunk_, {});
  } else {
    answer.body = take_bytes(std::stoul(answer.header("content-length")));
  }
  return answer;
}

HttpAnswer HttpClient::send(std::string_view method, std::string_view target, std::string_view body,
                            HttpHeaders headers) {
  std::string out = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
  const auto given = [&](std::string_view name) {
    return std::ranges::any_of(headers, [&](const auto& header) { return header.first == name; });
  };
  if (!given("Host")) headers.emplace_back("Host", "127.0.0.1:" + std::to_string(port_));
  if (!token.empty() && !given("Authorization"))
    headers.emplace_back("Authorization", "Bearer " + token);
  if (!body.empty() && !given("Content-Type"))
    headers.emplace_back("Content-Type", "application/json");
  if (!body.empty() || method == "POST")
    headers.emplace_back("Content-Length", std::to_string(body.size()));
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
  out += "\r\n";
  out += body;
  write_raw(out);
  return read_answer(method == "OPEN", method != "HEAD");
}

HttpAnswer HttpClient::open(std::string_view target, HttpHeaders headers) {
  headers.emplace_back("Host", "127.0.0.1:" + std::to_string(port_));
  if (!token.empty()) headers.emplace_back("Authorization", "Bearer " + token);
  std::string out = "GET " + std::string(target) + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
  write_raw(out + "\r\n");
  return read_answer(true);
}

std::string HttpClient::read_line() {
  while (true) {
    if (const auto end = chunk_.find('\n'); end != std::string::npos) {
      std::string line = chunk_.substr(0, end);
      chunk_.erase(0, end + 1);
      return line;
    }
    if (!next_chunk()) throw std::runtime_error("the body has ended");
  }
}

bool HttpClient::at_end() {
  while (chunk_.empty()) {
    if (!next_chunk()) return true;
  }
  return false;
}

std::string HttpClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(in_, {});
}

}  // namespace mizan::testing
