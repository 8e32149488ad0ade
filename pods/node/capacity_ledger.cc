// What is promised to pods, and what is left.
#include "pods/node/capacity_ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace mizan::pods {
namespace {

using resources::Quantity;

Quantity amount_of(const Amounts& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? Quantity() : found->second;
}

void add(Amounts& sum, const Amounts& more) {
  for (const auto& [name, amount] : more) sum[name] = amount_of(sum, name) + amount;
}

/// As kubelet writes amounts in its messages: thousandths of a CPU, bytes, whole pieces.
std::int64_t plain(const std::string& name, const Quantity& amount) {
  return name == "cpu" ? amount.milli() : amount.units();
}

}  // namespace

Amounts CapacityLedger::taken() const {
  Amounts sum;
  for (const auto& [uid, held] : taken_) add(sum, held.soon);
  return sum;
}

void CapacityLedger::release(const std::string& uid) {
  taken_.erase(uid);
  deferred_.erase(uid);
}

std::vector<std::string> CapacityLedger::lacking(const Amounts& taken,
                                                 const Amounts& amounts) const {
  std::vector<std::string> names;
  for (const auto& [name, amount] : amounts) {
    if (amount.is_zero()) continue;
    if (amount_of(taken, name) + amount > amount_of(capacity_, name)) names.push_back(name);
  }
  return names;
}

std::string CapacityLedger::take(const std::string& uid, const Amounts& amounts) {
  const std::vector<std::string> now = lacking(taken(), amounts), ever = lacking({}, amounts);
  if (now.empty()) {
    taken_[uid] = {amounts, amounts};
    return {};
  }
  std::string message = "0/1 nodes are available:";
  for (const std::string& name : now)
    message += fmt::format("{} 1 {}", message.ends_with(':') ? "" : ",",
                           name == "pods" ? "Too many pods" : "Insufficient " + name);
  message += '.';
  for (const std::string& name : ever)
    message +=
        fmt::format(" It can never run here: it requests {} of {}, and the node has {}.",
                    amount_of(amounts, name).text(), name, amount_of(capacity_, name).text());
  return message;
}

Room CapacityLedger::room_for(const std::string& uid, const Amounts& requests) const {
  for (const char* name : {"memory", "cpu"}) {
    if (amount_of(requests, name) <= amount_of(capacity_, name)) continue;
    return {Room::Answer::kInfeasible,
            fmt::format("Node didn't have enough capacity: {}, requested: {}, capacity: {}", name,
                        plain(name, amount_of(requests, name)),
                        plain(name, amount_of(capacity_, name)))};
  }
  Amounts others, own;
  for (const auto& [each, held] : taken_) {
    if (each == uid) own = held.now;
    if (each != uid) add(others, held.now);
  }
  for (const char* name : {"cpu", "memory"}) {
    const Quantity wanted = amount_of(requests, name), used = amount_of(others, name);
    if (wanted <= amount_of(own, name) || used + wanted <= amount_of(capacity_, name)) continue;
    return {Room::Answer::kDeferred,
            fmt::format(
                "Node didn't have enough resource: {}, requested: {}, used: {}, capacity: {}", name,
                plain(name, wanted), plain(name, used), plain(name, amount_of(capacity_, name)))};
  }
  return {};
}

void CapacityLedger::defer(const std::string& uid, const controller::Request& pod,
                           DeferredRank rank, Amounts requests) {
  Held& held = taken_[uid];
  held.soon = held.now;
  for (const auto& [name, amount] : requests)
    held.soon[name] = std::max(amount_of(held.soon, name), amount);
  deferred_.insert_or_assign(uid, Deferred{pod, std::move(rank), std::move(requests)});
}

void CapacityLedger::stop_deferring(const std::string& uid) {
  deferred_.erase(uid);
  if (const auto held = taken_.find(uid); held != taken_.end())
    held->second.soon = held->second.now;
}

void CapacityLedger::wait(const controller::Request& pod, std::string since, Amounts amounts) {
  stop_waiting(pod);
  const auto placed = waiting_.emplace(pod, Waiting{std::move(since), std::move(amounts)}).first;
  order_.emplace(std::pair(placed->second.since, pod), &placed->second);
}

void CapacityLedger::stop_waiting(const controller::Request& pod) {
  const auto found = waiting_.find(pod);
  if (found == waiting_.end()) return;
  order_.erase({found->second.since, pod});
  waiting_.erase(found);
}

std::vector<controller::Request> CapacityLedger::ready() const {
  std::vector<controller::Request> pods;
  std::map<DeferredRank, std::pair<const std::string*, const Deferred*>> ranked;
  for (const auto& [uid, deferred] : deferred_) ranked[deferred.rank] = {&uid, &deferred};
  CapacityLedger after(capacity_);
  if (!ranked.empty()) after.taken_ = taken_;
  for (const auto& [rank, entry] : ranked) {
    const auto& [uid, deferred] = entry;
    if (after.room_for(*uid, deferred->requests).answer != Room::Answer::kFits) continue;
    after.take_anyway(*uid, deferred->requests);
    pods.push_back(deferred->pod);
  }
  Amounts sum = taken();
  for (const auto& [place, waiting] : order_) {
    if (!lacking(sum, waiting->amounts).empty()) continue;
    add(sum, waiting->amounts);
    pods.push_back(place.second);
  }
  return pods;
}

}  // namespace mizan::pods
