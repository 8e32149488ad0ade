// MetricsFollower: open, read, skip what is kept, append in batches, until the container has ended.
#include "experiment/metrics_follower.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>

#include "controller/backoff.h"
#include "core/log.h"
#include "experiment/run_object.h"
#include "experiment/stopping_rules.h"

namespace mizan::experiment {
namespace {

using namespace std::chrono_literals;
using store::Measurement;

constexpr auto kFlushEvery = 100ms;  // live curves need no more, and disks no less
constexpr std::size_t kFlushRows = 5000;
constexpr unsigned kTries = 8;      // in a row to open or go on reading: 0.6 s in all
constexpr auto kGoodReading = 10s;  // one that lasted so long was no failed try

std::string attempt_key(const PodView& pod, const std::string& container) {
  const ContainerView* view = pod.container(container);
  return fmt::format("{}#{}", pod.uid, view == nullptr ? 0 : view->restarts);
}

bool same(const Measurement& a, const Measurement& b) {
  return a.metric == b.metric && a.value == b.value && a.time == b.time;
}

/// What is read of that pod. The container's name must be that of one: the log API refuses others.
FeedTarget target_of(const resources::Trial& trial, const PodView& pod) {
  FeedTarget target;
  target.ns = trial.ns;
  target.pod = pod.name;
  target.address = pod.address;
  target.lease = pod.lease;
  target.since = pod.lease_since;
  target.collector = trial.collector;
  const ContainerView* view = pod.container(trial.primary_container);
  target.container = view == nullptr ? trial.primary_container : view->name;
  if (trial.collector.kind == "Custom")
    target.container = collector_container_name(trial.collector);
  target.metrics.push_back(trial.objective.metric);
  for (const std::string& name : trial.objective.additional_metrics) target.metrics.push_back(name);
  return target;
}

bool has_ended(const resources::Trial& trial, const PodView& pod) {
  const ContainerView* view = pod.container(trial.primary_container);
  return pod.has_ended() || (view != nullptr && view->state == ContainerView::State::kTerminated);
}

}  // namespace

struct MetricsFollower::Attempt {
  Attempt(const resources::Trial& trial, const PodView& pod, bool fresh_)
      : uid(trial.uid),
        name(trial.name),
        primary_container(trial.primary_container),
        key(attempt_key(pod, trial.primary_container)),
        target(target_of(trial, pod)),
        objective(trial.objective),
        first_rules(trial),
        fresh(fresh_),
        rules(first_rules),
        collected(trial.objective) {}

  std::string uid, name, primary_container, key;
  FeedTarget target;
  resources::Objective objective;
  StoppingRules first_rules;  // before any measurement
  bool fresh;                 // no rows of this trial can be in the log
  bool replaces = false;      // the rows in the log are of an attempt before this one
  StoppingRules rules;
  bool stop_told = false;
  Collected collected;
  std::deque<Measurement> kept;  // rows in the log that this reading has not met yet
  bool any_met = false;
  std::vector<Measurement> pending;  // to be appended
  bool flushing = false;
  bool full = false;  // the log takes no more of this trial
  bool cancelled = false;
  bool ended = false;  // the container
  bool done = false;
  MetricsFeed* feed = nullptr;
  controller::Signal changed;

  void add(const std::vector<Measurement>& rows) {
    collected.observation.add(rows);
    for (const Measurement& row : rows) rules.add(row);
  }
};

MetricsFollower::MetricsFollower(boost::asio::any_io_executor executor, MetricsFeeds& feeds,
                                 store::ObservationLog& observations)
    : executor_(std::move(executor)), feeds_(feeds), observations_(observations) {}

MetricsFollower::~MetricsFollower() = default;

void MetricsFollower::cancel(Attempt& attempt) {
  attempt.cancelled = true;
  if (attempt.feed != nullptr) attempt.feed->cancel();
  attempt.changed.notify_all();
}

void MetricsFollower::follow(const resources::Trial& trial, const PodView& pod, bool fresh) {
  if (stopping_) return;
  AttemptPtr& slot = attempts_[trial.uid];
  const bool ended = has_ended(trial, pod);
  if (slot && slot->key == attempt_key(pod, trial.primary_container)) {
    if (ended && !slot->ended && slot->feed != nullptr) slot->feed->container_ended();
    slot->ended = slot->ended || ended;
    return;
  }
  const bool replaces = slot != nullptr;
  if (slot) cancel(*slot);
  slot = std::make_shared<Attempt>(trial, pod, fresh && !replaces);
  slot->replaces = replaces;
  slot->ended = ended;
  ++running_;
  boost::asio::co_spawn(executor_, run(slot), [this](const std::exception_ptr& broken) {
    --running_;
    ended_.notify_all();
    if (broken) std::rethrow_exception(broken);
  });
}

const Collected* MetricsFollower::result(const std::string& trial_uid, const PodView& pod) const {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end() || !found->second->done) return nullptr;
  const Attempt& attempt = *found->second;
  return attempt.key == attempt_key(pod, attempt.primary_container) ? &attempt.collected : nullptr;
}

std::string MetricsFollower::last_line(const std::string& trial_uid) const {
  const auto found = attempts_.find(trial_uid);
  return found == attempts_.end() ? std::string() : found->second->collected.notes.last_line;
}

std::string MetricsFollower::stop_early(const std::string& trial_uid) const {
  const auto found = attempts_.find(trial_uid);
  return found == attempts_.end() ? std::string() : found->second->rules.verdict();
}

