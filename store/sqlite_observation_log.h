// The observation log in the database of the objects: its rows are committed in the same batches.
#pragma once

#include "store/append_observers.h"
#include "store/observation_log.h"
#include "store/sqlite_database.h"

namespace mizan::store {

/// Thread: io. The database outlives it.
class SqliteObservationLog final : public ObservationLog {
 public:
  explicit SqliteObservationLog(SqliteDatabase& database, std::size_t limit = kMostMeasurements)
      : database_(database), limit_(limit) {}

  Task<Result<>> append(std::string trial_uid, std::vector<Measurement> rows) override;
  Task<Result<std::vector<Measurement>>> read(std::string trial_uid, std::string metric) override;
  Task<Result<>> remove(std::string trial_uid) override;
  std::shared_ptr<void> subscribe(
      std::function<void(const std::string&, const std::vector<Measurement>&)> observe) override;

 private:
  SqliteDatabase& database_;
  std::size_t limit_;  // rows of one trial
  AppendObservers observers_;
};

}  // namespace mizan::store
