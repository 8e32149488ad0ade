// What of the node's capacity is given to pods, and who waits for more. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/reconciler.h"
#include "pods/node/machine.h"

namespace mizan::pods {

class CapacityLedger {
 public:
  explicit CapacityLedger(Amounts capacity) : capacity_(std::move(capacity)) {}

  /// Takes `amounts` for `uid` when they fit. Otherwise nothing is taken, and the answer is the
  /// scheduler's sentence ("0/1 nodes are available: 1 Insufficient memory. …"); "" when they were
  /// taken.
  std::string take(const std::string& uid, const Amounts& amounts);
  /// Takes them whether they fit or not: the pod runs already.
  void take_anyway(const std::string& uid, Amounts amounts) { taken_[uid] = std::move(amounts); }
  void release(const std::string& uid) { taken_.erase(uid); }

  /// Waits until there is room, in the order of `since`.
  void wait(const controller::Request& pod, std::string since, Amounts amounts);
  void stop_waiting(const controller::Request& pod);
  /// Those that would fit now, the longest waiting first, each counted before the next is looked
  /// at.
  std::vector<controller::Request> ready() const;

  const Amounts& capacity() const { return capacity_; }
  Amounts taken() const;
  std::size_t waiting() const { return order_.size(); }

 private:
  struct Waiting {
    std::string since;
    Amounts amounts;
  };
  std::vector<std::string> lacking(const Amounts& free, const Amounts& amounts) const;

  Amounts capacity_;
  std::map<std::string, Amounts> taken_;
  std::map<controller::Request, Waiting> waiting_;
  std::map<std::pair<std::string, controller::Request>, const Waiting*> order_;
};

}  // namespace mizan::pods
