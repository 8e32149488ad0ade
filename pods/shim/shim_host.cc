// The host's loop: one packet in, one fork, one packet out.
#include "pods/shim/shim_host.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "pods/shim/container_start.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

void send_reply(int socket, const HostReply& reply, int pidfd) {
  iovec data{const_cast<HostReply*>(&reply), sizeof reply};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof pidfd)] = {};
  if (pidfd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof pidfd);
    std::memcpy(CMSG_DATA(rights), &pidfd, sizeof pidfd);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void become_shim(const char* folder) {
  ::setsid();
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  ::_exit(run_shim(folder));
}

HostReply start_shim(const HostRequest& request, Fd& pidfd) {
  HostReply reply{request.id, 0, 0, Isolation::kNone};
  const pid_t pid = ::fork();
  if (pid == 0) become_shim(request.folder);
  if (pid < 0) {
    reply.error = errno;
    return reply;
  }
  // Ours until we reap it, so the number can't belong to anyone else yet.
  pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  reply.pid = pid;
  if (!pidfd) reply.error = errno;
  return reply;
}

void answer(int socket, const HostRequest& request) {
  Fd pidfd;
  HostReply reply;
  if (request.kind == HostRequest::Kind::kProbe) {
    reply = {request.id, 0, 0, best_isolation()};
  } else {
    reply = start_shim(request, pidfd);
  }
  send_reply(socket, reply, pidfd.get());
}

}  // namespace

int run_shim_host(int socket) {
  ::prctl(PR_SET_NAME, "mizan-shims");
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &child, nullptr);
  const Fd signals(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  while (true) {
    pollfd fds[] = {{socket, POLLIN, 0}, {signals.get(), POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return 1;
    if (fds[1].revents != 0) {
      signalfd_siginfo info{};
      while (::read(signals.get(), &info, sizeof info) > 0) {
      }
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
    if (fds[0].revents == 0) continue;
    HostRequest request;
    const ssize_t got = ::recv(socket, &request, sizeof request, 0);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return 0;  // the server is gone
    if (got <= static_cast<ssize_t>(offsetof(HostRequest, folder))) continue;
    request.folder[sizeof request.folder - 1] = '\0';
    answer(socket, request);
  }
}

}  // namespace mizan::pods
