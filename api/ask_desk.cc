// Rooms, their watches, and the loop of one ask.
#include "api/ask_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <list>

#include "api/ask_room.h"
#include "api/experiment_api.h"
#include "api/queue_points.h"
#include "core/log.h"
#include "resources/meta.h"
#include "resources/trial.h"

namespace mizan::api {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kLongestAskWait = 300;
constexpr std::size_t kMostRooms = 256;
constexpr std::chrono::minutes kIdleRoom{5};

Result<std::int64_t> integer_between(const Json& body, const char* name, std::int64_t otherwise,
                                     std::int64_t low, std::int64_t high) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return otherwise;
  if (found->is_number_integer()) {
    const auto value = found->get<std::int64_t>();
    if (value >= low && value <= high) return value;
  }
  const std::string message = fmt::format("must be a whole number from {} to {}", low, high);
  return fail(Code::kInvalid, fmt::format("{}: {}", name, message),
              {{FieldReason::kInvalid, name, message}});
}

}  // namespace

Result<AskRequest> read_ask(const Json& body) {
  AskRequest request;
  TRY(request.count, integer_between(body, "count", 1, 1, kMostOpenTrials));
  TRY(const auto wait, integer_between(body, "waitSeconds", 10, 0, kLongestAskWait));
  request.wait = std::chrono::seconds(wait);
  for (const auto& [key, value] : body.items()) {
    if (key != "count" && key != "waitSeconds" && key != "clientId" && key != "fixed") {
      return fail(Code::kInvalid, fmt::format("{}: unknown field", key),
                  {{FieldReason::kNotSupported, key,
                    "unknown field: count, clientId, fixed and waitSeconds are known"}});
    }
  }
  if (const auto fixed = body.find("fixed"); fixed != body.end() && !fixed->is_null()) {
    TRY(request.fixed, read_assignments_object(*fixed, "fixed"));
  }
  const auto client = body.find("clientId");
  if (client != body.end() && !client->is_null()) {
    if (!client->is_string() || client->get_ref<const std::string&>().empty() ||
        client->get_ref<const std::string&>().size() > 253) {
      const std::string message = "must be a text of 1 to 253 characters";
      return fail(Code::kInvalid, "clientId: " + message,
                  {{FieldReason::kInvalid, "clientId", message}});
    }
    request.client = client->get<std::string>();
  }
  return request;
}

/// Shared by the asks of one experiment and its three watches.
struct AskDesk::Room : std::enable_shared_from_this<AskDesk::Room> {
  enum Source { kExperimentSource, kSuggestionSource, kTrialSource, kSources };

  Room(asio::any_io_executor executor, store::ObjectStore& objects, std::string ns_,
       std::string experiment_)
      : io(std::move(executor)),
        store(objects),
        ns(std::move(ns_)),
        experiment(std::move(experiment_)) {}

  static Task<> follow(std::shared_ptr<Room> self, Source source);
  store::Selection selection(Source source) const;
  void begin_source(Source source);
  void observe(Source source, const store::WatchEvent& event);
  bool is_synced() const {
    return std::ranges::all_of(synced, [](bool one) { return one; });
  }

  Task<Result<Json>> serve(AskRequest request,
                           std::function<void(std::function<void()>)> on_hangup);
  Task<> claim_up_to(std::string client, std::int64_t count);
  Task<> raise();
  void wake_all();
  void close();

  asio::any_io_executor io;
  store::ObjectStore& store;
  std::string ns, experiment;
  AskState state;
  std::array<store::Watch*, kSources> watches{};
  std::array<bool, kSources> synced{};
  std::list<Waiter> waiters;
  std::list<asio::steady_timer*>
      sleepers;  // in order of arrival: the first to wait is the first to wake
  bool raising = false;
  bool closed = false;
  int asks = 0;
  Clock::time_point last_used = Clock::now();
};

store::Selection AskDesk::Room::selection(Source source) const {
  switch (source) {
    case kTrialSource: {
      store::Selection chosen(kTrials, ns);
      store::LabelRequirement label;
      label.key = resources::kExperimentLabel;
      label.values = {experiment};
      chosen.labels.push_back(std::move(label));
      return chosen;
    }
    case kExperimentSource:
    case kSuggestionSource:
    case kSources:
      break;
  }
  store::Selection chosen(source == kExperimentSource ? kExperiments : kSuggestions, ns);
  chosen.fields.push_back({"metadata.name", experiment, true});
  return chosen;
}

void AskDesk::Room::begin_source(Source source) {
  synced[source] = false;
  if (source == kTrialSource) state.forget_trials();
  if (source == kExperimentSource) state.known = false;
  if (source == kSuggestionSource) state.has_suggestion = false;
}

