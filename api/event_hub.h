// One live feed of experiments, trials and observations for all open dashboards: each change is
// read and rendered once however many watch, and the newest few thousand are kept so that a browser
// that lost its connection can go on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/http.h"
#include "store/object_store.h"
#include "store/observation_log.h"

namespace mizan::api {

struct EventFilter {
  std::string ns, experiment;  // empty: all
  bool takes(std::string_view of_ns, std::string_view of_experiment) const;
};

class EventClient;

/// Thread: io. Begins its watches with the first client. What it is given outlives it.
class EventHub : public std::enable_shared_from_this<EventHub> {
 public:
  EventHub(const boost::asio::any_io_executor& io, store::ObjectStore& store,
           store::ObservationLog& observations);

  /// A text/event-stream. `last_id` (a resourceVersion) resumes after that change; when that is too
  /// far back the stream begins with an event `reset`, which tells the page to load everything
  /// again.
  Task<std::unique_ptr<BodyStream>> open(EventFilter filter, std::string last_id);

  /// Ends all clients and watches.
  void close();

 private:
  friend class EventClient;
  enum Source { kExperimentSource, kTrialSource, kSources };

  struct Entry {
    std::uint64_t version = 0;
    std::string ns, experiment;
    std::shared_ptr<const std::string> text;
  };
  struct TrialPlace {
    std::string ns, experiment, name;
  };

  bool is_synced() const { return synced_[kExperimentSource] && synced_[kTrialSource]; }
  static Task<> follow(std::shared_ptr<EventHub> self, Source source);
  void observe(Source source, const store::WatchEvent& event);
  void publish(Entry entry);
  void publish_observations(const std::string& trial_uid,
                            const std::vector<store::Measurement>& rows);
  void reset_clients();
  void replay(EventClient& client, const std::string& last_id);

  boost::asio::any_io_executor io_;
  store::ObjectStore& store_;
  store::ObservationLog& observations_;
  std::shared_ptr<void> subscription_;
  bool started_ = false;
  bool closed_ = false;
  store::Watch* watches_[kSources] = {};
  bool synced_[kSources] = {};
  std::uint64_t begins_after_ = 0;  // changes up to here were never in `recent_`
  std::deque<Entry> recent_;
  std::map<std::string, TrialPlace> trials_;  // by uid
  std::set<EventClient*> clients_;
  boost::asio::steady_timer synced_signal_;  // never expires: cancelled when something changed
};

}  // namespace mizan::api
