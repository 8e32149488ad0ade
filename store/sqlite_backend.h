// The Backend that keeps: revisioned bytes in SQLite. docs say why WAL, synchronous=FULL and group
// commit.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/backend.h"
#include "store/sqlite_database.h"

namespace mizan::store {

/// Thread: io. The database outlives it.
class SqliteBackend final : public Backend {
 public:
  explicit SqliteBackend(SqliteDatabase& database);
  ~SqliteBackend() override;

  Task<Result<std::optional<Entry>>> get(std::string key) override;
  Task<Result<Range>> list(std::string prefix, Revision at, std::size_t limit,
                           std::string start_after) override;
  Task<Result<Revision>> create(std::string key, Value value) override;
  Task<Result<Revision>> update(std::string key, Value value, Revision expected) override;
  Task<Result<Revision>> remove(std::string key, Revision expected) override;
  Task<Result<std::vector<Change>>> changes(std::string prefix, Revision after,
                                            std::size_t limit) override;
  void set_observer(std::function<void(const std::vector<Change>&)> observe) override;
  Revision current() const override;
  Revision compacted() const override;
  Task<Result<>> compact(Revision up_to) override;
  void close() override;

 private:
  struct Shown;  // what the io thread knows
  class Log;     // what the writer's thread knows

  SqliteDatabase& database_;
  std::shared_ptr<Shown> shown_;
  std::shared_ptr<Log> log_;
};

}  // namespace mizan::store
