// Books of curves, one for each experiment: read from the log when first needed, then kept up.
#include "suggestion/early_stopping.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>
#include <vector>

#include "algorithms/number_text.h"
#include "core/log.h"
#include "resources/condition.h"
#include "resources/known_resources.h"
#include "suggestion/peer_curves.h"
#include "suggestion/problem.h"

namespace mizan::suggestion {

using controller::Request;

namespace {

using resources::kTrials;

// A finished trial's curve keeps so many points: 10,000 of them stay below 100 MB.
constexpr std::size_t kFinishedPoints = 200;
constexpr std::chrono::milliseconds kPatience{1000};

bool has_ended(const resources::Experiment& experiment) {
  return resources::has_condition(experiment.raw, "Succeeded") ||
         resources::has_condition(experiment.raw, "Failed");
}

}  // namespace

struct EarlyStopping::Entry {
  enum class Reading { kUnread, kNow, kDone };
  std::string ns, name;
  algorithms::Curve curve;
  Reading reading = Reading::kUnread;
  bool again = false;  // something was reported while the log was being read
  bool completed = false, annotated = false;
  bool counted = false;  // in the book's `finished`
  std::string why;       // it should stop; empty: it may go on
};

struct EarlyStopping::Book {
  std::shared_ptr<const resources::Experiment> experiment;
  StoppingChoice choice;
  std::unordered_map<std::string, Entry> entries;  // by trial uid
  PeerCurves peers;                                // of the entries that reported something
  algorithms::FinishedAverages finished;           // of those that are over
  bool ready = false;                              // the curves of earlier trials are in
  bool closed = false;

