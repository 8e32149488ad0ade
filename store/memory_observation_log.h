// The observation log for tests: vectors in memory.
#pragma once

#include <map>

#include "store/append_observers.h"
#include "store/observation_log.h"

namespace mizan::store {

/// Thread: io.
class MemoryObservationLog final : public ObservationLog {
 public:
  explicit MemoryObservationLog(std::size_t limit = kMostMeasurements) : limit_(limit) {}

  Task<Result<>> append(std::string trial_uid, std::vector<Measurement> rows) override;
  Task<Result<std::vector<Measurement>>> read(std::string trial_uid, std::string metric) override;
  Task<Result<>> remove(std::string trial_uid) override;
  std::shared_ptr<void> subscribe(
      std::function<void(const std::string&, const std::vector<Measurement>&)> observe) override;

 private:
  std::size_t limit_;  // rows of one trial
  std::map<std::string, std::vector<Measurement>> trials_;
  AppendObservers observers_;
};

}  // namespace mizan::store
