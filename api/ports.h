// What the HTTP front needs from its peers, as interfaces that cmd/ fills in: api/ includes neither
// experiment/ nor suggestion/ nor pods/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "store/pod_logs.h"

namespace mizan::api {

/// CPU and memory of a pod now, for metrics.k8s.io and the dashboard.
struct ContainerUsage {
  std::string container;
  std::int64_t cpu_nanocores = 0;
  std::int64_t memory_bytes = 0;
};

class PodUsage {
 public:
  virtual ~PodUsage() = default;
  virtual Task<Result<std::vector<ContainerUsage>>> usage(std::string ns, std::string pod) = 0;
};

/// The resizes that a pod has had, as JSON for people.
class PodResizes {
 public:
  virtual ~PodResizes() = default;
  /// nullopt: nothing is known of such a pod.
  virtual std::optional<Json> resizes(const std::string& ns, const std::string& pod) const = 0;
};

/// What to run in a container that runs already.
struct ExecRequest {
  std::string container;  // empty: the pod's only one
  std::vector<std::string> command;
  bool input = false, output = false, errors = false, terminal = false;
};

/// Some output, or the end.
struct ExecOutput {
  enum class Stream { kOut, kErr, kEnd };
  Stream stream = Stream::kEnd;
  std::string bytes;  // kOut, kErr
  int exit_code = 0;  // kEnd
  std::string error;  // kEnd: why it could not run, or how it ended without an exit code

  static ExecOutput failed(std::string why) { return {Stream::kEnd, {}, 0, std::move(why)}; }
};

/// A process that was started in a container. Thread: io. Destroying it kills the process.
class ExecProcess {
 public:
  virtual ~ExecProcess() = default;
  /// After kEnd it is not called again.
  virtual Task<Result<ExecOutput>> next() = 0;
  virtual Task<bool> write(std::string input) = 0;  // false when it takes no more
  virtual void close_input() = 0;
  virtual void resize(std::uint16_t columns, std::uint16_t rows) = 0;
  /// The client is gone: the process is hung up, and next() comes to its end.
  virtual void cancel() = 0;
};

class PodExec {
 public:
  virtual ~PodExec() = default;
  /// Errors: kNotFound, kBadRequest when the container does not run.
  virtual Task<Result<std::unique_ptr<ExecProcess>>> start(std::string ns, std::string pod,
                                                           ExecRequest request) = 0;
};

/// What the other trials' curves say of a running one (spec.earlyStopping).
class StoppingAdvice {
 public:
  virtual ~StoppingAdvice() = default;
  /// Why it should stop, once everything that it reported is judged; empty: it may go on.
  virtual Task<std::string> advice(std::string trial_uid) = 0;
};

/// What results say: the best trial; and of parameters, as JSON for people. Errors: kNotFound,
/// kInvalid.
class Analysis {
 public:
  virtual ~Analysis() = default;
  /// The name of the best trial as of now, before the experiment's status says it; empty: none.
  virtual std::string best_trial(const std::string& ns, const std::string& experiment) = 0;
  virtual Task<Result<Json>> importance(std::string ns, std::string experiment,
                                        std::string method) = 0;
  /// Along `x`, or over `x` and `y` when `y` isn't empty.
  virtual Task<Result<Json>> surface(std::string ns, std::string experiment, std::string x,
                                     std::string y) = 0;
  /// {name, assignments, mean, sd} of the trial to use, best on average under noise; null: none
  /// yet.
  virtual Task<Result<Json>> recommended(std::string ns, std::string experiment) = 0;
};

/// Log of a trial whose pod may be gone: the kept copy, else the pod's.
class TrialLogs {
 public:
  virtual ~TrialLogs() = default;
  virtual Task<Result<std::unique_ptr<store::LogStream>>> open(std::string ns, std::string trial,
                                                               store::LogOptions options) = 0;
};

}  // namespace mizan::api
