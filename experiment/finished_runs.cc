// FinishedRuns: one ordered set per experiment.
#include "experiment/finished_runs.h"

namespace mizan::experiment {

std::vector<std::string> FinishedRuns::add(const std::string& experiment, Time completed,
                                           const std::string& trial) {
  Group& group = groups_[experiment];
  std::vector<std::string> surplus;
  if (group.surplus.contains(trial) || !group.times.try_emplace(trial, completed).second)
    return surplus;
  group.kept.insert({completed, trial});
  while (group.kept.size() > keep_) {
    const std::string oldest = group.kept.begin()->second;
    group.kept.erase(group.kept.begin());
    group.times.erase(oldest);
    group.surplus.insert(oldest);
    surplus.push_back(oldest);
  }
  return surplus;
}

bool FinishedRuns::is_surplus(const std::string& experiment, const std::string& trial) const {
  const auto group = groups_.find(experiment);
  return group != groups_.end() && group->second.surplus.contains(trial);
}

void FinishedRuns::remove(const std::string& experiment, const std::string& trial) {
  const auto found = groups_.find(experiment);
  if (found == groups_.end()) return;
  Group& group = found->second;
  group.surplus.erase(trial);
  if (const auto time = group.times.find(trial); time != group.times.end()) {
    group.kept.erase({time->second, trial});
    group.times.erase(time);
  }
  if (group.kept.empty() && group.surplus.empty()) groups_.erase(found);
}

}  // namespace mizan::experiment
