// Rows by trial.
#include "store/memory_observation_log.h"

namespace mizan::store {

Task<Result<>> MemoryObservationLog::append(std::string trial_uid, std::vector<Measurement> rows) {
  std::vector<Measurement>& kept = trials_[trial_uid];
  if (kept.size() + rows.size() > limit_) co_return fail(too_many_measurements(trial_uid, limit_));
  kept.insert(kept.end(), rows.begin(), rows.end());
  observers_.tell(trial_uid, rows);
  co_return Result<>();
}

Task<Result<std::vector<Measurement>>> MemoryObservationLog::read(std::string trial_uid,
                                                                  std::string metric) {
  std::vector<Measurement> found;
  if (auto trial = trials_.find(trial_uid); trial != trials_.end()) {
    for (const Measurement& row : trial->second) {
      if (metric.empty() || row.metric == metric) found.push_back(row);
    }
  }
  co_return found;
}

Task<Result<>> MemoryObservationLog::remove(std::string trial_uid) {
  trials_.erase(trial_uid);
  co_return Result<>();
}

std::shared_ptr<void> MemoryObservationLog::subscribe(
    std::function<void(const std::string&, const std::vector<Measurement>&)> observe) {
  return observers_.add(std::move(observe));
}

}  // namespace mizan::store