void AskDesk::Room::observe(Source source, const store::WatchEvent& event) {
  if (event.type == store::WatchEvent::Type::kBookmark) {
    if (event.initial_end) synced[source] = true;
  } else {
    const bool deleted = event.type == store::WatchEvent::Type::kDeleted;
    if (source == kExperimentSource) state.observe_experiment(*event.object, deleted);
    if (source == kSuggestionSource) state.observe_suggestion(*event.object, deleted);
    if (source == kTrialSource) state.observe_trial(*event.object, deleted);
  }
  wake_all();
}

/// Lists and watches until the room closes; a watch that broke or fell behind begins anew.
Task<> AskDesk::Room::follow(std::shared_ptr<Room> self, Source source) {
  while (!self->closed) {
    store::WatchOptions options;
    options.send_initial_events = true;
    auto watch = co_await self->store.watch(self->selection(source), std::move(options));
    if (self->closed) break;
    if (watch) {
      self->begin_source(source);
      self->watches[source] = watch->get();
      while (!self->closed) {
        const auto event = co_await (*watch)->next();
        if (!event) break;
        self->observe(source, *event);
      }
      self->watches[source] = nullptr;
    }
    if (self->closed) break;
    asio::steady_timer pause(self->io, std::chrono::milliseconds(200));
    boost::system::error_code ignored;
    co_await pause.async_wait(into(ignored));
  }
}

void AskDesk::Room::wake_all() {
  for (asio::steady_timer* sleeper : sleepers) sleeper->cancel();
}

void AskDesk::Room::close() {
  closed = true;
  for (store::Watch* watch : watches) {
    if (watch != nullptr) watch->cancel();
  }
  wake_all();
}

Task<> AskDesk::Room::claim_up_to(std::string client, std::int64_t count) {
  while (OpenTrial* trial = state.claimable(client, count, waiters)) {
    trial->claimer = client;
    const std::string name = trial->name;
    Json annotations = Json::object();
    annotations[std::string(resources::kClientIdAnnotation)] = client;
    store::Patch patch(store::PatchType::kMerge,
                       Json{{"metadata",
                             {{"resourceVersion", trial->resource_version},
                              {"annotations", std::move(annotations)}}}});
    store::WriteOptions options;
    options.field_manager = "mizan-rest";
    const auto written = co_await store.patch(store::Key(kTrials, ns, name), "", std::move(patch),
                                              std::move(options));
    if (written) {
      state.observe_trial(*written->object, false);
    } else if (written.error().code == Code::kConflict || written.error().code == Code::kNotFound) {
      // Someone wrote it first; its new version may be here already, and else the watch brings it.
      const auto fresh = co_await store.get(store::Key(kTrials, ns, name));
      if (fresh) state.observe_trial(**fresh, false);
    } else {
      const auto found = state.open.find(name);
      if (found != state.open.end()) found->second.claimer.clear();
      co_return;
    }
  }
}

/// Asks for as many draws as the waiting asks miss. One write at a time; what changed meanwhile is
/// seen after it.
Task<> AskDesk::Room::raise() {
  if (raising) co_return;
  raising = true;
  const auto self = shared_from_this();
  while (const auto wanted = state.wanted_requests(waiters)) {
    store::Patch patch(store::PatchType::kMerge,
                       Json{{"metadata", {{"resourceVersion", state.suggestion_version}}},
                            {"spec", {{"requests", *wanted}}}});
    store::WriteOptions options;
    options.field_manager = "mizan-rest";
    const auto written = co_await store.patch(store::Key(kSuggestions, ns, experiment), "",
                                              std::move(patch), std::move(options));
    if (written) {
      state.observe_suggestion(*written->object, false);
      continue;
    }
    if (written.error().code != Code::kConflict) break;
    const auto fresh = co_await store.get(store::Key(kSuggestions, ns, experiment));
    if (!fresh) break;
    state.observe_suggestion(**fresh, false);
  }
  raising = false;
}

