// The shim's loop over its containers, its log pipes and what it is told.
#include "pods/shim/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "pods/shim/footprint.h"
#include "pods/shim/process_tree.h"
#include "pods/shim/shim.h"

namespace mizan::pods {
namespace {

constexpr std::int64_t kLongestBackoff = 300'000;
constexpr std::int64_t kBackoffForgotten = 600'000;  // a run this long starts the backoff anew
constexpr std::int64_t kSettledAfter = 1000;         // short pods needn't be small
constexpr std::int64_t kKillAgainAfter =
    20;  // processes that fork while being killed are met again
constexpr std::size_t kReadSize = 32 * 1024;

std::int64_t clock_ms(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// The number after `key ` in a file of lines, or the file's only number.
std::uint64_t number_in(const std::string& file, std::string_view key) {
  if (file.empty()) return 0;
  const Result<std::string> text = read_file_at(AT_FDCWD, file);
  if (!text) return 0;
  std::size_t at = 0;
  if (!key.empty()) {
    const std::string wanted = std::string(key) + " ";
    at = text->starts_with(wanted) ? 0 : text->find("\n" + wanted);
    if (at == std::string::npos) return 0;
    at = text->find(' ', at) + 1;
  }
  return std::strtoull(text->c_str() + at, nullptr, 10);
}

std::uint64_t cpu_nanoseconds_in(const std::string& file) {
  if (const std::uint64_t microseconds = number_in(file, "usage_usec")) return microseconds * 1000;
  return number_in(file, "");
}

bool is_done(const ContainerPlan& plan, RestartPolicy policy, int exit_code) {
  if (plan.role == Role::kSidecar) return false;
  if (policy == RestartPolicy::kNever) return true;
  if (policy == RestartPolicy::kOnFailure || plan.role == Role::kInit) return exit_code == 0;
  return false;
}

}  // namespace

Supervisor::Milliseconds Supervisor::clock_now() { return clock_ms(CLOCK_BOOTTIME); }

Supervisor::Supervisor(Fd folder, LaunchPlan plan)
    : folder_(std::move(folder)), plan_(std::move(plan)) {}

int Supervisor::run() {
  prepare();
  while (true) {
    advance();
    if (is_over()) break;
    if (dirty_) write_report(kStatusFile);
    wait_for_something();
  }
  finish();
  return 0;
}

void Supervisor::prepare() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1})
    ::sigaddset(&wanted, number);
  ::sigprocmask(SIG_SETMASK, &wanted, nullptr);
  signals_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (plan_.deadline_ms != 0)
    deadline_at_ =
        clock_now() + std::max<Milliseconds>(plan_.deadline_ms - clock_ms(CLOCK_REALTIME), 1);
  trim_at_ = clock_now() + kSettledAfter;
  containers_.resize(plan_.containers.size());
  for (std::size_t i = 0; i < containers_.size(); ++i) {
    containers_[i].plan = &plan_.containers[i];
    containers_[i].report.name = plan_.containers[i].name;
    containers_[i].report.role = plan_.containers[i].role;
    containers_[i].sampled_limit = plan_.containers[i].sampled_memory_limit;
  }
  follow_orders();  // the node may have sent some before anyone listened
}

void Supervisor::advance() {
  for (Container& container : containers_) {
    if (container.draining && settle(container)) conclude(container);
    if (container.running && container.restart_kill_at != 0 &&
        clock_now() >= container.restart_kill_at) {
      container.restart_kill_at = 0;
      ::kill(container.report.pid, SIGKILL);
    }
  }
  if (deadline_at_ != 0 && clock_now() >= deadline_at_) {
    deadline_at_ = 0;
    begin_stop(plan_.grace_ms, "DeadlineExceeded",
               "Pod was active on the node longer than the specified deadline");
  }
  if (kill_at_ != 0 && clock_now() >= kill_at_) kill_all();
  if (sample_at_ != 0 && clock_now() >= sample_at_) sample_memory();
  if (!stopping_) advance_init();
  stop_sidecars();
}

