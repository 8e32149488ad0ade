// Books keep what was learnt about each experiment between reconciles; all of it can be read again
// from the store.
#include "suggestion/suggestion_reconciler.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "core/executors.h"
#include "core/log.h"
#include "resources/condition.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "suggestion/draw_setup.h"
#include "suggestion/suggestion_status.h"
#include "suggestion/trial_name.h"

namespace mizan::suggestion {

using controller::Request;
using controller::RequeueAfter;

namespace {

using resources::kSuggestions;

// At most so many draws are worked out in one go, so that one experiment doesn't hold the pool.
constexpr std::size_t kMaxBatch = 64;

// An algorithm that throws so often in a row, each time with a fresh cache, won't recover.
constexpr int kMaxBreakdowns = 3;

// Who asks at once after telling comes sooner than this; and of several results in a row only the
// last is worth an answer.
constexpr std::chrono::milliseconds kLull{10};

bool is_completed(const resources::Experiment& experiment) {
  return resources::has_condition(experiment.raw, "Succeeded") ||
         resources::has_condition(experiment.raw, "Failed");
}

std::string text_of(const std::vector<FieldError>& errors) {
  std::string text;
  for (const FieldError& error : errors)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", error.path, error.message);
  return text;
}

}  // namespace

// What is known of one experiment.
struct SuggestionReconciler::Book {
  std::shared_ptr<const resources::Experiment> experiment;  // as it was when the book was opened
  std::shared_ptr<const algorithms::Problem> problem;
  AlgorithmChoice choice;
  std::uint64_t seed = 0;
  std::vector<algorithms::Point> first;
  std::optional<TrialHistory> trials;
  std::shared_ptr<algorithms::Cache> cache = std::make_shared<algorithms::Cache>();
  bool waits_for_trials = false;  // a change of a trial may let it draw on
  int breakdowns = 0;             // exceptions in a row

  // An answer that was worked out before it was asked for: good while the digest is this.
  struct Prepared {
    std::uint64_t digest = 0;
    std::string name;
    Drawn drawn;
  };
  std::optional<Prepared> prepared;
  std::uint64_t prepared_for = 0;  // digest of the history: each is prepared for once
  Time changed{};                  // when a trial was last heard of

  bool prepares(const resources::Suggestion& suggestion) const;

