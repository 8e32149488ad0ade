// What `:ask` needs to know of one experiment, kept live by three watches: its open trials, its
// Suggestion, itself.
//
// Decisions are plain functions of this state, so that a test can set it up without a store.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "resources/suggestion.h"
#include "store/object_store.h"

namespace mizan::api {

inline constexpr std::int64_t kMostOpenTrials = 1000;

/// A trial that hasn't ended.
struct OpenTrial {
  std::string name, client, resource_version;  // client: who claimed it, "" for nobody
  std::optional<std::uint64_t> index;
  Json assignments;      // {name: text}
  std::string reserved;  // the client that asked for just this point; "" for nobody
  /// Whom a claim is being written for; also after it was refused, until the next version is seen.
  std::string claimer;

  bool is_free() const { return client.empty() && claimer.empty(); }
  bool belongs_to(const std::string& who) const {
    return client.empty() ? claimer == who : client == who;
  }
};

/// One ask that waits.
struct Waiter {
  std::string client;
  std::int64_t count = 0;      // how many trials it wants to hold
  std::shared_ptr<bool> gone;  // becomes true when the client has hung up; may be null
  bool is_fixed = false;       // it wants points of its own, not just any

  bool is_gone() const { return gone && *gone; }
};

struct AskState {
  // The experiment
  bool known = false;  // it exists
  bool completed = false, suspended = false, client_run = false;
  std::optional<std::int64_t> max_trials, parallel;
  // The Suggestion
  bool has_suggestion = false;
  std::string suggestion_version;
  std::int64_t requests = 0, drawn = 0;
  bool no_more = false;              // status.exhausted
  std::vector<std::string> entries;  // names in status.suggestions
  // Trials
  std::map<std::string, OpenTrial> open;
  std::map<std::string, std::uint64_t>
      versions;  // of all trials, ended ones too; older news is ignored
  /// Trials that are being made for a client that waits, until they are seen: {name: client}.
  std::map<std::string, std::string> promised;
  /// Those whose client went before it could be told of them, and is nobody who could ask again:
  /// whatever they say, they are free.
  std::map<std::string, std::string> forsaken;

  void observe_experiment(const Json& object, bool deleted);
  void observe_suggestion(const Json& object, bool deleted);
  void observe_trial(const Json& object, bool deleted);
  void forget_trials();

  /// Open trials that `client` has claimed, in order of draws.
  std::vector<const OpenTrial*> of_client(const std::string& client) const;
  /// An open trial that nobody has or is about to have, the earliest drawn; null: none.
  /// One that a waiting client asked for with values of its own is for that client alone.
  OpenTrial* unclaimed(const std::string& client, const std::list<Waiter>& waiters);
  /// What `client`, which wants to hold `count`, may claim now; null: nothing, or it has enough
  /// with what it is promised.
  OpenTrial* claimable(const std::string& client, std::int64_t count,
                       const std::list<Waiter>& waiters);
  /// Those it has claimed and those that are being claimed for it.
  std::int64_t held_by(const std::string& client) const;
  /// For whom among `waiters` the trial of `draw` is made; "" for nobody. It counts as coming until
  /// it is seen.
  std::string promise(const resources::TrialAssignment& draw, const std::list<Waiter>& waiters);
  std::int64_t promised_to(const std::string& client) const;
  /// `client` waits no more; `for_good`: it has no name to come back under.
  void release_promises(const std::string& client, bool for_good);
  std::int64_t unclaimed_count() const;
  std::int64_t claimed_count() const;
  /// Draws that are asked for and aren't Trials yet.
  std::int64_t in_flight() const;
  /// There will be no more trials than are open now.
  bool exhausted() const;
  /// What spec.requests should be so that `waiters` get what they miss; nullopt: it is enough, or
  /// more isn't allowed.
  std::optional<std::int64_t> wanted_requests(const std::list<Waiter>& waiters) const;
};

}  // namespace mizan::api