Task<Result<Json>> AskDesk::Room::serve(AskRequest request,
                                        std::function<void(std::function<void()>)> on_hangup) {
  const auto self = shared_from_this();
  const auto deadline = Clock::now() + request.wait;
  // Before the first look is complete an ask without waiting would know nothing.
  const auto look_deadline = std::max(deadline, Clock::now() + std::chrono::seconds(5));
  const std::string client =
      request.client.empty() ? "ask-" + resources::new_uid() : request.client;
  const auto gone = std::make_shared<bool>(false);
  if (on_hangup) {
    on_hangup([self, gone] {
      *gone = true;
      self->wake_all();
    });
  }
  bool is_queued = request.fixed.empty();
  Result<> queued;
  const auto place = waiters.insert(waiters.end(), Waiter{client, request.count, gone, !is_queued});
  asio::steady_timer sleep(io);
  std::vector<const OpenTrial*> mine;
  while (true) {
    if (is_synced() || closed) {
      if (!state.known || closed) break;
      if (!state.client_run) break;
      if (state.claimed_count() >= kMostOpenTrials && state.of_client(client).empty()) break;
      if (!is_queued && state.has_suggestion) {
        is_queued = true;
        auto added = co_await queue_points(store, ns, experiment, request.fixed, "fixed", client,
                                           request.count);
        if (!added) queued = fail(added.error());
        if (!added) break;
        // On top of what the client holds: it asks for other trials than those.
        request.count += state.held_by(client);
        place->count = request.count;
      }
      if (!*gone) co_await claim_up_to(client, request.count);
      mine = state.of_client(client);
      const bool enough = static_cast<std::int64_t>(mine.size()) >= request.count;
      if (enough || state.exhausted() || *gone) break;
      co_await raise();
      // Came while we wrote.
      if (state.claimable(client, request.count, waiters) != nullptr) continue;
    }
    const auto until = is_synced() ? deadline : look_deadline;
    if (*gone || Clock::now() >= until) break;
    sleep.expires_at(until);
    const auto bed = sleepers.insert(sleepers.end(), &sleep);
    boost::system::error_code ignored;
    co_await sleep.async_wait(into(ignored));
    sleepers.erase(bed);
  }
  waiters.erase(place);
  if (std::ranges::none_of(waiters, [&](const Waiter& other) { return other.client == client; }))
    state.release_promises(client, request.client.empty());

  if (closed) co_return fail(Code::kUnavailable, "the server is stopping");
  if (!is_synced())
    co_return fail(Code::kUnavailable, "the experiment's trials can't be read just now");
  if (!state.known)
    co_return fail(Code::kNotFound,
                   fmt::format("experiments.kubeflow.org \"{}\" not found", experiment));
  if (!state.client_run) {
    co_return fail(Code::kInvalid,
                   fmt::format("experiment \"{}\" runs its trials on the server; only one with "
                               "spec.trialTemplate.client can be asked for trials",
                               experiment));
  }
  if (!queued) co_return fail(queued.error());
  mine = state.of_client(client);
  if (mine.empty() && state.claimed_count() >= kMostOpenTrials) {
    co_return fail(Code::kTooManyRequests,
                   fmt::format("{} trials are open; tell how some ended before asking for more",
                               kMostOpenTrials));
  }
  Json trials = Json::array();
  for (const OpenTrial* trial : mine) {
    if (static_cast<std::int64_t>(trials.size()) == request.count) break;
    trials.push_back({{"name", trial->name}, {"assignments", trial->assignments}});
  }
  co_return Json{{"trials", std::move(trials)}, {"exhausted", state.exhausted()}};
}

AskDesk::AskDesk(asio::any_io_executor io, store::ObjectStore& store)
    : io_(std::move(io)), store_(store) {}

AskDesk::~AskDesk() { close(); }

void AskDesk::close() {
  closed_ = true;
  for (const auto& [key, room] : rooms_) room->close();
  rooms_.clear();
}

std::string AskDesk::who_waits(const std::string& ns, const std::string& experiment,
                               const resources::TrialAssignment& draw) {
  const auto found = rooms_.find({ns, experiment});
  if (found == rooms_.end() || !found->second->is_synced()) return "";
  Room& room = *found->second;
  return room.state.promise(draw, room.waiters);
}

std::shared_ptr<AskDesk::Room> AskDesk::enter(const std::string& ns,
                                              const std::string& experiment) {
  const auto now = Clock::now();
  std::erase_if(rooms_, [&](const auto& entry) {
    const auto& [key, room] = entry;
    const bool forgotten = room->is_synced() && !room->state.known;
    const bool idle = now - room->last_used > kIdleRoom || rooms_.size() > kMostRooms || forgotten;
    if (room->asks > 0 || !idle) return false;
    room->close();
    return true;
  });
  auto& room = rooms_[{ns, experiment}];
  if (!room) {
    room = std::make_shared<Room>(io_, store_, ns, experiment);
    for (const auto source :
         {Room::kExperimentSource, Room::kSuggestionSource, Room::kTrialSource}) {
      asio::co_spawn(io_, Room::follow(room, source), asio::detached);
    }
  }
  room->last_used = now;
  return room;
}

Task<Result<Json>> AskDesk::ask(std::string ns, std::string experiment, AskRequest request,
                                std::function<void(std::function<void()>)> on_hangup) {
  if (closed_) co_return fail(Code::kUnavailable, "the server is stopping");
  // A room for what doesn't exist would only watch nothing.
  CO_TRY(const auto object, co_await store_.get(store::Key(kExperiments, ns, experiment)));
  if (closed_) co_return fail(Code::kUnavailable, "the server is stopping");
  const auto room = enter(ns, experiment);
  ++room->asks;
  auto answer = co_await room->serve(std::move(request), std::move(on_hangup));
  --room->asks;
  co_return answer;
}

}  // namespace mizan::api
