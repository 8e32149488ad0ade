// One reading of the metrics of one attempt of a trial: from its output, its files, or its
// endpoint.
//
// What differs between the kinds of collectors is behind MetricsFeed; what they share (each
// measurement kept once, in batches, whatever breaks) is MetricsFollower's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/task.h"
#include "core/time.h"
#include "experiment/metrics_notes.h"
#include "resources/trial.h"
#include "store/observation_log.h"
#include "store/pod_files.h"
#include "store/pod_logs.h"

namespace mizan::experiment {

/// What is read, and for which metrics.
struct FeedTarget {
  std::string ns, pod, container;
  std::string lease;                 // on a warm pod: TRIAL/ATTEMPT, whose lines alone count
  std::optional<Time> since;         // nothing of it is older
  std::string address;               // of the pod, for endpoints
  std::vector<std::string> metrics;  // the objective first
  resources::MetricsCollector collector;
  FeedTarget() {}
};

struct FeedBatch {
  std::vector<store::Measurement> rows;
  bool end = false;
};

/// Thread: io.
class MetricsFeed {
 public:
  virtual ~MetricsFeed() = default;
  /// Some more measurements, maybe none; `end` after the last. Errors: reading it anew may help,
  /// except after kInvalid.
  virtual Task<Result<FeedBatch>> next() = 0;
  virtual void cancel() = 0;  // a next() in flight resumes with kCancelled
  /// The container has ended: what can't be asked for any more ends.
  virtual void container_ended() {}
  virtual const MetricsNotes& notes() const = 0;
};

/// What reading a second time gives, after a restart of the program.
enum class Replay {
  kInOrder,  // the same rows in the same order; rows that it doesn't begin with are of another
             // attempt
  kBeside,   // the same, but others write rows of this trial too
  kWhole,    // the same rows in another order: those that are kept are replaced
  kNever,    // only what is new
};

/// Where feeds come from. References outlive it and all its feeds. Thread: io.
class MetricsFeeds {
 public:
  /// `files` may be null: then collectors of files say that they can't be read here.
  MetricsFeeds(boost::asio::any_io_executor executor, store::PodLogs& logs, store::PodFiles* files,
               const Clock& clock);

  /// Whether metrics of that kind of collector are followed; of others the trial itself reports.
  static bool follows(const std::string& collector_kind);
  static Replay replay(const std::string& collector_kind);

  /// Errors: kInvalid for a collector that can't work; else as the source's.
  Task<Result<std::unique_ptr<MetricsFeed>>> open(FeedTarget target);

 private:
  Task<Result<std::unique_ptr<MetricsFeed>>> open_log(FeedTarget target);
  Task<Result<std::unique_ptr<MetricsFeed>>> open_files(FeedTarget target);

  boost::asio::any_io_executor executor_;
  store::PodLogs& logs_;
  store::PodFiles* files_;
  const Clock& clock_;
};

}  // namespace mizan::experiment
