// The runner's loop: one poll over the server, the trial's pipes, its own output, signals and time.
#include "pods/runner/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/time.h"
#include "pods/runner/lease_link.h"
#include "pods/runner/leased_run.h"
#include "pods/shim/footprint.h"

namespace mizan::pods {
namespace {

using resources::WarmLease;
using resources::WarmResult;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kSampleEvery{50};
constexpr milliseconds kDrain{2000};     // for the pipes of what was killed
constexpr milliseconds kLastWord{2000};  // to hand a result in before it ends
constexpr std::chrono::minutes kIdlePatience{10};
constexpr std::int64_t kLeakAtLeast = 128LL << 20U;
constexpr std::size_t kLongestMessage = 4096;
constexpr int kInfeasible = 78, kNotStarted = 128;

std::string variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? "" : value;
}

std::string now_text() { return format_rfc3339_nano(std::chrono::system_clock::now()); }

std::string folder_name(const WarmLease& lease) {
  std::string name = lease.key();
  std::ranges::replace(name, '/', '-');
  return name;
}

class Runner {
 public:
  Runner(LeaseLink::Config config, bool process)
      : link_(std::move(config)),
        process_(process),
        termination_log_(variable("MIZAN_TERMINATION_LOG")),
        home_(std::filesystem::current_path().string()),
        environment_(own_environment()) {
    sigset_t watched;
    ::sigemptyset(&watched);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT}) ::sigaddset(&watched, number);
    ::sigprocmask(SIG_BLOCK, &watched, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    signals_.reset(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    const std::string leak = variable("MIZAN_LEAK_BYTES");
    if (!leak.empty()) leak_at_least_ = std::strtoll(leak.c_str(), nullptr, 10);
  }

  int run() {
    while (true) {
      const auto now = SteadyClock::now();
      if (!leaving_ || link_.has_result()) link_.begin(now);
      if (std::string why = link_.take_complaint(); !why.empty()) output_.note(why);
      if (leaving_ && !lease_ && (!link_.has_result() || now > leave_until_)) break;
      if (!lease_ && !link_.has_result() && now - link_.silent_since() > kIdlePatience) {
        output_.note("the server has said nothing for 10 minutes");
        break;
      }
      wait(now);
      act(SteadyClock::now());
    }
    kill_descendants();
    output_.note("ends");
    output_.drain();
    return terminated_ ? 128 + SIGTERM : 0;
  }

 private:
  void wait(SteadyClock::time_point now) {
    SteadyClock::time_point until = std::min(link_.next(), now + std::chrono::seconds(30));
    if (lease_) until = std::min(until, sample_at_);
    if (kill_at_) until = std::min(until, *kill_at_);
    if (drain_until_) until = std::min(until, *drain_until_);
    if (leaving_) until = std::min(until, now + milliseconds(100));
    const bool listens = run_ && !output_.is_full();
    pollfd fds[] = {{signals_.get(), POLLIN, 0},
                    {link_.fd(), link_.events(), 0},
                    {output_.has_pending() ? output_.fd() : -1, POLLOUT, 0},
                    {run_ ? run_->in() : -1, POLLOUT, 0},
                    {listens ? run_->out() : -1, POLLIN, 0},
                    {listens ? run_->err() : -1, POLLIN, 0}};
    const auto left = std::chrono::ceil<milliseconds>(until - now).count();
    if (!lease_ && !trimmed_) {
      drop_program_text();
      trimmed_ = true;
    }
    ::poll(fds, std::size(fds), static_cast<int>(std::clamp<std::int64_t>(left, 0, 30'000)));
  }

  void act(SteadyClock::time_point now) {
    handle_signals();
    if (auto news = link_.step(now)) heard(*news);
    output_.flush();
    if (run_) {
      run_->write();
      run_->read();
    }
    if (lease_ && now >= sample_at_) sample(now);
    if (kill_at_ && now >= *kill_at_) {
      kill_at_.reset();
      kill_descendants();
    }
    settle(now);
  }

  void handle_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGCHLD) {
        reap();
        continue;
      }
      terminated_ = true;
      leave("it is told to end");
    }
  }

  void reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (run_ && run_->pid() == pid) run_->ended(status);
    }
  }

  void leave(const std::string& why) {
    if (!std::exchange(leaving_, true)) {
      output_.note(why);
      leave_until_ = SteadyClock::now() + kLastWord;
    }
    if (lease_) stop_trial();
  }

  void heard(const LeaseLink::News& news) {
    using Kind = LeaseLink::News::Kind;
    if (news.kind == Kind::kRefused) output_.note("the result was not taken: " + news.text);
    if (news.kind == Kind::kGone) return leave(news.text);
    if (news.kind != Kind::kLease) return;
    if (news.lease && news.lease->end) return leave("there are no more trials for this pod");
    if (!lease_) {
      if (news.lease && !leaving_) begin(*news.lease);
      return;
    }
    const bool same =
        news.lease && news.lease->key() == lease_->key() && news.lease->job_uid == lease_->job_uid;
    if (!same || news.lease->cancelled) stop_trial();
  }

  void begin(const WarmLease& lease) {
    lease_ = lease;
    link_.working_on(&lease);
    result_ = WarmResult();
    result_.trial = lease.trial;
    result_.attempt = lease.attempt;
    result_.started_at = now_text();
    stopping_ = false;
    trimmed_ = false;
    output_.note("begin " + lease.key());
    if (lease.cancelled) {
      stopping_ = true;
      return finish();
    }
    if (!termination_log_.empty())
      Fd(::open(termination_log_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    oom_before_ = oom_kills();
    process_ ? begin_in_worker() : begin_process();
    sample_at_ = SteadyClock::now();
  }

  void begin_process() {
    const std::string folder = home_ + "/" + folder_name(*lease_);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (::mkdir(folder.c_str(), 0755) != 0 || ::mkdir((folder + "/tmp").c_str(), 01777) != 0)
      return not_started("a directory of its own can't be made: " + folder);
    start(plan_process(*lease_, environment_, folder, folder), false);
  }

  /// The worker that there is, unless another command line is wanted.
  void begin_in_worker() {
    ProcessPlan plan = plan_process(*lease_, environment_, home_, "");
    plan.with_input = true;
    if (run_ && (run_->wait_status() || worker_argv_ != plan.argv)) end_worker();
    if (!run_) {
      // What the same program held when it was idle goes for the next one, too: after its first
      // trial that one holds more than it needs.
      if (worker_argv_ != plan.argv) floor_ = 0;
      worker_argv_ = plan.argv;
      if (!start(plan, true)) return;
    } else {
      forget_peaks();
      result_.baseline_bytes = memory_of_all();
      result_.carried_bytes = beyond_floor(result_.baseline_bytes);
    }
    while (run_->take_done()) {  // of nobody
    }
    run_->belongs_to(lease_->key());
    run_->say(trial_line(*lease_));
    run_->write();
  }

  /// Of what is held: more than the worker needs when idle. 0 before that is known.
  std::int64_t beyond_floor(std::int64_t held) const {
    return floor_ > 0 ? std::max<std::int64_t>(0, held - floor_) : 0;
  }

  bool start(const ProcessPlan& plan, bool speaks) {
    auto child = start_process(plan);
    if (!child) {
      not_started(child.error().message);
      return false;
    }
    run_ = std::make_unique<LeasedRun>(*std::move(child), speaks, output_);
    run_->belongs_to(lease_->key());
    return true;
  }

  void not_started(const std::string& why) {
    result_.exit_code = kNotStarted;
    result_.message = "failed to start the trial: " + why;
    output_.line(lease_->key(), result_.message);
    finish();
  }

  void sample(SteadyClock::time_point now) {
    sample_at_ = now + kSampleEvery;
    result_.peak_bytes = std::max(result_.peak_bytes, peak_memory_of_all());
  }

  void stop_trial() {
    if (!lease_ || std::exchange(stopping_, true)) return;
    if (!run_) return finish();
    if (process_) {
      run_->say(stop_line(lease_->trial));
      run_->write();
    } else {
      ::kill(run_->pid(), SIGTERM);
    }
    kill_at_ = SteadyClock::now() + std::chrono::seconds(lease_->grace_seconds);
  }

  /// Ends what has come to its end.
  void settle(SteadyClock::time_point now) {
    if (process_) take_done();
    if (!run_ || !run_->wait_status()) return;
    // Nothing of it may live on, and then what is in the pipes is all there will be.
    if (kill_descendants() > 0) reap();
    if (!run_->is_silent()) {
      if (!drain_until_) drain_until_ = now + kDrain;
      if (now < *drain_until_) return;
      run_->stop_listening();
      if (process_) take_done();
    }
    drain_until_.reset();
    const int status = *run_->wait_status();
    if (!lease_) {
      output_.note("the worker ended while it had no trial");
      run_.reset();
      return;
    }
    result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + result_.signal;
    if (process_ && result_.exit_code == 0) {
      result_.exit_code = 1;
      result_.message = "the worker ended before it was done with the trial";
    }
    read_message();
    finish();
    run_.reset();
  }

  void take_done() {
    while (run_) {
      const auto done = run_->take_done();
      if (!done) return;
      if (!lease_ || done->trial != lease_->trial) {
        output_.note("the worker is done with " + done->trial.substr(0, 253) +
                     ", which it doesn't have; that counts for nothing");
        continue;
      }
      if (!done->infeasible.empty()) {
        result_.exit_code = kInfeasible;
        result_.message = done->infeasible;
      } else if (!done->error.empty()) {
        result_.exit_code = 1;
        result_.message = done->error;
      }
      finish();
    }
  }

  void read_message() {
    if (!termination_log_.empty()) {
      const auto said = read_file_at(AT_FDCWD, termination_log_);
      if (said && !said->empty()) result_.message = said->substr(0, kLongestMessage);
    }
    if (result_.message.empty() && lease_->log_as_message && result_.exit_code != 0)
      result_.message = run_->tail();
  }

  void finish() {
    const std::int64_t left = memory_of_all();
    result_.peak_bytes = std::max({result_.peak_bytes, left, peak_memory_of_all()});
    if (process_) result_.left_bytes = beyond_floor(left);
    result_.cancelled = stopping_;
    result_.oom_killed = !stopping_ && result_.exit_code != 0 && oom_kills() > oom_before_;
    result_.finished_at = now_text();
    output_.note("end " + lease_->key() + " exit code " + std::to_string(result_.exit_code));
    output_.flush();
    link_.hand_in(result_);
    leave_until_ = SteadyClock::now() + kLastWord;
    kill_at_.reset();
    if (process_) {
      if (run_ && !run_->wait_status()) look_after_worker(left);
    } else {
      std::error_code ignored;  // what can't be removed goes with the pod
      std::filesystem::remove_all(home_ + "/" + folder_name(*lease_), ignored);
    }
    lease_.reset();
    link_.working_on(nullptr);
  }

  /// What a worker holds when it is done is what the next trial begins with.
  void look_after_worker(std::int64_t held) {
    run_->belongs_to("");
    if (stopping_ && result_.exit_code != 0) return;
    floor_ = floor_ == 0 ? held : std::min(floor_, held);
    if (held - floor_ <= std::max(leak_at_least_, floor_)) return;
    output_.note("the worker holds " + std::to_string(held >> 20U) + " MiB without a trial, " +
                 std::to_string(floor_ >> 20U) + " MiB at first: it is started anew");
    end_worker();
  }

  void end_worker() {
    kill_descendants();
    run_->stop_listening();
    run_.reset();
    reap();
  }

  LeaseLink link_;
  bool process_;
  std::string termination_log_, home_;
  std::vector<std::string> environment_;
  FramedOutput output_{STDOUT_FILENO};
  Fd signals_;
  std::unique_ptr<LeasedRun> run_;  // the trial's process, or the worker
  std::vector<std::string> worker_argv_;
  std::optional<WarmLease> lease_;  // being worked on
  WarmResult result_;
  std::int64_t oom_before_ = 0, floor_ = 0, leak_at_least_ = kLeakAtLeast;
  bool stopping_ = false;  // the lease was withdrawn
  bool leaving_ = false, terminated_ = false, trimmed_ = false;
  SteadyClock::time_point sample_at_{}, leave_until_{};
  std::optional<SteadyClock::time_point> kill_at_, drain_until_;
};

}  // namespace

int runner_main(int, char**) {
  ::prctl(PR_SET_NAME, "mizan-runner");
  // What trials leave behind becomes ours, to be ended and counted.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  LeaseLink::Config config{.url = variable("MIZAN_URL"),
                           .url_file = variable("MIZAN_URL_FILE"),
                           .token = variable("MIZAN_TOKEN"),
                           .ns = variable("MIZAN_NAMESPACE"),
                           .pod = variable("MIZAN_POD"),
                           .pod_uid = variable("MIZAN_POD_UID")};
  const std::string reuse = variable("MIZAN_REUSE");
  const bool known = reuse == "Pod" || reuse == "Process";
  if (config.url.empty() || config.token.empty() || config.ns.empty() || config.pod.empty() ||
      config.pod_uid.empty() || !known) {
    std::fputs(
        "mizan runner: it runs in warm pods, where MIZAN_URL, MIZAN_TOKEN, MIZAN_NAMESPACE, "
        "MIZAN_POD, MIZAN_POD_UID and MIZAN_REUSE (Pod or Process) are set\n",
        stderr);
    return kRunnerMisused;
  }
  return Runner(std::move(config), reuse == "Process").run();
}

}  // namespace mizan::pods
