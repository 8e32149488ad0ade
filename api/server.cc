// Accepts connections, tells TLS from plain, sweeps deadlines, and stops gracefully.
#include "api/server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/connection.h"
#include "api/transport.h"
#include "core/log.h"

namespace mizan::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kTlsHandshakeByte = 0x16;
constexpr std::string_view kUseHttps =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    "Content-Length: 43\r\n\r\nThis server speaks TLS only: use https://.\n";

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(const asio::any_io_executor& executor, ServerConfig settings, Services services)
      : io(executor),
        config(std::move(settings)),
        api(executor, config, std::move(services)),
        acceptor(executor),
        sweep_timer(executor),
        drained(executor) {}

  static Task<> accept_all(std::shared_ptr<State> self);
  static Task<> serve(std::shared_ptr<State> self, std::shared_ptr<tcp::socket> socket);
  static Task<> sweep(std::shared_ptr<State> self);
  std::chrono::milliseconds sweep_interval() const;

  asio::any_io_executor io;
  ServerConfig config;
  Api api;
  tcp::acceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  std::unordered_set<std::shared_ptr<tcp::socket>> sniffing;  // accepted, first byte not seen yet
  asio::steady_timer sweep_timer;
  asio::steady_timer drained;
  bool stopping = false;
};

std::chrono::milliseconds Server::State::sweep_interval() const {
  const Limits& limits = config.limits;
  const auto shortest = std::min(
      {limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
}

Task<> Server::State::sweep(std::shared_ptr<State> self) {
  while (!self->stopping) {
    error_code ignored;
    self->sweep_timer.expires_after(self->sweep_interval());
    co_await self->sweep_timer.async_wait(into(ignored));
    const auto now = std::chrono::steady_clock::now();
    const std::vector<std::shared_ptr<Connection>> all(self->connections.begin(),
                                                       self->connections.end());
    for (const auto& connection : all) connection->enforce(now);
  }
}

Task<> Server::State::accept_all(std::shared_ptr<State> self) {
  while (!self->stopping) {
    error_code error;
    tcp::socket socket = co_await self->acceptor.async_accept(into(error));
    if (self->stopping) break;
    if (error) {
      if (error == asio::error::operation_aborted) break;
      log_warn("api", "could not accept a connection", {{"error", error.message()}});
      asio::steady_timer pause(self->io,
                               std::chrono::milliseconds(100));  // out of files, most likely
      co_await pause.async_wait(into(error));
      continue;
    }
    if (self->connections.size() >= self->config.limits.max_connections) {
      log_warn("api", "refused a connection: there are too many",
               {{"limit", std::to_string(self->config.limits.max_connections)}});
      continue;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    asio::co_spawn(self->io, serve(self, std::make_shared<tcp::socket>(std::move(socket))),
                   asio::detached);
  }
}

namespace {

/// Both ends are on this machine.
bool is_from_here(const tcp::socket& socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error).address();
  const auto local = socket.local_endpoint(error).address();
  return !error && (remote.is_loopback() || remote == local);
}

}  // namespace

Task<> Server::State::serve(std::shared_ptr<State> self, std::shared_ptr<tcp::socket> socket) {
  const Limits& limits = self->config.limits;
  Api* api = &self->api;  // outlives every connection: State owns it, and each holds State
  auto connection = std::make_shared<Connection>(
      self->io, limits, [api](Request request) { return api->handle(std::move(request)); });
  self->connections.insert(connection);
  try {
    // Until the first byte has come there is no transport to close, so this wait has its own limit.
    asio::steady_timer give_up(self->io, limits.header_timeout);
    give_up.async_wait([socket](error_code cancelled) {
      error_code ignored;
      if (!cancelled) socket->cancel(ignored);
    });
    self->sniffing.insert(socket);
    const int first = co_await peek_first_byte(*socket);
    self->sniffing.erase(socket);
    give_up.cancel();
    if (first < 0 || self->stopping) {
      // Nothing to answer.
    } else if (first == kTlsHandshakeByte && self->tls) {
      co_await connection->run(tls_transport(std::move(*socket), self->tls));
    } else if (first != kTlsHandshakeByte &&
               (self->config.allow_plain || !self->tls ||
                (self->config.allow_plain_from_here && is_from_here(*socket)))) {
      co_await connection->run(plain_transport(std::move(*socket)));
    } else if (first != kTlsHandshakeByte) {
      const auto transport = plain_transport(std::move(*socket));
      co_await transport->write(kUseHttps);
      co_await transport->say_goodbye();
    }
  } catch (const std::exception& error) {
    log_error("api", "lost a connection", {{"error", error.what()}});
  }
  self->connections.erase(connection);
  if (self->stopping && self->connections.empty()) self->drained.cancel();
}

namespace {

/// Each connection is an open file, and shells allow 1,024 of them; programs may allow themselves
/// more.
void allow_files(std::size_t connections) {
  constexpr rlim_t kOthers = 1024;  // database, logs, pods
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(files.rlim_max, connections + kOthers);
  if (files.rlim_cur >= wanted) return;
  files.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0)
    log_warn("api", "could not raise the limit of open files",
             {{"wanted", std::to_string(wanted)}});
}

}  // namespace

Server::Server(asio::any_io_executor io, ServerConfig config, Services services)
    : state_(std::make_shared<State>(std::move(io), std::move(config), services)) {}

Server::~Server() = default;

Result<> Server::start() {
  State& state = *state_;
  if (state.config.tls) {
    TRY(state.tls, make_tls_context(*state.config.tls));
  }
  error_code error;
  const auto address = asio::ip::make_address(state.config.address, error);
  if (error) {
    return fail(Code::kInvalid,
                fmt::format("can't listen on \"{}\": not an IP address", state.config.address));
  }
  const tcp::endpoint endpoint(address, state.config.port);
  state.acceptor.open(endpoint.protocol(), error);
  if (!error) state.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state.acceptor.bind(endpoint, error);
  if (!error) state.acceptor.listen(512, error);
  if (error) {
    const Code code = error == asio::error::address_in_use ? Code::kAlreadyExists : Code::kInvalid;
    return fail(code, fmt::format("can't listen on {}:{}: {}", state.config.address,
                                  state.config.port, error.message()));
  }
  allow_files(state.config.limits.max_connections);
  asio::co_spawn(state.io, State::accept_all(state_), asio::detached);
  asio::co_spawn(state.io, State::sweep(state_), asio::detached);
  return {};
}

std::uint16_t Server::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

std::string Server::url() const {
  const bool v6 = state_->config.address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", state_->tls ? "https" : "http", v6 ? "[" : "",
                     state_->config.address, v6 ? "]" : "", port());
}

void Server::set_ready(bool ready) { state_->api.set_ready(ready); }

std::string Server::who_waits(const std::string& ns, const std::string& experiment,
                              const resources::TrialAssignment& draw) {
  return state_->api.who_waits(ns, experiment, draw);
}

Task<> Server::stop() {
  const auto state = state_;
  if (state->stopping) co_return;
  state->stopping = true;
  state->api.set_ready(false);
  state->api.close();
  error_code ignored;
  state->acceptor.close(ignored);
  state->sweep_timer.cancel();
  for (const auto& socket : state->sniffing) socket->cancel(ignored);
  const auto each = [&](auto act) {
    const std::vector<std::shared_ptr<Connection>> all(state->connections.begin(),
                                                       state->connections.end());
    for (const auto& connection : all) act(*connection);
  };
  each([](Connection& connection) { connection.finish(); });
  for (const auto limit : {state->config.limits.drain_timeout, std::chrono::milliseconds(500)}) {
    if (state->connections.empty()) break;
    state->drained.expires_after(limit);
    co_await state->drained.async_wait(into(ignored));
    each([](Connection& connection) { connection.close(); });
  }
}

}  // namespace mizan::api
