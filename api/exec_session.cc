// Two directions, one coroutine each.
#include "api/exec_session.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>

#include "api/web_socket.h"

namespace mizan::api {
namespace {

namespace asio = boost::asio;

constexpr char kStdin = 0, kStdout = 1, kStderr = 2, kStatus = 3, kResize = 4;
constexpr char kClosed = static_cast<char>(255);
constexpr unsigned kNormalClosure = 1000;
constexpr auto kGoodbye = std::chrono::seconds(2);

/// metav1.Status as kubelet ends an exec.
Json status_of_exit(const ExecOutput& end) {
  if (!end.error.empty()) {
    return {{"metadata", Json::object()},
            {"status", "Failure"},
            {"reason", "InternalError"},
            {"message", end.error},
            {"code", 500}};
  }
  if (end.exit_code == 0) return {{"metadata", Json::object()}, {"status", "Success"}};
  const std::string code = std::to_string(end.exit_code);
  return {{"metadata", Json::object()},
          {"status", "Failure"},
          {"reason", "NonZeroExitCode"},
          {"message", "command terminated with non-zero exit code: exit status " + code},
          {"details", {{"causes", {{{"reason", "ExitCode"}, {"message", code}}}}}}};
}

class ExecUpgrade final : public Upgrade {
 public:
  explicit ExecUpgrade(std::unique_ptr<ExecProcess> process)
      : session_(std::make_shared<Session>(std::move(process))) {}

  Task<> run(std::shared_ptr<Duplex> bytes) override {
    const auto session = session_;
    const auto executor = co_await asio::this_coro::executor;
    session->reader_gone.emplace(executor, std::chrono::steady_clock::time_point::max());
    asio::co_spawn(executor, read_client(session, bytes), asio::detached);
    for (;;) {
      auto output = co_await session->process->next();
      const ExecOutput end =
          output ? std::move(*output) : ExecOutput::failed(output.error().message);
      if (end.stream == ExecOutput::Stream::kEnd) {
        co_await send(session, bytes,
                      web_socket_data(std::string(1, kStatus) + status_of_exit(end).dump()));
        break;
      }
      const char channel = end.stream == ExecOutput::Stream::kOut ? kStdout : kStderr;
      if (!co_await send(session, bytes, web_socket_data(channel + end.bytes))) break;
    }
    session->process->cancel();
    co_await send(session, bytes, web_socket_close(kNormalClosure));
    // Until the client has closed, or shutting the connection could take our last words from it.
    session->reader_gone->expires_after(session->reading ? kGoodbye : std::chrono::seconds(0));
    boost::system::error_code ignored;
    co_await session->reader_gone->async_wait(into(ignored));
  }

  void cancel() override { session_->process->cancel(); }

 private:
  struct Session {
    explicit Session(std::unique_ptr<ExecProcess> process_) : process(std::move(process_)) {}
    std::unique_ptr<ExecProcess> process;
    std::optional<asio::steady_timer> reader_gone;
    bool reading = true;
    std::string outgoing;  // frames that wait for the write in flight
    bool writing = false;
  };

  /// Both directions write: what comes while a write is in flight goes out with the next.
  static Task<bool> send(std::shared_ptr<Session> session, std::shared_ptr<Duplex> bytes,
                         std::string frame) {
    session->outgoing += frame;
    if (session->writing) co_return true;
    session->writing = true;
    bool sent = true;
    while (sent && !session->outgoing.empty())
      sent = co_await bytes->write(std::exchange(session->outgoing, {}));
    session->writing = false;
    co_return sent;
  }

