// The feed and its clients.
#include "api/event_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/system/error_code.hpp>
#include <charconv>

#include "api/experiment_api.h"
#include "api/render.h"
#include "api/summary.h"
#include "api/trial_api.h"
#include "resources/meta.h"
#include "resources/trial.h"

namespace mizan::api {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostRecent = 4096;
constexpr std::size_t kMostQueuedBytes =
    8 * 1024 * 1024;  // a client further behind is cut, and comes back
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::size_t kPiece = 64 * 1024;

std::uint64_t version_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string event_text(std::string_view name, std::string_view id, const Json& data) {
  const std::string id_line = id.empty() ? "" : fmt::format("id: {}\n", id);
  return fmt::format("event: {}\n{}data: {}\n\n", name, id_line, compact(data));
}

std::string_view type_name(store::WatchEvent::Type type) {
  if (type == store::WatchEvent::Type::kAdded) return "ADDED";
  return type == store::WatchEvent::Type::kDeleted ? "DELETED" : "MODIFIED";
}

}  // namespace

bool EventFilter::takes(std::string_view of_ns, std::string_view of_experiment) const {
  return (ns.empty() || ns == of_ns) && (experiment.empty() || experiment == of_experiment);
}

/// One browser's stream.
class EventClient final : public BodyStream {
 public:
  EventClient(std::shared_ptr<EventHub> hub, EventFilter filter)
      : filter(std::move(filter)), hub_(std::move(hub)), wake_(hub_->io_) {
    hub_->clients_.insert(this);
    push(std::make_shared<const std::string>("retry: 1000\n\n"));
  }
  ~EventClient() override { hub_->clients_.erase(this); }

  void push(std::shared_ptr<const std::string> text) {
    queued_bytes_ += text->size();
    queue_.push_back(std::move(text));
    wake_.cancel();
  }

  Task<Result<std::string>> next() override {
    if (queue_.empty() && !ended_) {
      wake_.expires_after(kHeartbeat);
      boost::system::error_code cancelled;
      co_await wake_.async_wait(into(cancelled));
    }
    if (ended_) co_return std::string();
    if (queued_bytes_ > kMostQueuedBytes)
      co_return fail(Code::kExpired, "this client reads too slowly");
    if (queue_.empty()) co_return std::string(": still here\n\n");
    std::string piece;
    while (!queue_.empty() && piece.size() < kPiece) {
      piece += *queue_.front();
      queued_bytes_ -= queue_.front()->size();
      queue_.pop_front();
    }
    co_return piece;
  }

  void cancel() override {
    ended_ = true;
    wake_.cancel();
  }

  const EventFilter filter;

 private:
  std::shared_ptr<EventHub> hub_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t queued_bytes_ = 0;
  bool ended_ = false;
  asio::steady_timer wake_;
};

EventHub::EventHub(const asio::any_io_executor& io, store::ObjectStore& store,
                   store::ObservationLog& observations)
    : io_(io),
      store_(store),
      observations_(observations),
      synced_signal_(io, asio::steady_timer::time_point::max()) {}

Task<std::unique_ptr<BodyStream>> EventHub::open(EventFilter filter, std::string last_id) {
  const auto self = shared_from_this();
  if (!started_) {
    started_ = true;
    subscription_ = observations_.subscribe(
        [weak = weak_from_this()](const std::string& uid, const auto& rows) {
          if (const auto hub = weak.lock()) hub->publish_observations(uid, rows);
        });
    asio::co_spawn(io_, follow(self, kExperimentSource), asio::detached);
    asio::co_spawn(io_, follow(self, kTrialSource), asio::detached);
  }
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!closed_ && !is_synced() && std::chrono::steady_clock::now() < give_up) {
    boost::system::error_code ignored;
    co_await synced_signal_.async_wait(into(ignored));
  }
  auto client = std::make_unique<EventClient>(self, std::move(filter));
  if (!last_id.empty()) replay(*client, last_id);
  if (closed_) client->cancel();
  co_return client;
}

void EventHub::replay(EventClient& client, const std::string& last_id) {
  const std::uint64_t version = version_number(last_id);
  if (version < begins_after_) {
    client.push(std::make_shared<const std::string>(event_text("reset", "", Json::object())));
    return;
  }
  // Two watches feed this list, so that it isn't quite in order: after the very change when it is
  // here, else after everything older.
  auto from = std::ranges::find(recent_, version, &Entry::version);
  if (from != recent_.end()) ++from;
  const bool exact =
      from != recent_.end() || (!recent_.empty() && recent_.back().version == version);
  for (auto entry = exact ? from : recent_.begin(); entry != recent_.end(); ++entry) {
    const bool wanted = exact || entry->version > version;
    if (wanted && client.filter.takes(entry->ns, entry->experiment)) client.push(entry->text);
  }
}

