// Asks the shim host for shims, and starts the host again when it has ended.
#include "pods/node/shim_launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>

#include "controller/signal.h"
#include "core/log.h"
#include "pods/shim/shim_host.h"

namespace mizan::pods {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kPatience{20};

struct Answer {
  HostReply reply;
  Fd pidfd;
};

Result<Answer> receive(int socket) {
  Answer answer;
  iovec data{&answer.reply, sizeof answer.reply};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return fail(Code::kTimeout, "nothing yet");
  if (got != sizeof answer.reply) return fail(Code::kUnavailable, "the shim host has ended");
  if (const cmsghdr* rights = CMSG_FIRSTHDR(&message);
      rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
    answer.pidfd.reset(fd);
  }
  return answer;
}

}  // namespace

/// One host process with its socket and the requests that wait for it.
struct ShimLauncher::Host : std::enable_shared_from_this<Host> {
  struct Waiting {
    controller::Signal answered;
    std::optional<Answer> answer;
  };

  Host(const asio::any_io_executor& executor, int fd, pid_t pid_)
      : socket(executor, fd), pid(pid_) {}
  ~Host() {
    boost::system::error_code ignored;
    socket.close(ignored);  // it ends when it sees this
    ::waitpid(pid, nullptr, 0);
  }

  void wait() {
    socket.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = weak_from_this()](const boost::system::error_code& error) {
                        const std::shared_ptr<Host> host = self.lock();
                        if (error || !host) return;
                        host->read();
                        if (!host->dead) host->wait();
                      });
  }

  void read() {
    while (true) {
      Result<Answer> answer = receive(socket.native_handle());
      if (!answer && answer.error().code == Code::kTimeout) return;
      if (!answer) {
        dead = true;
        log_error("node", "lost the shim host", {{"pid", std::to_string(pid)}});
        for (auto& [id, waiting] : requests) waiting->answered.notify_all();
        return;
      }
      const auto found = requests.find(answer->reply.id);
      if (found == requests.end()) continue;
      found->second->answer = *std::move(answer);
      found->second->answered.notify_all();
    }
  }

  /// Waits for room where many pods are started at once.
  static Task<bool> send(std::shared_ptr<Host> self, HostRequest request) {
    const std::size_t size = offsetof(HostRequest, folder) + std::strlen(request.folder) + 1;
    while (!self->dead) {
      if (::send(self->socket.native_handle(), &request, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        co_return true;
      if (errno != EAGAIN && errno != EINTR) break;
      boost::system::error_code error;
      co_await self->socket.async_wait(asio::posix::stream_descriptor::wait_write, into(error));
      if (error) break;
    }
    co_return false;
  }

  /// Keeps the host alive while it waits.
  static Task<Result<Answer>> ask(std::shared_ptr<Host> self, HostRequest request) {
    request.id = ++self->last_id;
    Waiting waiting;
    self->requests[request.id] = &waiting;
    const bool sent = co_await send(self, request);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (sent && !waiting.answer && !self->dead && std::chrono::steady_clock::now() < deadline)
      co_await waiting.answered.wait_for(kPatience);
    self->requests.erase(request.id);
    if (!waiting.answer) co_return fail(Code::kUnavailable, "the shim host gives no answer");
    co_return *std::move(waiting.answer);
  }

  asio::posix::stream_descriptor socket;
  pid_t pid;
  bool dead = false;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, Waiting*> requests;  // in the frames of ask()
};

ShimLauncher::ShimLauncher(asio::any_io_executor executor, std::string binary)
    : executor_(std::move(executor)), binary_(std::move(binary)) {}
ShimLauncher::~ShimLauncher() = default;

Result<std::shared_ptr<ShimLauncher::Host>> ShimLauncher::host() {
  if (host_ && !host_->dead) return host_;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("socketpair");
  Fd ours(ends[0]), theirs(ends[1]);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t all, none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::string name = "mizan", word = "shim", mode = "--host";
  char* argv[] = {name.data(), word.data(), mode.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, binary_.c_str(), &actions, &attributes, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail_errno("starting the shim host " + binary_, error);
  host_ = std::make_shared<Host>(executor_, ours.release(), pid);
  host_->wait();
  return host_;
}

Task<Result<LaunchedShim>> ShimLauncher::launch(std::string folder) {
  CO_TRY(std::shared_ptr<Host> asked, host());
  HostRequest request;
  request.kind = HostRequest::Kind::kStart;
  if (folder.size() >= sizeof request.folder)
    co_return fail(Code::kInternal, "the path of the data directory is too long");
  std::ranges::copy(folder, request.folder);
  CO_TRY(Answer answer, co_await Host::ask(asked, request));
  if (answer.reply.error != 0) co_return fail_errno("starting a shim", answer.reply.error);
  LaunchedShim launched{static_cast<pid_t>(answer.reply.pid), std::move(answer.pidfd)};
  co_return launched;
}

Task<Result<Isolation>> ShimLauncher::probe() {
  CO_TRY(std::shared_ptr<Host> asked, host());
  HostRequest request;
  request.kind = HostRequest::Kind::kProbe;
  CO_TRY(const Answer answer, co_await Host::ask(asked, request));
  co_return answer.reply.isolation;
}

Result<Fd> open_pidfd(pid_t pid) {
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (fd) return fd;
  if (errno == ESRCH) return fail(Code::kNotFound, "no such process");
  return fail_errno("pidfd_open");
}

bool send_stop(int pidfd, std::int64_t grace_ms) {
  siginfo_t info{};
  info.si_signo = SIGTERM;
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_int =
      static_cast<int>(std::clamp<std::int64_t>(grace_ms, 0, 1'000'000'000)) + 1;
  return ::syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, &info, 0) == 0;
}

bool send_orders(int pidfd) {
  return ::syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, nullptr, 0) == 0;
}

}  // namespace mizan::pods