bool MetricsFollower::finish_reading(const std::string& trial_uid) {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end() || found->second->done) return false;
  Attempt& attempt = *found->second;
  if (!std::exchange(attempt.ended, true) && attempt.feed != nullptr)
    attempt.feed->container_ended();
  return true;
}

void MetricsFollower::give_up(const std::string& trial_uid, std::string problem) {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end() || found->second->done) return;
  Attempt& attempt = *found->second;
  attempt.collected.problem = std::move(problem);
  cancel(attempt);
}

void MetricsFollower::forget(const std::string& trial_uid) {
  const auto found = attempts_.find(trial_uid);
  if (found == attempts_.end()) return;
  cancel(*found->second);
  attempts_.erase(found);
}

Task<> MetricsFollower::stop() {
  stopping_ = true;
  for (const auto& [uid, attempt] : attempts_) cancel(*attempt);
  while (running_ > 0) co_await ended_.wait();
}

Task<> MetricsFollower::run(AttemptPtr attempt) {
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
    attempt->collected.problem = fmt::format(
        "its {} could not be read: {}",
        attempt->target.collector.kind == "StdOut" ? "log" : "metrics", outcome.error().message);
  }
  attempt->done = true;
  if (tell_ && !stopping_) tell_(attempt->target.ns, attempt->name);
}

/// What is kept already is met again, replaced, or counted, as the feed's kind has it.
Task<Result<>> MetricsFollower::begin(AttemptPtr attempt) {
  // A new reading: what was seen before is counted anew.
  attempt->collected = Collected(attempt->objective);
  attempt->rules = attempt->first_rules;
  attempt->any_met = false;
  attempt->kept.clear();
  while (attempt->flushing) co_await attempt->changed.wait();
  co_await flush(attempt);
  const Replay replay = MetricsFeeds::replay(attempt->target.collector.kind);
  const bool fresh = std::exchange(attempt->fresh, false);  // a second reading finds rows
  const bool replaces = std::exchange(attempt->replaces, false);
  if (fresh) co_return Result<>();
  if (replay == Replay::kWhole || (replay != Replay::kInOrder && replaces)) {
    std::string uid = attempt->uid;
    co_return co_await observations_.remove(std::move(uid));
  }
  CO_TRY(std::vector<Measurement> kept, co_await observations_.read(attempt->uid, ""));
  if (replay == Replay::kNever) {
    attempt->add(kept);
  } else {
    attempt->kept.assign(std::make_move_iterator(kept.begin()),
                         std::make_move_iterator(kept.end()));
  }
  co_return Result<>();
}

Task<Result<>> MetricsFollower::read_all(AttemptPtr attempt) {
  Result<> outcome = co_await begin(attempt);
  if (!outcome) co_return outcome;
  FeedTarget target = attempt->target;
  CO_TRY(const std::unique_ptr<MetricsFeed> feed, co_await feeds_.open(std::move(target)));
  attempt->feed = feed.get();
  if (attempt->ended) feed->container_ended();
  while (!attempt->cancelled) {
    Result<FeedBatch> batch = co_await feed->next();
    attempt->collected.notes = feed->notes();
    if (!batch) {
      outcome = fail(std::move(batch).error());
      break;
    }
    const bool at_end = batch->end;
    outcome = co_await take(attempt, std::move(batch->rows));
    if (at_end || !outcome) break;
  }
  attempt->feed = nullptr;
  co_return outcome;
}

Task<Result<>> MetricsFollower::take(AttemptPtr attempt, std::vector<Measurement> rows) {
  if (rows.empty()) co_return Result<>();
  attempt->add(rows);
  if (!attempt->rules.verdict().empty() && !std::exchange(attempt->stop_told, true) && tell_)
    tell_(attempt->target.ns, attempt->name);
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
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): take() owns rows
Task<Result<>> MetricsFollower::skip_kept(AttemptPtr attempt, std::vector<Measurement>& rows) {
  std::size_t skipped = 0;
  std::deque<Measurement>& kept = attempt->kept;
  while (skipped < rows.size() && !kept.empty()) {
    std::size_t met = 0;
    while (met < kept.size() && !same(kept[met], rows[skipped])) ++met;
    if (met == kept.size()) {
      kept.clear();
      if (attempt->any_met ||
          MetricsFeeds::replay(attempt->target.collector.kind) == Replay::kBeside)
        break;
      std::string uid = attempt->uid;
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

void MetricsFollower::schedule_flush(const AttemptPtr& attempt) {
  if (attempt->flushing) return;
  attempt->flushing = true;
  ++running_;
  boost::asio::co_spawn(executor_, flush_later(attempt), [this](const std::exception_ptr& broken) {
    --running_;
    ended_.notify_all();
    if (broken) std::rethrow_exception(broken);
  });
}

Task<> MetricsFollower::flush_later(AttemptPtr attempt) {
  co_await attempt->changed.wait_for(kFlushEvery);
  co_await flush(attempt);
  attempt->flushing = false;
  attempt->changed.notify_all();
}

Task<> MetricsFollower::flush(AttemptPtr attempt) {
  if (attempt->pending.empty()) co_return;
  std::vector<Measurement> rows = std::exchange(attempt->pending, {});
  std::string uid = attempt->uid;
  const Result<> appended = co_await observations_.append(std::move(uid), std::move(rows));
  if (appended) co_return;
  attempt->full = true;
  log_warn(
      "metrics", "kept no more measurements of a trial",
      {{"trial", attempt->target.ns + "/" + attempt->name}, {"error", appended.error().message}});
}

}  // namespace mizan::experiment
