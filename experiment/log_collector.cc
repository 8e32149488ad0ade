// LogCollector: open, parse, skip what is kept, append in batches, until the container has ended.
#include "experiment/log_collector.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>

#include "controller/backoff.h"
#include "core/log.h"

namespace mizan::experiment {
namespace {

using namespace std::chrono_literals;
using store::Measurement;

constexpr auto kFlushEvery = 100ms;  // live curves need no more, and disks no less
constexpr std::size_t kFlushRows = 5000;
constexpr unsigned kTries = 8;      // in a row to open or go on reading a log: 0.6 s in all
constexpr auto kGoodReading = 10s;  // one that lasted so long was no failed try

std::string attempt_key(const PodView& pod, const std::string& container) {
  const ContainerView* view = pod.container(container);
  return fmt::format("{}#{}", pod.uid, view == nullptr ? 0 : view->restarts);
}

bool same(const Measurement& a, const Measurement& b) {
  return a.metric == b.metric && a.value == b.value && a.time == b.time;
}

TextMetricsOptions parser_options(const resources::Trial& trial) {
  TextMetricsOptions options;
  options.metrics.push_back(trial.objective.metric);
  for (const std::string& name : trial.objective.additional_metrics)
    options.metrics.push_back(name);
  options.filters = trial.collector.filters;
  options.stamped_lines = true;
  return options;
}

}  // namespace

struct LogCollector::Attempt {
  Attempt(const resources::Trial& trial_, const PodView& pod, bool fresh_)
      : trial(trial_),
        key(attempt_key(pod, trial_.primary_container)),
        pod_name(pod.name),
        fresh(fresh_),
        collected(trial_.objective) {
    trial.raw = nullptr;  // not needed here, and big
    trial.run_spec = nullptr;
    // The name must be that of a container: the API refuses others.
    const ContainerView* view = pod.container(trial.primary_container);
    container = view == nullptr ? trial.primary_container : view->name;
  }

  resources::Trial trial;
  std::string key, pod_name, container;
  bool fresh;  // no rows of this trial can be in the log
  Collected collected;
  std::deque<Measurement> kept;  // rows in the log that this reading has not met yet
  bool any_met = false;
  std::vector<Measurement> pending;  // to be appended
  bool flushing = false;
  bool full = false;  // the log takes no more of this trial
  bool cancelled = false;
  bool done = false;
  store::LogStream* stream = nullptr;
  controller::Signal changed;
};

LogCollector::LogCollector(boost::asio::any_io_executor executor, store::PodLogs& logs,
                           store::ObservationLog& observations)
    : executor_(std::move(executor)), logs_(logs), observations_(observations) {}

LogCollector::~LogCollector() = default;

void LogCollector::cancel(Attempt& attempt) {
  attempt.cancelled = true;
  if (attempt.stream != nullptr) attempt.stream->cancel();
  attempt.changed.notify_all();
}

void LogCollector::follow(const resources::Trial& trial, const PodView& pod, bool fresh) {
  if (stopping_) return;
  AttemptPtr& slot = attempts_[trial.uid];
  if (slot && slot->key == attempt_key(pod, trial.primary_container)) return;
  if (slot) {
    cancel(*slot);
    fresh = false;
  }
  slot = std::make_shared<Attempt>(trial, pod, fresh);
  ++running_;
  boost::asio::co_spawn(executor_, run(slot), [this](const std::exception_ptr& broken) {
    --running_;
    ended_.notify_all();
    if (broken) std::rethrow_exception(broken);
  });
}

const Collected* LogCollector::result(const std::string& trial_uid, const PodView& pod) const {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end() || !found->second->done) return nullptr;
  const Attempt& attempt = *found->second;
  return attempt.key == attempt_key(pod, attempt.trial.primary_container) ? &attempt.collected
                                                                          : nullptr;
}

std::string LogCollector::last_line(const std::string& trial_uid) const {
  const auto found = attempts_.find(trial_uid);
  return found == attempts_.end() ? std::string() : found->second->collected.notes.last_line;
}

void LogCollector::give_up(const std::string& trial_uid, std::string problem) {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end() || found->second->done) return;
  Attempt& attempt = *found->second;
  attempt.collected.problem = std::move(problem);
  cancel(attempt);
}

void LogCollector::forget(const std::string& trial_uid) {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end()) return;
  cancel(*found->second);
  attempts_.erase(found);
}

Task<> LogCollector::stop() {
  stopping_ = true;
  for (const auto& [uid, attempt] : attempts_) cancel(*attempt);
  while (running_ > 0) co_await ended_.wait();
}

Task<> LogCollector::run(AttemptPtr attempt) {
  Result<> outcome;
  for (unsigned tries = 1; tries <= kTries && !attempt->cancelled; ++tries) {
    const auto begun = std::chrono::steady_clock::now();
    outcome = co_await read_all(attempt);
    if (outcome || outcome.error().code == Code::kInvalid) break;
    if (std::chrono::steady_clock::now() - begun > kGoodReading) tries = 1;
    co_await attempt->changed.wait_for(controller::backoff_delay(tries));
  }
  attempt->changed.notify_all();  // a flush that waits for more need not wait any longer
  while (attempt->flushing) co_await attempt->changed.wait();
  co_await flush(attempt);
  if (!outcome && attempt->collected.problem.empty()) {
    attempt->collected.problem = "its log could not be read: " + outcome.error().message;
  }
  attempt->done = true;
  if (tell_ && !stopping_) tell_(attempt->trial.ns, attempt->trial.name);
}