/// Init containers one after the other, sidecars among them without waiting for their end; then all
/// the others.
void Supervisor::advance_init() {
  for (Container& container : containers_) {
    const bool idle = !container.active();
    const bool fresh = idle && container.report.state == ContainerReport::State::kWaiting;
    const bool init = container.plan->role == Role::kInit;
    if (fresh && !container.held && clock_now() >= container.restart_at) start(container);
    if (!init || container.succeeded()) continue;
    if (container.ended()) {  // for good: decide_restart() would have made it wait
      init_failed_ = true;
      stopping_ = true;
    }
    return;
  }
}

void Supervisor::start(Container& container) {
  ContainerReport& report = container.report;
  dirty_ = true;
  if (Result<> made = prepare_container(folder_.get(), *container.plan); !made)
    return fail_start(container, made.error());
  container.directory.reset(::openat(folder_.get(), ("containers/" + container.plan->name).c_str(),
                                     O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  container.log.emplace(container.directory.get(), report.restarts, plan_.log_bytes,
                        plan_.log_files);
  container.ooms_before = number_in(container.plan->cgroup.oom_file, "oom_kill");
  report.started_at = timestamp_now();
  Result<StartedContainer> started = start_container(plan_, *container.plan);
  if (!started) return fail_start(container, started.error());
  container.running = true;
  container.started = clock_now();
  container.out = std::move(started->out);
  container.err = std::move(started->err);
  container.over_sampled_limit = false;
  container.namespace_id = containers_.size() > 1 ? mount_namespace_of(started->pid) : 0;
  report.pid = started->pid;
  report.state = ContainerReport::State::kRunning;
  report.reason.clear();
  report.message.clear();
  report_.phase = "Running";
  if (samples(container) && sample_at_ == 0) sample_at_ = clock_now() + kSampleEvery;
}

void Supervisor::fail_start(Container& container, const Error& error) {
  ContainerReport& report = container.report;
  if (error.code == Code::kUnavailable) report_.reason = "MountNamespaceUnavailable";
  report.state = ContainerReport::State::kTerminated;
  report.reason.clear();
  report.message.clear();
  report.started_at.clear();
  report.pid = 0;
  const std::string now = timestamp_now();
  report.ended = {128,
                  0,
                  error.code == Code::kUnavailable ? "MountNamespaceUnavailable" : "StartError",
                  "failed to start the container: " + error.message,
                  now,
                  now};
  container.started = clock_now();
  decide_restart(container);
}

void Supervisor::wait_for_something() {
  std::vector<pollfd> fds{{signals_.get(), POLLIN, 0}};
  for (const Container& container : containers_) {
    fds.push_back({container.out.get(), POLLIN, 0});  // poll ignores what is -1
    fds.push_back({container.err.get(), POLLIN, 0});
  }
  if (trim_at_ != 0 && clock_now() >= trim_at_) {
    trim_at_ = 0;
    drop_program_text();
  }
  const Milliseconds wake = next_wake();
  const Milliseconds wait =
      wake == 0 ? -1 : std::clamp<Milliseconds>(wake - clock_now(), 0, 3'600'000);
  if (::poll(fds.data(), fds.size(), static_cast<int>(wait)) <= 0) return;
  for (Container& container : containers_) read_output(container);
  if (fds[0].revents != 0) handle_signals();
}

void Supervisor::handle_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    const auto number = static_cast<int>(info.ssi_signo);
    if (number == SIGCHLD) reap();
    if (number == SIGUSR1) follow_orders();
    if (number != SIGTERM && number != SIGINT) continue;
    const bool has_grace = info.ssi_code == SI_QUEUE && info.ssi_int > 0;
    begin_stop(has_grace ? info.ssi_int - 1 : plan_.grace_ms, nullptr, nullptr);
  }
}

void Supervisor::reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    for (Container& container : containers_) {
      if (!container.running || container.report.pid != pid) continue;
      container.running = false;
      container.draining = true;
      container.wait_status = status;
      container.report.ended.finished_at = timestamp_now();
    }
  }
  has_children_ = pid == 0;  // else ECHILD: not one descendant is left
}