Task<> EventHub::follow(std::shared_ptr<EventHub> self, Source source) {
  bool again = false;
  while (!self->closed_) {
    store::Selection selection(source == kExperimentSource ? kExperiments : kTrials);
    store::WatchOptions options;
    options.send_initial_events = true;
    auto watch = co_await self->store_.watch(std::move(selection), std::move(options));
    if (self->closed_) break;
    if (watch) {
      self->synced_[source] = false;
      self->watches_[source] = watch->get();
      while (!self->closed_) {
        const auto event = co_await (*watch)->next();
        if (!event) break;
        self->observe(source, *event);
        if (event->initial_end && again) self->reset_clients();
      }
      self->watches_[source] = nullptr;
      again = true;
    }
    self->synced_signal_.cancel();  // whoever waits looks whether it has waited long enough
    if (self->closed_) break;
    asio::steady_timer pause(self->io_, std::chrono::milliseconds(200));
    boost::system::error_code ignored;
    co_await pause.async_wait(into(ignored));
  }
}

void EventHub::observe(Source source, const store::WatchEvent& event) {
  const Json& object = *event.object;
  const std::string version = resources::resource_version_of(object);
  if (event.type == store::WatchEvent::Type::kBookmark) {
    if (event.initial_end) {
      synced_[source] = true;
      begins_after_ = std::max(begins_after_, version_number(version));
      synced_signal_.cancel();
    }
    return;
  }
  Entry entry{version_number(version), resources::namespace_of(object), resources::name_of(object),
              nullptr};
  if (source == kTrialSource) {
    entry.experiment = resources::read_trial(object).experiment;
    const std::string uid = resources::uid_of(object);
    if (event.type == store::WatchEvent::Type::kDeleted) {
      trials_.erase(uid);
    } else {
      trials_[uid] = {entry.ns, entry.experiment, resources::name_of(object)};
    }
  }
  if (!synced_[source]) return;  // the page has loaded what was there by itself
  const Json data{
      {"type", type_name(event.type)},
      {"summary", source == kTrialSource ? trial_summary(object) : experiment_summary(object)}};
  entry.text = std::make_shared<const std::string>(
      event_text(source == kTrialSource ? "trial" : "experiment", version, data));
  publish(std::move(entry));
}

void EventHub::publish(Entry entry) {
  for (EventClient* client : clients_) {
    if (client->filter.takes(entry.ns, entry.experiment)) client->push(entry.text);
  }
  recent_.push_back(std::move(entry));
  if (recent_.size() > kMostRecent) {
    begins_after_ = std::max(begins_after_, recent_.front().version);
    recent_.pop_front();
  }
}

void EventHub::publish_observations(const std::string& trial_uid,
                                    const std::vector<store::Measurement>& rows) {
  const auto place = trials_.find(trial_uid);
  if (place == trials_.end() || clients_.empty()) return;
  std::shared_ptr<const std::string> text;
  for (EventClient* client : clients_) {
    if (!client->filter.takes(place->second.ns, place->second.experiment)) continue;
    if (!text) {
      Json items = Json::array();
      for (const auto& row : rows) items.push_back(observation_json(row));
      const Json data{{"trial", trial_uid},
                      {"name", place->second.name},
                      {"experiment", place->second.experiment},
                      {"namespace", place->second.ns},
                      {"items", std::move(items)}};
      text = std::make_shared<const std::string>(event_text("observations", "", data));
    }
    client->push(text);
  }
}

/// A watch had to begin anew: changes are missing from the feed.
void EventHub::reset_clients() {
  recent_.clear();
  const auto text = std::make_shared<const std::string>(event_text("reset", "", Json::object()));
  for (EventClient* client : clients_) client->push(text);
}

void EventHub::close() {
  closed_ = true;
  subscription_.reset();
  for (store::Watch* watch : watches_) {
    if (watch != nullptr) watch->cancel();
  }
  for (EventClient* client : clients_) client->cancel();
  synced_signal_.cancel();
}

}  // namespace mizan::api
