// Collects the metrics of running trials, whatever they come from, while they run.
//
// One coroutine per followed attempt reads its feed from the beginning. After a restart of the
// program the feed is read again and rows that are kept already are skipped, so each measurement is
// kept once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <unordered_map>

#include "controller/signal.h"
#include "experiment/metrics_feed.h"
#include "experiment/metrics_source.h"
#include "store/observation_log.h"

namespace mizan::experiment {

/// Thread: io. `feeds` and `observations` outlive it; stop() must have finished before it is
/// destroyed.
class MetricsFollower final : public MetricsSource {
 public:
  MetricsFollower(boost::asio::any_io_executor executor, MetricsFeeds& feeds,
                  store::ObservationLog& observations);
  ~MetricsFollower() override;

  void follow(const resources::Trial& trial, const PodView& pod, bool fresh) override;
  const Collected* result(const std::string& trial_uid, const PodView& pod) const override;
  std::string last_line(const std::string& trial_uid) const override;
  std::string stop_early(const std::string& trial_uid) const override;
  bool finish_reading(const std::string& trial_uid) override;
  void give_up(const std::string& trial_uid, std::string problem) override;
  void forget(const std::string& trial_uid) override;
  void on_result(std::function<void(const std::string&, const std::string&)> tell) override {
    tell_ = std::move(tell);
  }

  Task<> stop();
  std::size_t following() const { return running_; }

 private:
  struct Attempt;
  using AttemptPtr = std::shared_ptr<Attempt>;

  Task<> run(AttemptPtr attempt);
  Task<Result<>> read_all(AttemptPtr attempt);
  Task<Result<>> begin(AttemptPtr attempt);
  Task<Result<>> take(AttemptPtr attempt, std::vector<store::Measurement> rows);
  Task<Result<>> skip_kept(AttemptPtr attempt, std::vector<store::Measurement>& rows);
  void schedule_flush(const AttemptPtr& attempt);
  Task<> flush_later(AttemptPtr attempt);
  Task<> flush(AttemptPtr attempt);
  static void cancel(Attempt& attempt);

  boost::asio::any_io_executor executor_;
  MetricsFeeds& feeds_;
  store::ObservationLog& observations_;
  std::function<void(const std::string&, const std::string&)> tell_;
  std::unordered_map<std::string, AttemptPtr> attempts_;  // by trial uid: the latest
  std::size_t running_ = 0;
  bool stopping_ = false;
  controller::Signal ended_;
};

}  // namespace mizan::experiment