bool Supervisor::read_output(Container& container) {
  static char chunk[kReadSize];
  bool got_any = false;
  for (const Stream stream : {Stream::kStdout, Stream::kStderr}) {
    Fd& end = stream == Stream::kStdout ? container.out : container.err;
    if (!end) continue;
    const ssize_t got = ::read(end.get(), chunk, sizeof chunk);
    if (got > 0) {
      container.log->write(stream, {chunk, static_cast<std::size_t>(got)});
      got_any = true;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      container.log->finish(stream);
      end.reset();
    }
  }
  return got_any;
}

/// What a container that has ended left running. With several containers they are told apart by
/// mount namespace; where they have none of their own, a leftover lives until the pod ends.
std::vector<pid_t> Supervisor::leftovers(const Container& container) const {
  if (!has_children_) return {};
  std::vector<pid_t> found = descendants(all_processes(), ::getpid());
  const bool alone = std::ranges::none_of(
      containers_, [&](const Container& other) { return &other != &container && other.active(); });
  if (alone) return found;
  std::erase_if(found, [&](pid_t pid) {
    const bool is_main = std::ranges::any_of(containers_, [&](const Container& other) {
      return other.running && other.report.pid == pid;
    });
    return is_main || container.namespace_id == 0 ||
           mount_namespace_of(pid) != container.namespace_id;
  });
  return found;
}

bool Supervisor::settle(Container& container) {
  reap();
  const std::vector<pid_t> left = leftovers(container);
  for (const pid_t pid : left) ::kill(pid, SIGKILL);
  if (!left.empty()) return false;
  // Nobody of this container can write any more: what is in the pipes is all there will be.
  while (read_output(container)) {
  }
  for (const Stream stream : {Stream::kStdout, Stream::kStderr}) container.log->finish(stream);
  container.out.reset();
  container.err.reset();
  return true;
}

void Supervisor::conclude(Container& container) {
  ContainerReport& report = container.report;
  const int status = container.wait_status;
  const CgroupPlan& cgroup = container.plan->cgroup;
  Termination& end = report.ended;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + end.signal;
  const bool oom = container.over_sampled_limit ||
                   number_in(cgroup.oom_file, "oom_kill") > container.ooms_before;
  end.reason = end.exit_code == 0 ? "Completed" : oom ? "OOMKilled" : "Error";
  end.started_at = report.started_at;
  end.message.clear();
  if (!container.plan->termination_log.empty()) {
    end.message =
        read_file_at(container.directory.get(), "termination-log").value_or("").substr(0, 4096);
  }
  if (end.message.empty() && container.plan->log_as_message && end.exit_code != 0)
    end.message = LogWriter::tail(container.directory.get(), report.restarts, 80, 2048);
  report.peak_memory = std::max(report.peak_memory, number_in(cgroup.peak_file, ""));
  report.cpu_nanoseconds = std::max(report.cpu_nanoseconds, cpu_nanoseconds_in(cgroup.cpu_file));
  // Too short a run to be sampled: what it held with its page cache is no less than what is asked.
  if (container.plan->sample_memory && report.peak_anonymous == 0)
    report.peak_anonymous = report.peak_memory;
  report.state = ContainerReport::State::kTerminated;
  report.started_at.clear();
  report.pid = 0;
  container.draining = false;
  container.log.reset();
  dirty_ = true;
  decide_restart(container);
}

