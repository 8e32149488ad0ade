// One process of a warm pod and what it says: a trial's own (reuse: Pod), or the worker of many
// (reuse: Process).
//
// It owns the process and its pipes and turns output into framed lines; the runner's loop tells it
// of readable pipes and of its end.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "pods/runner/framed_output.h"
#include "pods/runner/trial_process.h"
#include "pods/runner/worker_protocol.h"

namespace mizan::pods {

class LeasedRun {
 public:
  /// `speaks`: it answers in JSON lines on its standard output.
  LeasedRun(ChildProcess child, bool speaks, FramedOutput& output);

  pid_t pid() const { return child_.pid; }
  /// Whose lines what it says becomes; "" when it has no trial.
  void belongs_to(std::string owner);

  int in() const { return unsent_.empty() ? -1 : child_.in.get(); }
  int out() const { return child_.out.get(); }
  int err() const { return child_.err.get(); }

  void say(const std::string& line) { unsent_ += line; }
  void write();                                                  // what goes without waiting
  void read();                                                   // what there is
  bool is_silent() const { return !child_.out && !child_.err; }  // both pipes are at their end
  void stop_listening();

  /// done lines that were read and not yet taken.
  std::optional<WorkerLine> take_done();
  /// The last lines that it said for its present owner, for messages.
  std::string tail() const;

  /// It was reaped.
  void ended(int wait_status) { wait_status_ = wait_status; }
  std::optional<int> wait_status() const { return wait_status_; }

 private:
  void take(std::string_view line, bool from_out);
  void text(std::string_view line);

  ChildProcess child_;
  bool speaks_;
  FramedOutput& output_;
  std::string owner_, unsent_;
  LineCutter out_, err_;
  std::deque<WorkerLine> done_;
  std::deque<std::string> last_;
  std::size_t said_ = 0;  // bytes of text for the present owner
  bool cut_ = false;
  std::optional<int> wait_status_;
};

}  // namespace mizan::pods