  void add_rows(Entry& entry, const std::vector<store::Measurement>& rows) {
    const double sign = loss_sign(experiment->objective);
    for (const store::Measurement& row : rows) {
      if (row.metric != experiment->objective.metric) continue;
      const auto number = static_cast<double>(entry.curve.reports() + 1);
      const double step = row.step ? static_cast<double>(*row.step) : number;
      const auto value = algorithms::parse_number(row.value);
      entry.curve.add(step, value ? sign * *value : std::numeric_limits<double>::quiet_NaN());
    }
    if (!entry.curve.empty()) peers.put(entry.curve);
    finish(entry);
  }
  /// A curve that is over and read counts from now on; of one that counted and has changed or is
  /// to go, nothing that is known of the others holds.
  void count(Entry& entry) {
    if (entry.counted || !entry.completed || !entry.curve.finished || entry.curve.empty() ||
        entry.reading != Entry::Reading::kDone)
      return;
    entry.counted = true;
    finished.add(entry.curve);
  }
  void count_anew() {
    finished.clear();
    for (auto& [uid, entry] : entries) entry.counted = false;
    for (auto& [uid, entry] : entries) count(entry);
  }
  void forget(const std::string& uid) {
    const auto at = entries.find(uid);
    if (at == entries.end()) return;
    const bool counted = at->second.counted;
    peers.remove(at->second.curve);
    entries.erase(at);
    if (counted) count_anew();
  }
  void finish(Entry& entry) {
    if (entry.completed) entry.curve.thin(kFinishedPoints);
    if (entry.counted) {
      count_anew();
    } else {
      count(entry);
    }
  }
};

EarlyStopping::EarlyStopping(World world) : world_(std::move(world)) {
  world_.experiments.on_change([this](const auto& event) { experiment_changed(event); });
  world_.trials.on_change([this](const auto& event) { trial_changed(event); });
}

EarlyStopping::~EarlyStopping() = default;

Task<> EarlyStopping::start() {
  stopping_ = false;
  subscription_ = world_.observations.subscribe(
      [this](const std::string& uid, const std::vector<store::Measurement>& rows) {
        reported(uid, rows);
      });
  co_return;
}

Task<> EarlyStopping::stop() {
  stopping_ = true;
  subscription_.reset();
  changed_.notify_all();
  while (tasks_ > 0) co_await changed_.wait();
}

void EarlyStopping::experiment_changed(
    const controller::Informer<resources::Experiment>::Event& event) {
  const resources::Experiment& experiment = event.after ? *event.after : *event.before;
  const auto at = books_.find(Request(experiment.ns, experiment.name));
  if (at == books_.end()) return;
  const resources::Experiment& known = *at->second->experiment;
  const bool same = event.after && !has_ended(experiment) && known.uid == experiment.uid &&
                    known.early_stopping == experiment.early_stopping &&
                    known.objective == experiment.objective;
  if (same) return;
  at->second->closed = true;
  books_.erase(at);
}

void EarlyStopping::trial_changed(const controller::Informer<resources::Trial>::Event& event) {
  const resources::Trial& trial = event.after ? *event.after : *event.before;
  if (event.after && !is_completed(trial.state)) {
    running_.insert_or_assign(trial.uid, Request(trial.ns, trial.name));
  } else {
    running_.erase(trial.uid);
  }
  const auto at = books_.find(Request(trial.ns, trial.experiment));
  if (at == books_.end()) return;
  if (event.after) {
    put(*at->second, trial);
  } else {
    at->second->forget(trial.uid);
  }
}

void EarlyStopping::put(Book& book, const resources::Trial& trial) {
  Entry& entry = book.entries[trial.uid];
  entry.ns = trial.ns;
  entry.name = trial.name;
  const auto why = trial.annotations.find(std::string(resources::kStopEarlyAnnotation));
  entry.annotated = why != trial.annotations.end();
  if (entry.annotated) entry.why = why->second;
  const bool completed = is_completed(trial.state);
  const bool succeeded = trial.state == resources::TrialState::kSucceeded;
  const bool finished = succeeded || trial.state == resources::TrialState::kEarlyStopped;
  const bool same = entry.completed == completed && entry.curve.succeeded == succeeded &&
                    entry.curve.finished == finished;
  if (same) return;
  entry.completed = completed;
  entry.curve.succeeded = succeeded;
  entry.curve.finished = finished;
  book.finish(entry);
}

EarlyStopping::BookPtr EarlyStopping::open_book(const resources::Trial& trial) {
  const Request request(trial.ns, trial.experiment);
  if (const auto at = books_.find(request); at != books_.end()) return at->second;
  auto experiment = world_.experiments.get(trial.ns, trial.experiment);
  if (!experiment || !experiment->early_stopping || has_ended(*experiment)) return nullptr;
  auto book = std::make_shared<Book>();
  book->choice = choose_stopping(*experiment);
  if (book->choice.row == nullptr || !book->choice.errors.empty()) return nullptr;
  book->experiment = std::move(experiment);
  for (const auto& other : world_.trials.group(trial.ns + "/" + trial.experiment))
    put(*book, *other);
  books_.emplace(request, book);
  spawn(read_book(book));
  return book;
}

void EarlyStopping::reported(const std::string& uid, const std::vector<store::Measurement>& rows) {
  const auto at = running_.find(uid);
  if (at == running_.end() || stopping_) return;
  const auto trial = world_.trials.get(at->second.ns, at->second.name);
  if (!trial || trial->uid != uid) return;
  const BookPtr book = open_book(*trial);
  if (!book) return;
  const auto found = book->entries.find(uid);
  if (found == book->entries.end()) return;
  Entry& entry = found->second;
  switch (entry.reading) {
    case Entry::Reading::kUnread:
      entry.reading = Entry::Reading::kNow;
      spawn(read_curve(book, uid));
      break;
    case Entry::Reading::kNow:
      entry.again = true;
      break;
    case Entry::Reading::kDone:
      book->add_rows(entry, rows);
      judge(book, uid);
      break;
  }
}

Task<> EarlyStopping::read_book(BookPtr book) {
  std::vector<std::string> uids;
  for (const auto& [uid, entry] : book->entries) uids.push_back(uid);
  for (const std::string& uid : uids) {
    if (stopping_ || book->closed) co_return;
    const auto at = book->entries.find(uid);
    if (at == book->entries.end() || at->second.reading != Entry::Reading::kUnread) continue;
    at->second.reading = Entry::Reading::kNow;
    co_await read_curve(book, uid);
  }
  book->ready = true;
  for (const std::string& uid : uids) judge(book, uid);
  changed_.notify_all();
}

Task<> EarlyStopping::read_curve(BookPtr book, std::string uid) {
  for (;;) {
    auto rows = co_await world_.observations.read(uid, book->experiment->objective.metric);
    const auto at = book->entries.find(uid);
    if (at == book->entries.end()) co_return;
    Entry& entry = at->second;
    if (!rows) {  // its next report reads again
      log_warn("early stopping", "could not read a curve",
               {{"trial", entry.ns + "/" + entry.name}, {"error", rows.error().message}});
      entry.reading = Entry::Reading::kUnread;
      co_return;
    }
    if (std::exchange(entry.again, false)) continue;
    book->peers.remove(entry.curve);
    entry.reading = Entry::Reading::kNow;
    if (entry.counted) book->count_anew();
    const bool succeeded = entry.curve.succeeded, finished = entry.curve.finished;
    entry.curve = {};
    entry.curve.succeeded = succeeded;
    entry.curve.finished = finished;
    entry.reading = Entry::Reading::kDone;
    book->add_rows(entry, *rows);
    judge(book, uid);
    changed_.notify_all();
    co_return;
  }
}

void EarlyStopping::judge(const BookPtr& book, const std::string& uid) {
  const auto at = book->entries.find(uid);
  if (!book->ready || book->closed || at == book->entries.end()) return;
  Entry& entry = at->second;
  if (entry.completed || entry.annotated || entry.curve.empty()) return;
  if (entry.why.empty()) {
    const auto peers = book->peers.others(entry.curve);
    const StoppingChoice& choice = book->choice;
    const auto verdict =
        choice.row->rule->judge({choice.settings, peers, entry.curve, &book->finished});
    if (!verdict.stop) return;
    entry.why = why_stopped(book->experiment->objective, choice.row->name, verdict);
  }
  entry.annotated = true;
  spawn(annotate(book, uid));
}

Task<> EarlyStopping::annotate(BookPtr book, std::string uid) {
  const auto at = book->entries.find(uid);
  if (at == book->entries.end()) co_return;
  const std::string ns = at->second.ns, name = at->second.name, why = at->second.why;
  const auto trial = world_.trials.get(ns, name);
  Json annotations = {{std::string(resources::kStopEarlyAnnotation), why}};
  Json body = {{"metadata", {{"uid", uid}, {"annotations", std::move(annotations)}}}};
  store::WriteOptions options;
  options.field_manager = "mizan-early-stopping";
  auto written = co_await world_.store.patch(
      store::Key(kTrials, ns, name), "", store::Patch(store::PatchType::kMerge, std::move(body)),
      std::move(options));
  if (written) {
    world_.trials.observe(written->object);
    if (trial)
      world_.recorder.record(trial->raw, controller::EventType::kNormal, "EarlyStopping", why);
    co_return;
  }
  if (written.error().code == Code::kNotFound) co_return;
  log_warn("early stopping", "could not stop a trial",
           {{"trial", ns + "/" + name}, {"error", written.error().message}});
  const auto again = book->entries.find(uid);
  if (again != book->entries.end()) again->second.annotated = false;  // its next report tries again
}

Task<std::string> EarlyStopping::advice(std::string trial_uid) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const auto at = running_.find(trial_uid);
    if (at == running_.end()) co_return std::string();
    const auto trial = world_.trials.get(at->second.ns, at->second.name);
    if (!trial) co_return std::string();
    const auto book = books_.find(Request(trial->ns, trial->experiment));
    if (book == books_.end()) co_return std::string();
    const auto entry = book->second->entries.find(trial_uid);
    if (entry == book->second->entries.end()) co_return std::string();
    if (!entry->second.why.empty()) co_return entry->second.why;
    const bool judged = book->second->ready && entry->second.reading != Entry::Reading::kNow;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (judged || stopping_ || left.count() <= 0) co_return std::string();
    co_await changed_.wait_for(left);
  }
}

void EarlyStopping::spawn(Task<> task) {
  ++tasks_;
  boost::asio::co_spawn(world_.io, run_counted(std::move(task)), boost::asio::detached);
}

Task<> EarlyStopping::run_counted(Task<> task) {
  try {
    // Never at once: who spawned it has yet to finish what it is doing.
    co_await boost::asio::post(world_.io, boost::asio::use_awaitable);
    co_await std::move(task);
  } catch (const std::exception& e) {  // the fence of this room's own coroutines
    log_error("early stopping", "broke down", {{"error", e.what()}});
  }
  --tasks_;
  changed_.notify_all();
}

}  // namespace mizan::suggestion
