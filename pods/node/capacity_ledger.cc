// What is promised to pods, and what is left.
#include "pods/node/capacity_ledger.h"

#include <fmt/format.h>

namespace mizan::pods {
namespace {

using resources::Quantity;

Quantity amount_of(const Amounts& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? Quantity() : found->second;
}

}  // namespace

Amounts CapacityLedger::taken() const {
  Amounts sum;
  for (const auto& [uid, amounts] : taken_) {
    for (const auto& [name, amount] : amounts) sum[name] = amount_of(sum, name) + amount;
  }
  return sum;
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
    taken_[uid] = amounts;
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
  Amounts sum = taken();
  for (const auto& [place, waiting] : order_) {
    if (!lacking(sum, waiting->amounts).empty()) continue;
    for (const auto& [name, amount] : waiting->amounts) sum[name] = amount_of(sum, name) + amount;
    pods.push_back(place.second);
  }
  return pods;
}

}  // namespace mizan::pods
