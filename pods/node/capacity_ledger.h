// What of the node's capacity is given to pods, and who waits for more. Pure.
//
// Of each pod it knows two amounts: what it holds (the larger of what it was granted and what is in
// force), and what it may soon hold (a deferred resize included). New pods are let in by the
// second, so that they don't take what a running pod waits for; resizes are granted by the first.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/reconciler.h"
#include "pods/node/machine.h"
#include "pods/resize/resize_state.h"

namespace mizan::pods {

class CapacityLedger {
 public:
  explicit CapacityLedger(Amounts capacity) : capacity_(std::move(capacity)) {}

  /// Takes `amounts` for `uid` when they fit. Otherwise nothing is taken, and the answer is the
  /// scheduler's sentence ("0/1 nodes are available: 1 Insufficient memory. …"); "" when they were
  /// taken.
  std::string take(const std::string& uid, const Amounts& amounts);
  /// Takes them whether they fit or not: the pod runs already, or was granted them.
  void take_anyway(const std::string& uid, Amounts amounts) {
    taken_[uid] = {amounts, std::move(amounts)};
  }
  void release(const std::string& uid);

  /// Whether a pod that is there may have these requests instead of its own.
  Room room_for(const std::string& uid, const Amounts& requests) const;
  /// Its resize waits until there is room for `requests`.
  void defer(const std::string& uid, const controller::Request& pod, DeferredRank rank,
             Amounts requests);
  /// It waits no longer; what it holds stays as it is.
  void stop_deferring(const std::string& uid);

  /// Waits until there is room, in the order of `since`.
  void wait(const controller::Request& pod, std::string since, Amounts amounts);
  void stop_waiting(const controller::Request& pod);
  /// Those that would fit now: first deferred resizes in their order, then new pods, the longest
  /// waiting first, each counted before the next is looked at.
  std::vector<controller::Request> ready() const;

  const Amounts& capacity() const { return capacity_; }
  Amounts taken() const;
  std::size_t waiting() const { return order_.size(); }
  std::size_t deferred() const { return deferred_.size(); }

 private:
  struct Waiting {
    std::string since;
    Amounts amounts;
  };
  struct Held {
    Amounts now, soon;
  };
  struct Deferred {
    controller::Request pod;
    DeferredRank rank;
    Amounts requests;
  };
  std::vector<std::string> lacking(const Amounts& taken, const Amounts& amounts) const;

  Amounts capacity_;
  std::map<std::string, Held> taken_;
  std::map<std::string, Deferred> deferred_;
  std::map<controller::Request, Waiting> waiting_;
  std::map<std::pair<std::string, controller::Request>, const Waiting*> order_;
};

}  // namespace mizan::pods