  static Task<> read_client(std::shared_ptr<Session> session, std::shared_ptr<Duplex> bytes) {
    WebSocketReader reader;
    for (bool open = true; open;) {
      auto message = reader.next();
      if (!message) break;
      if (!*message) {
        const std::string more = co_await bytes->read();
        if (more.empty()) break;
        reader.feed(more);
        continue;
      }
      switch ((*message)->kind) {
        case WebSocketMessage::Kind::kData:
          open = co_await take(session, std::move((*message)->bytes));
          break;
        case WebSocketMessage::Kind::kPing:
          co_await send(session, bytes, web_socket_pong((*message)->bytes));
          break;
        case WebSocketMessage::Kind::kPong:
          break;
        case WebSocketMessage::Kind::kClose:
          open = false;
          break;
      }
    }
    // Nobody listens any more: what reads its input comes to the end, the rest is told to go.
    session->process->cancel();
    session->reading = false;
    session->reader_gone->cancel();
  }

  static Task<bool> take(std::shared_ptr<Session> session, std::string message) {
    if (message.empty()) co_return true;
    const char channel = message.front();
    if (channel == kStdin) {
      if (message.size() > 1) co_await session->process->write(message.substr(1));
    } else if (channel == kResize) {
      const Json size = Json::parse(message.substr(1), nullptr, false);
      if (size.is_object()) {
        const auto number = [&](const char* name) {
          const auto found = size.find(name);
          const bool fits = found != size.end() && found->is_number_unsigned() &&
                            found->get<std::uint64_t>() <= 65535;
          return fits ? found->get<std::uint16_t>() : std::uint16_t{0};
        };
        session->process->resize(number("Width"), number("Height"));
      }
    } else if (channel == kClosed && message.size() > 1 && message[1] == kStdin) {
      session->process->close_input();
    }
    co_return true;
  }

  std::shared_ptr<Session> session_;
};

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.size() == word.size() &&
        std::equal(one.begin(), one.end(), word.begin(),
                   [](char a, char b) { return (a | ' ') == (b | ' '); }))
      return true;
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return false;
}

}  // namespace

Result<ExecRequest> read_exec(const Query& query) {
  ExecRequest exec;
  exec.container = query.get("container");
  for (const std::string& part : query.all("command")) exec.command.push_back(part);
  exec.input = query.flag("stdin");
  exec.output = query.flag("stdout");
  exec.errors = query.flag("stderr");
  exec.terminal = query.flag("tty");
  if (exec.command.empty()) return fail(Code::kBadRequest, "you must specify at least one command");
  if (!exec.input && !exec.output && !exec.errors)
    return fail(Code::kBadRequest, "you must specify at least 1 of stdin, stdout, stderr");
  return exec;
}

Result<std::string> choose_exec_protocol(const Request& request) {
  if (!has_word(request.headers.get("Upgrade"), "websocket")) {
    return fail(
        Code::kBadRequest,
        "exec is served over WebSocket only; kubectl speaks it from 1.30 on, older ones ask "
        "for SPDY");
  }
  if (request.headers.get("Sec-WebSocket-Version") != "13" ||
      request.headers.get("Sec-WebSocket-Key").empty()) {
    return fail(Code::kBadRequest, "the WebSocket handshake wants version 13 and a key");
  }
  const std::string_view offered = request.headers.get("Sec-WebSocket-Protocol");
  for (const char* known : {"v5.channel.k8s.io", "v4.channel.k8s.io"}) {
    if (has_word(offered, known)) return std::string(known);
  }
  return fail(Code::kBadRequest,
              fmt::format("of the subprotocols \"{}\" none is known; v5.channel.k8s.io and "
                          "v4.channel.k8s.io are",
                          offered));
}

Response exec_response(std::unique_ptr<ExecProcess> process, const std::string& protocol,
                       std::string_view key) {
  Response response;
  response.status = 101;
  response.headers.set("Upgrade", "websocket");
  response.headers.set("Connection", "Upgrade");
  response.headers.set("Sec-WebSocket-Accept", web_socket_accept(key));
  response.headers.set("Sec-WebSocket-Protocol", protocol);
  response.upgrade = std::make_unique<ExecUpgrade>(std::move(process));
  return response;
}

}  // namespace mizan::api