  bool is_settled(const std::string& name) const {
    return trials->contains(name) || trials->was_removed(name);
  }
  bool fits(const resources::Experiment& now) const {
    return experiment->uid == now.uid && experiment->parameters == now.parameters &&
           experiment->objective == now.objective && experiment->algorithm == now.algorithm &&
           experiment->parallel_trial_count == now.parallel_trial_count;
  }
  DrawInput snapshot(const resources::Suggestion& suggestion) const;
};

// Where pods run the trials, the next draw is asked for as soon as one has ended.
bool SuggestionReconciler::Book::prepares(const resources::Suggestion& suggestion) const {
  return experiment->trial_template.client && !choice.row->can.history_free &&
         !suggestion.exhausted && prepared_for != trials->finished().digest() &&
         suggestion.count < experiment->max_trial_count.value_or(suggestion.count + 1);
}

DrawInput SuggestionReconciler::Book::snapshot(const resources::Suggestion& suggestion) const {
  DrawInput input;
  input.problem = problem;
  input.settings = choice.settings;
  input.row = choice.row;
  input.seed = seed;
  input.objective = experiment->objective;
  input.first = first;
  for (const resources::QueuedPoint& point : suggestion.queued) {
    if (point.number > suggestion.queued_taken) input.queued.push_back(point);
  }
  input.history = trials->finished();
  input.pending = trials->pending(suggestion.suggestions);
  input.state = suggestion.state;
  input.draw = static_cast<std::uint64_t>(std::max<std::int64_t>(0, suggestion.count));
  return input;
}

SuggestionReconciler::SuggestionReconciler(World world) : world_(std::move(world)) {}
SuggestionReconciler::~SuggestionReconciler() = default;

void SuggestionReconciler::listen(std::function<void(const Request&)> enqueue) {
  enqueue_ = std::move(enqueue);
  world_.suggestions.on_change([this](const auto& event) {
    const auto& suggestion = event.after ? *event.after : *event.before;
    enqueue_(Request(suggestion.ns, suggestion.name));
  });
  world_.experiments.on_change([this](const auto& event) {
    const auto& experiment = event.after ? *event.after : *event.before;
    enqueue_(Request(experiment.ns, experiment.name));
  });
  world_.trials.on_change([this](const auto& event) { trial_changed(event); });
}

void SuggestionReconciler::trial_changed(
    const controller::Informer<resources::Trial>::Event& event) {
  const resources::Trial& trial = event.after ? *event.after : *event.before;
  const auto at = books_.find(Request(trial.ns, trial.experiment));
  if (at == books_.end()) return;  // read as a whole when the book is opened
  Book& book = *at->second;
  if (event.after) {
    book.trials->put(trial);
  } else {
    book.trials->remove(trial.name);
  }
  book.changed = world_.clock.now();
  const bool ended = event.after && resources::is_completed(event.after->state);
  if (book.waits_for_trials || (ended && book.experiment->trial_template.client))
    enqueue_(at->first);
}

Result<std::shared_ptr<SuggestionReconciler::Book>> SuggestionReconciler::open_book(
    const Request& request, const resources::Experiment& experiment) {
  std::shared_ptr<Book>& book = books_[request];
  if (book && book->fits(experiment)) return book;
  auto fresh = std::make_shared<Book>();
  TRY(DrawSetup setup,
      set_up_draws(
          experiment,
          [&](const std::string& other) { return world_.trials.group(request.ns + "/" + other); },
          [&](const std::string& other) -> const resources::Objective* {
            const auto found = world_.experiments.get(request.ns, other);
            return found ? &found->objective : nullptr;
          }));
  fresh->experiment = std::make_shared<const resources::Experiment>(experiment);
  fresh->problem = std::move(setup.problem);
  fresh->choice = std::move(setup.choice);
  fresh->seed = setup.seed;
  fresh->first = std::move(setup.first);
  fresh->trials.emplace(fresh->problem, experiment.objective);
  fresh->trials->import(experiment.initial_trials);
  fresh->trials->import(setup.known);
  for (const auto& trial : world_.trials.group(request.ns + "/" + request.name))
    fresh->trials->put(*trial);
  book = std::move(fresh);
  return book;
}

std::vector<std::string> SuggestionReconciler::new_names(const Book& book, std::uint64_t first_draw,
                                                         std::size_t count) const {
  std::vector<std::string> names;
  const resources::Experiment& experiment = *book.experiment;
  const auto is_taken = [&](const std::string& name) {
    return world_.trials.get(experiment.ns, name) != nullptr || book.is_settled(name) ||
           std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::size_t i = 0; i < count; ++i)
    names.push_back(trial_name(experiment.name, experiment.uid, first_draw + i, is_taken));
  return names;
}

Task<Result<>> SuggestionReconciler::write(std::shared_ptr<const resources::Suggestion> suggestion,
                                           Json status) {
  if (status.is_null()) co_return Result<>{};
  Json body = {{"metadata", {{"resourceVersion", suggestion->resource_version}}},
               {"status", std::move(status)}};
  store::Patch patch(store::PatchType::kMerge, std::move(body));
  store::WriteOptions options;
  options.field_manager = "mizan-suggestion";
  store::Key key(kSuggestions, suggestion->ns, suggestion->name);
  auto written =
      co_await world_.store.patch(std::move(key), "status", std::move(patch), std::move(options));
  if (!written) co_return fail(std::move(written).error());
  world_.suggestions.observe(written->object);
  co_return Result<>{};
}

Task<Result<>> SuggestionReconciler::fail_suggestion(
    std::shared_ptr<const resources::Suggestion> suggestion, std::string message) {
  world_.recorder.record(suggestion->raw, controller::EventType::kWarning, "SuggestionFailed",
                         message);
  Json status = status_failed(*suggestion, message, world_.clock.now());
  co_return co_await write(std::move(suggestion), std::move(status));
}

Task<Result<>> SuggestionReconciler::record(std::shared_ptr<const resources::Suggestion> suggestion,
                                            std::shared_ptr<Book> book, Drawn drawn) {
  // Requests may have been raised meanwhile; the draws are as good as long as no others were
  // written.
  const auto latest = world_.suggestions.get(suggestion->ns, suggestion->name);
  if (latest && latest->uid == suggestion->uid && latest->count == suggestion->count &&
      latest->state == suggestion->state)
    suggestion = latest;
  book->waits_for_trials = drawn.next == algorithms::Next::kWaitForResults;
  const auto is_settled = [&](const std::string& name) { return book->is_settled(name); };
  const auto is_gone = [&](const std::string& name) { return book->trials->was_removed(name); };
  Json status =
      status_after_draw(*suggestion, drawn, effective_settings(*book->experiment, book->seed),
                        is_settled, is_gone, world_.clock.now());
  co_return co_await write(std::move(suggestion), std::move(status));
}

Task<Drawn> SuggestionReconciler::draw_on_pool(std::shared_ptr<Book> book, DrawInput input,
                                               std::vector<std::string> names) {
  // The cache is this job's alone: a key is never reconciled twice at once, and a new book has its
  // own.
  auto job = [input = std::move(input), names = std::move(names), cache = book->cache] {
    return draw(input, names, *cache);
  };
  const bool is_light = book->choice.row->can.history_free;
  co_return co_await run_on(is_light ? world_.light : world_.numbers, std::move(job));
}

Task<Result<>> SuggestionReconciler::answer(std::shared_ptr<const resources::Suggestion> suggestion,
                                            std::shared_ptr<Book> book) {
  const auto is_settled = [&](const std::string& name) { return book->is_settled(name); };
  const std::size_t room = room_for_draws(*suggestion, book->problem->space, is_settled);
  const auto wanted = static_cast<std::size_t>(suggestion->requests - suggestion->count);
  const std::size_t count = std::min({wanted, room, kMaxBatch});
  book->waits_for_trials = count == 0;
  if (count == 0)
    co_return co_await write(suggestion, status_running(*suggestion, world_.clock.now()));

  DrawInput input = book->snapshot(*suggestion);
  std::vector<std::string> names = new_names(*book, input.draw, count);
  if (auto ready = std::exchange(book->prepared, std::nullopt);
      ready && count == 1 && input.queued.empty() && ready->digest == digest_of(input) &&
      ready->name == names.front()) {
    co_return co_await record(std::move(suggestion), std::move(book), std::move(ready->drawn));
  }
  std::string breakdown;
  Drawn drawn;
  try {
    drawn = co_await draw_on_pool(book, std::move(input), std::move(names));
  } catch (const std::exception& e) {  // the fence of the pool
    breakdown = e.what();
  }
  if (breakdown.empty()) {
    book->breakdowns = 0;
    co_return co_await record(std::move(suggestion), std::move(book), std::move(drawn));
  }
  book->cache->drop();
  if (++book->breakdowns < kMaxBreakdowns)
    co_return fail(Code::kInternal,
                   fmt::format("algorithm {} broke down: {}", book->choice.row->name, breakdown));
  co_return co_await fail_suggestion(
      std::move(suggestion), fmt::format("Algorithm {} broke down {} times in a row: {}",
                                         book->choice.row->name, kMaxBreakdowns, breakdown));
}

Task<RequeueAfter> SuggestionReconciler::prepare(
    std::shared_ptr<const resources::Suggestion> suggestion, std::shared_ptr<Book> book) {
  if (!book->prepares(*suggestion)) co_return RequeueAfter{};
  DrawInput input = book->snapshot(*suggestion);
  if (!input.queued.empty()) co_return RequeueAfter{};
  const auto lull = world_.clock.now() - book->changed;
  const bool was_set_back = lull < Time::duration::zero();
  if ((lull < kLull && !was_set_back) || preparing_) co_return kLull;

  preparing_ = true;
  const std::uint64_t digest = digest_of(input), history = input.history.digest();
  std::vector<std::string> names = new_names(*book, input.draw, 1);
  const std::string name = names.front();
  std::optional<Drawn> drawn;
  try {
    drawn = co_await draw_on_pool(book, std::move(input), std::move(names));
  } catch (const std::exception& e) {  // the fence of the pool; who asks hears of it
    log_warn("suggestion", "could not prepare an answer",
             {{"experiment", suggestion->ns + "/" + suggestion->name}, {"error", e.what()}});
    book->cache->drop();
  }
  preparing_ = false;
  book->prepared_for = history;
  if (drawn && !drawn->assignments.empty())
    book->prepared = Book::Prepared{digest, name, *std::move(drawn)};
  co_return RequeueAfter{};
}

Task<Result<RequeueAfter>> SuggestionReconciler::reconcile(Request request) {
  const auto suggestion = world_.suggestions.get(request.ns, request.name);
  const auto experiment = world_.experiments.get(request.ns, request.name);
  if (!suggestion || !experiment || resources::is_being_deleted(suggestion->raw) ||
      experiment->being_deleted) {
    books_.erase(request);
    co_return RequeueAfter{};
  }
  Result<> done;
  RequeueAfter again;
  if (is_completed(*experiment)) {
    books_.erase(request);  // it is read again should the experiment be restarted
    done = co_await write(suggestion,
                          status_ended(*suggestion, experiment->resume_policy, world_.clock.now()));
  } else if (!resources::has_condition(suggestion->raw, "Failed")) {
    auto book = open_book(request, *experiment);
    if (!book) {
      books_.erase(request);
      done = co_await fail_suggestion(suggestion,
                                      "Validation failed: " + text_of(book.error().fields));
    } else if (suggestion->exhausted || suggestion->requests <= suggestion->count) {
      done = co_await write(suggestion, status_running(*suggestion, world_.clock.now()));
      if (done) again = co_await prepare(suggestion, *std::move(book));
    } else {
      done = co_await answer(suggestion, *std::move(book));
    }
  }
  if (!done) co_return fail(std::move(done).error());
  co_return again;
}

}  // namespace mizan::suggestion