Task<Result<>> LogCollector::read_all(AttemptPtr attempt) {
  CO_TRY(TextMetricsParser parser, TextMetricsParser::create(parser_options(attempt->trial)));
  // A new reading of the same log: what was seen of it before is counted anew.
  attempt->collected = Collected(attempt->trial.objective);
  attempt->any_met = false;
  while (attempt->flushing) co_await attempt->changed.wait();
  co_await flush(attempt);
  if (!attempt->fresh) {
    CO_TRY(std::vector<Measurement> kept, co_await observations_.read(attempt->trial.uid, ""));
    attempt->kept.assign(std::make_move_iterator(kept.begin()),
                         std::make_move_iterator(kept.end()));
  }
  attempt->fresh = false;  // from here on a second reading finds rows

  store::LogOptions options;
  options.container = attempt->container;
  options.follow = true;
  options.timestamps = true;
  CO_TRY(std::unique_ptr<store::LogStream> stream,
         co_await logs_.open(attempt->trial.ns, attempt->pod_name, std::move(options)));
  attempt->stream = stream.get();
  std::vector<Measurement> rows;
  Result<> outcome;
  while (!attempt->cancelled) {
    Result<std::string> bytes = co_await stream->next();
    rows.clear();
    if (!bytes) {
      outcome = fail(std::move(bytes).error());
      break;
    }
    const bool at_end = bytes->empty();
    if (at_end) {
      parser.finish(rows);
    } else {
      parser.feed(*bytes, rows);
    }
    attempt->collected.notes = parser.notes();
    outcome = co_await take(attempt, std::move(rows));
    rows = {};
    if (at_end || !outcome) break;
  }
  attempt->stream = nullptr;
  co_return outcome;
}

Task<Result<>> LogCollector::take(AttemptPtr attempt, std::vector<Measurement> rows) {
  if (rows.empty()) co_return Result<>();
  attempt->collected.observation.add(rows);
  Result<> skipped = co_await skip_kept(attempt, rows);
  if (!skipped) co_return skipped;
  if (rows.empty() || attempt->full) co_return Result<>();
  attempt->pending.insert(attempt->pending.end(), std::make_move_iterator(rows.begin()),
                          std::make_move_iterator(rows.end()));
  if (attempt->pending.size() >= kFlushRows) {
    while (attempt->flushing) co_await attempt->changed.wait();
    co_await flush(attempt);
  } else {
    schedule_flush(attempt);
  }
  co_return Result<>();
}

/// Takes rows that the log has already off the front of `rows`. Rows of a log whose beginning was
/// rotated away are met further on; when not even the first row is met, what is kept is of an
/// earlier attempt, and goes.
Task<Result<>> LogCollector::skip_kept(AttemptPtr attempt, std::vector<Measurement>& rows) {
  std::size_t skipped = 0;
  std::deque<Measurement>& kept = attempt->kept;
  while (skipped < rows.size() && !kept.empty()) {
    std::size_t met = 0;
    while (met < kept.size() && !same(kept[met], rows[skipped])) ++met;
    if (met == kept.size()) {
      kept.clear();
      if (attempt->any_met) break;
      std::string uid = attempt->trial.uid;
      Result<> removed = co_await observations_.remove(std::move(uid));
      if (!removed) co_return removed;
      break;
    }
    kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(met) + 1);
    attempt->any_met = true;
    ++skipped;
  }
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(skipped));
  co_return Result<>();
}

void LogCollector::schedule_flush(const AttemptPtr& attempt) {
  if (attempt->flushing) return;
  attempt->flushing = true;
  ++running_;
  boost::asio::co_spawn(executor_, flush_later(attempt), [this](const std::exception_ptr& broken) {
    --running_;
    ended_.notify_all();
    if (broken) std::rethrow_exception(broken);
  });
}

Task<> LogCollector::flush_later(AttemptPtr attempt) {
  co_await attempt->changed.wait_for(kFlushEvery);
  co_await flush(attempt);
  attempt->flushing = false;
  attempt->changed.notify_all();
}

Task<> LogCollector::flush(AttemptPtr attempt) {
  if (attempt->pending.empty()) co_return;
  std::vector<Measurement> rows = std::exchange(attempt->pending, {});
  std::string uid = attempt->trial.uid;
  const Result<> appended = co_await observations_.append(std::move(uid), std::move(rows));
  if (appended) co_return;
  attempt->full = true;
  log_warn("metrics", "kept no more measurements of a trial",
           {{"trial", attempt->trial.ns + "/" + attempt->trial.name},
            {"error", appended.error().message}});
}

}  // namespace mizan::experiment
