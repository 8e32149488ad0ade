// Pipes or a terminal, posix_spawn, and a pidfd for the end.
#include "pods/exec/exec_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <optional>

#include "controller/signal.h"
#include "pods/node/shim_launcher.h"

extern char** environ;

namespace mizan::pods {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Descriptor = asio::posix::stream_descriptor;

constexpr std::size_t kChunk = 16 * 1024;
constexpr std::size_t kMostReady = 8;  // chunks read and not taken
/// What a process left running in the background may hold its output open for.
constexpr auto kLastWords = std::chrono::milliseconds(500);

/// The ends that the server keeps, and those that become descriptors 0 to 2.
struct Ends {
  Fd in, out, err;  // ours; `out` alone is both directions of a terminal
  std::array<Fd, 3> theirs;
};

Result<Ends> open_terminal() {
  Ends ends;
  ends.out.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  char name[64];
  if (!ends.out || ::grantpt(ends.out.get()) != 0 || ::unlockpt(ends.out.get()) != 0 ||
      ::ptsname_r(ends.out.get(), name, sizeof name) != 0)
    return fail_errno("opening a terminal");
  for (Fd& end : ends.theirs) {
    end.reset(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!end) return fail_errno("opening a terminal");
  }
  return ends;
}

Result<> open_pipe(Fd& read_end, Fd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  return {};
}

Result<Ends> open_pipes(bool input) {
  Ends ends;
  if (input) {
    if (auto made = open_pipe(ends.theirs[0], ends.in); !made) return fail(made.error());
  } else {
    ends.theirs[0].reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  if (auto made = open_pipe(ends.out, ends.theirs[1]); !made) return fail(made.error());
  if (auto made = open_pipe(ends.err, ends.theirs[2]); !made) return fail(made.error());
  for (const Fd* ours : {&ends.in, &ends.out, &ends.err}) {
    if (*ours) ::fcntl(ours->get(), F_SETFL, O_NONBLOCK);
  }
  return ends;
}

/// posix_spawn with `ends` as descriptors 0 to 2 and no signal blocked or ignored.
Result<pid_t> spawn(const std::string& binary, const ExecOrder& order, const Ends& ends) {
  std::vector<std::string> words{"mizan", "exec", order.folder, order.container};
  words.insert(words.end(), order.command.begin(), order.command.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  for (int target = 0; target < 3; ++target)
    ::posix_spawn_file_actions_adddup2(&actions,
                                       ends.theirs[static_cast<std::size_t>(target)].get(), target);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, binary.c_str(), &actions, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail_errno("starting " + binary, error);
  return pid;
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

struct ExecRun::State {
  State(const asio::any_io_executor& executor, pid_t pid_, Ends ends, bool terminal_)
      : pid(pid_),
        terminal(terminal_),
        in(executor),
        out(executor),
        err(executor),
        timer(executor) {
    if (ends.in) in.assign(ends.in.release());
    if (ends.out) out.assign(ends.out.release());
    if (ends.err) err.assign(ends.err.release());
    streams = err.is_open() ? 2 : 1;
  }

  static Task<> read(std::shared_ptr<State> state, Descriptor& from, ExecChunk::Stream stream);
  static Task<> wait(std::shared_ptr<State> state, Descriptor pidfd);
  static Task<bool> write(std::shared_ptr<State> state, std::string input);
  void signal(int number) const {
    if (!exit_code) ::kill(-pid, number);
  }
  void close() {
    error_code ignored;
    for (Descriptor* one : {&in, &out, &err}) {
      if (one->is_open()) one->close(ignored);
    }
    changed.notify_all();
  }

  pid_t pid;
  bool terminal;
  Descriptor in, out, err;
  asio::steady_timer timer;
  int streams = 0;
  std::deque<ExecChunk> ready;
  std::optional<int> exit_code;
  bool over = false;  // ended, and its output had time to be read
  controller::Signal changed;
};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): *state owns `from`
Task<> ExecRun::State::read(std::shared_ptr<State> state, Descriptor& from,
                            ExecChunk::Stream stream) {
  for (;;) {
    while (state->ready.size() >= kMostReady && from.is_open()) co_await state->changed.wait();
    if (!from.is_open()) break;
    std::string bytes(kChunk, '\0');
    error_code error;
    // A terminal says EIO when its last process has gone.
    const std::size_t count = co_await from.async_read_some(asio::buffer(bytes), into(error));
    if (error || count == 0) break;
    bytes.resize(count);
    state->ready.push_back({stream, std::move(bytes), 0});
    state->changed.notify_all();
  }
  --state->streams;
  state->changed.notify_all();
}

Task<> ExecRun::State::wait(std::shared_ptr<State> state, Descriptor pidfd) {
  error_code ignored;
  co_await pidfd.async_wait(Descriptor::wait_read, into(ignored));
  int status = 0;
  ::waitpid(state->pid, &status, 0);
  state->exit_code = exit_code_of(status);
  state->changed.notify_all();
  if (state->streams > 0) {
    state->timer.expires_after(kLastWords);
    co_await state->timer.async_wait(into(ignored));
  }
  state->over = true;
  state->changed.notify_all();
}

Task<bool> ExecRun::State::write(std::shared_ptr<State> state, std::string input) {
  Descriptor& to = state->terminal ? state->out : state->in;
  if (!to.is_open()) co_return false;
  error_code error;
  co_await asio::async_write(to, asio::buffer(input), into(error));
  co_return !error;
}

Result<std::unique_ptr<ExecRun>> ExecRun::start(const asio::any_io_executor& executor,
                                                const std::string& binary, ExecOrder order) {
  Result<Ends> ends = order.terminal ? open_terminal() : open_pipes(order.input);
  if (!ends) return fail(ends.error());
  TRY(const pid_t pid, spawn(binary, order, *ends));
  Result<Fd> pidfd = open_pidfd(pid);
  if (!pidfd) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return fail(pidfd.error());
  }
  auto state = std::make_shared<State>(executor, pid, *std::move(ends), order.terminal);
  Descriptor end(executor, pidfd->release());
  asio::co_spawn(executor, State::wait(state, std::move(end)), asio::detached);
  asio::co_spawn(executor, State::read(state, state->out, ExecChunk::Stream::kOut), asio::detached);
  if (state->err.is_open())
    asio::co_spawn(executor, State::read(state, state->err, ExecChunk::Stream::kErr),
                   asio::detached);
  return std::unique_ptr<ExecRun>(new ExecRun(std::move(state)));
}

ExecRun::~ExecRun() {
  state_->signal(SIGKILL);
  state_->close();
}

Task<ExecChunk> ExecRun::next() {
  const auto state = state_;
  for (;;) {
    if (!state->ready.empty()) {
      ExecChunk chunk = std::move(state->ready.front());
      state->ready.pop_front();
      state->changed.notify_all();
      co_return chunk;
    }
    if (state->exit_code && (state->streams == 0 || state->over)) {
      state->timer.cancel();
      co_return ExecChunk{ExecChunk::Stream::kEnd, {}, *state->exit_code};
    }
    co_await state->changed.wait();
  }
}

Task<bool> ExecRun::write(std::string input) { return State::write(state_, std::move(input)); }

void ExecRun::close_input() {
  error_code ignored;
  if (state_->in.is_open()) state_->in.close(ignored);
}

void ExecRun::resize(std::uint16_t columns, std::uint16_t rows) {
  const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  if (state_->terminal && state_->out.is_open())
    ::ioctl(state_->out.native_handle(), TIOCSWINSZ, &size);
}

void ExecRun::hang_up() {
  close_input();
  state_->signal(SIGHUP);
}

}  // namespace mizan::pods
