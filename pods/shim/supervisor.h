// Runs one pod to its end: starts its containers in order, keeps their output, restarts them as the
// policy says, ends them on request or at the deadline, and reaps every process that came of them.
//
// One thread, one poll loop, no polling while nothing happens.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pods/shim/container_start.h"
#include "pods/shim/log_writer.h"
#include "pods/shim/report.h"

namespace mizan::pods {

/// The pod's folder must be claimed by this process already. SIGTERM ends the pod; its value, when
/// it was sent with one, is the grace period in milliseconds plus one.
class Supervisor {
 public:
  Supervisor(Fd folder, LaunchPlan plan);
  /// Until exit.json is written. Returns the shim's exit code.
  int run();

 private:
  using Milliseconds = std::int64_t;  // of the monotonic clock
  static constexpr Milliseconds kSampleEvery = 50;
  static Milliseconds clock_now();

  /// One container over all its runs.
  struct Container {
    const ContainerPlan* plan = nullptr;
    ContainerReport report;
    Fd directory, out, err;
    std::optional<LogWriter> log;
    bool running = false;  // its main process is there
    bool draining =
        false;  // it ended; what it left behind is being killed and its output read to the end
    int wait_status = 0;
    bool over_sampled_limit = false;
    bool held = false;                // the node wants no run of it now
    bool restarting = false;          // this run ends because the node wants another one
    std::uint64_t sampled_limit = 0;  // bytes; 0: none
    std::uint64_t namespace_id = 0;
    std::uint64_t ooms_before = 0;
    Milliseconds started = 0, restart_at = 0, backoff = 0, restart_kill_at = 0;

    bool active() const { return running || draining; }
    bool ended() const { return !active() && report.state == ContainerReport::State::kTerminated; }
    bool succeeded() const { return ended() && report.ended.exit_code == 0; }
  };

  void prepare();
  void advance();  // starts what is due, ends what is done
  void advance_init();
  void start(Container& container);
  void fail_start(Container& container, const Error& error);
  void wait_for_something();
  void handle_signals();
  void follow_orders();  // in supervisor_memory.cc, as is what samples
  void reap();
  bool read_output(Container& container);  // whether there was some
  bool settle(Container& container);       // a draining container; true when it is done
  std::vector<pid_t> leftovers(const Container& container) const;
  void conclude(Container& container);
  void decide_restart(Container& container);
  void begin_stop(Milliseconds grace, const char* reason, const char* message);
  void stop_sidecars();
  void kill_all();
  bool samples(const Container& container) const;
  void sample_memory();
  bool is_over() const;
  Milliseconds next_wake() const;
  void write_report(const char* file);
  void finish();

  Fd folder_, signals_;
  LaunchPlan plan_;
  std::vector<Container> containers_;
  PodReport report_;
  bool dirty_ = false;     // the report has changed since it was written
  bool stopping_ = false;  // nothing is started any more
  bool sidecars_stopping_ = false;
  bool init_failed_ = false;
  bool has_children_ = false;  // of any kind, as of the last reap
  Milliseconds kill_at_ = 0, deadline_at_ = 0, sample_at_ = 0, trim_at_ = 0;  // 0: none
};

}  // namespace mizan::pods