void Supervisor::decide_restart(Container& container) {
  ContainerReport& report = container.report;
  const bool restarts = std::exchange(container.restarting, false);
  container.restart_kill_at = 0;
  if (stopping_ || sidecars_stopping_) return;
  if (!restarts && is_done(*container.plan, plan_.restart, report.ended.exit_code)) return;
  report.last = report.ended;
  report.has_last = true;
  ++report.restarts;
  report.state = ContainerReport::State::kWaiting;
  if (restarts) {
    container.restart_at = 0;
    report.reason = "ContainerCreating";
    report.message = "restarting for a resize";
    return;
  }
  if (clock_now() - container.started >= kBackoffForgotten) container.backoff = 0;
  container.backoff =
      container.backoff == 0 ? plan_.backoff_ms : std::min(container.backoff * 2, kLongestBackoff);
  container.restart_at = clock_now() + container.backoff;
  report.reason = "CrashLoopBackOff";
  report.message = "back-off " + std::to_string(container.backoff / 1000) +
                   "s restarting failed container=" + report.name;
}

void Supervisor::begin_stop(Milliseconds grace, const char* reason, const char* message) {
  if (reason != nullptr && report_.reason.empty()) {
    report_.reason = reason;
    report_.message = message;
  }
  const Milliseconds at = clock_now() + std::max<Milliseconds>(grace, 0);
  kill_at_ = stopping_ && kill_at_ != 0 ? std::min(kill_at_, at) : at;
  if (!stopping_) {
    for (const Container& container : containers_) {
      if (container.running && grace > 0) ::kill(container.report.pid, SIGTERM);
    }
  }
  stopping_ = true;
}

/// Sidecars end when all that they stand beside has ended.
void Supervisor::stop_sidecars() {
  if (sidecars_stopping_) return;
  for (const Container& container : containers_) {
    if (container.plan->role == Role::kSidecar) continue;
    const bool never_to_run = stopping_ && !container.active();
    if (!container.ended() && !never_to_run) return;
  }
  sidecars_stopping_ = true;
  for (const Container& container : containers_) {
    if (container.running) ::kill(container.report.pid, SIGTERM);
    if (container.running && kill_at_ == 0) kill_at_ = clock_now() + plan_.grace_ms;
  }
}

void Supervisor::kill_all() {
  for (const Container& container : containers_) {
    if (container.running) ::kill(container.report.pid, SIGKILL);
  }
  for (const pid_t pid : descendants(all_processes(), ::getpid())) ::kill(pid, SIGKILL);
  kill_at_ = clock_now() + kKillAgainAfter;
}

bool Supervisor::is_over() const {
  if (std::ranges::any_of(containers_, &Container::active)) return false;
  if (stopping_) return true;
  return std::ranges::all_of(containers_, [](const Container& container) {
    return container.ended() || container.plan->role == Role::kSidecar;
  });
}

Supervisor::Milliseconds Supervisor::next_wake() const {
  Milliseconds wake = 0;
  const auto at = [&wake](Milliseconds when) {
    if (when != 0 && (wake == 0 || when < wake)) wake = when;
  };
  at(kill_at_);
  at(sample_at_);
  at(trim_at_);
  if (!stopping_) at(deadline_at_);
  for (const Container& container : containers_) {
    if (container.draining) at(clock_now() + kKillAgainAfter);
    if (container.running) at(container.restart_kill_at);
    const bool waits =
        !container.active() && container.report.state == ContainerReport::State::kWaiting;
    if (waits && !stopping_ && !container.held) at(container.restart_at);
  }
  return wake;
}

void Supervisor::write_report(const char* file) {
  report_.containers.clear();
  for (const Container& container : containers_) report_.containers.push_back(container.report);
  // A full disk: the node sees the shim end without a report, and says so.
  (void)write_file_at(folder_.get(), file, to_json(report_), false);
  dirty_ = false;
}

void Supervisor::finish() {
  for (reap(); has_children_; reap()) {
    kill_all();
    pollfd signals{signals_.get(), POLLIN, 0};
    ::poll(&signals, 1, static_cast<int>(kKillAgainAfter));
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) > 0) {
    }
  }
  const bool succeeded = report_.reason.empty() && !init_failed_ &&
                         std::ranges::all_of(containers_, [](const Container& container) {
                           return container.plan->role == Role::kSidecar || container.succeeded();
                         });
  report_.phase = succeeded ? "Succeeded" : "Failed";
  write_report(kExitFile);
}

}  // namespace mizan::pods
