// Rows keyed by a small number for the trial and their order of arrival.
#include "store/sqlite_observation_log.h"

#include <chrono>

namespace mizan::store {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

constexpr std::int64_t kReadInlineRows =
    500;  // read on the io thread up to here: some microseconds each
constexpr std::int64_t kRemoveStep =
    20'000;  // rows that one transaction removes, so that others needn't wait

struct KnownTrial {
  std::int64_t id = 0;
  std::int64_t rows = 0;
};

std::optional<KnownTrial> find_trial(SqliteConnection& connection, const std::string& uid) {
  SqliteQuery query = connection.query("SELECT id, rows FROM observed_trials WHERE uid = ?1");
  query.with(uid);
  if (!query.step()) return std::nullopt;
  return KnownTrial{query.integer(0), query.integer(1)};
}

std::size_t bytes_of(const std::vector<Measurement>& rows) {
  std::size_t bytes = 0;
  for (const Measurement& row : rows) bytes += row.metric.size() + row.value.size() + 32;
  return bytes;
}

Result<> insert(SqliteConnection& connection, const std::string& uid,
                const std::vector<Measurement>& rows, std::size_t limit) {
  std::optional<KnownTrial> trial = find_trial(connection, uid);
  if (!trial) {
    connection.query("INSERT INTO observed_trials(uid, rows) VALUES(?1, 0)").with(uid).run();
    trial = find_trial(connection, uid);
  }
  if (static_cast<std::size_t>(trial->rows) + rows.size() > limit) {
    return fail(too_many_measurements(uid, limit));
  }
  for (const Measurement& row : rows) {
    std::optional<std::int64_t> at;
    if (row.time) at = duration_cast<nanoseconds>(row.time->time_since_epoch()).count();
    connection.query("INSERT INTO observations VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
        .with(trial->id, trial->rows++, row.metric, row.value, at, row.step)
        .run();
  }
  connection.query("UPDATE observed_trials SET rows = ?2 WHERE id = ?1")
      .with(trial->id, trial->rows)
      .run();
  return {};
}

std::vector<Measurement> select(SqliteConnection& connection, const std::string& uid,
                                const std::string& metric) {
  std::vector<Measurement> rows;
  const std::optional<KnownTrial> trial = find_trial(connection, uid);
  if (!trial) return rows;
  SqliteQuery query = connection.query(
      "SELECT metric, value, time_ns, step FROM observations WHERE trial = ?1 AND (?2 = '' OR "
      "metric = ?2) ORDER BY seq");
  query.with(trial->id, metric);
  while (query.step()) {
    Measurement row;
    row.metric = query.text(0);
    row.value = query.text(1);
    if (!query.is_null(2))
      row.time = Time(duration_cast<Time::duration>(nanoseconds(query.integer(2))));
    if (!query.is_null(3)) row.step = query.integer(3);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Takes some rows away, the newest first; true when nothing is left.
Result<bool> remove_some(SqliteConnection& connection, const std::string& uid) {
  const std::optional<KnownTrial> trial = find_trial(connection, uid);
  if (!trial) return true;
  const std::int64_t left = std::max<std::int64_t>(0, trial->rows - kRemoveStep);
  connection.query("DELETE FROM observations WHERE trial = ?1 AND seq >= ?2")
      .with(trial->id, left)
      .run();
  connection.query("UPDATE observed_trials SET rows = ?2 WHERE id = ?1")
      .with(trial->id, left)
      .run();
  if (left > 0) return false;
  connection.query("DELETE FROM observed_trials WHERE id = ?1").with(trial->id).run();
  return true;
}

}  // namespace

Task<Result<>> SqliteObservationLog::append(std::string trial_uid, std::vector<Measurement> rows) {
  auto shared = std::make_shared<const std::vector<Measurement>>(std::move(rows));
  auto work = [trial_uid, shared, limit = limit_](SqliteConnection& connection) {
    return insert(connection, trial_uid, *shared, limit);
  };
  const std::size_t bytes = bytes_of(*shared);
  Result<> done = co_await database_.writer().submit(bytes, std::move(work));
  if (done) observers_.tell(trial_uid, *shared);
  co_return done;
}

Task<Result<std::vector<Measurement>>> SqliteObservationLog::read(std::string trial_uid,
                                                                  std::string metric) {
  if (database_.closed()) co_return fail(Code::kCancelled, "the store is closed");
  const std::optional<KnownTrial> trial = find_trial(database_.quick(), trial_uid);
  if (!trial || trial->rows <= kReadInlineRows)
    co_return select(database_.quick(), trial_uid, metric);
  auto work = [trial_uid,
               metric](SqliteConnection& connection) -> Result<std::vector<Measurement>> {
    return select(connection, trial_uid, metric);
  };
  co_return co_await database_.read(std::move(work));
}

Task<Result<>> SqliteObservationLog::remove(std::string trial_uid) {
  while (true) {
    auto work = [trial_uid](SqliteConnection& connection) {
      return remove_some(connection, trial_uid);
    };
    CO_TRY(const bool done, co_await database_.writer().submit(0, std::move(work)));
    if (done) co_return Result<>();
  }
}

std::shared_ptr<void> SqliteObservationLog::subscribe(
    std::function<void(const std::string&, const std::vector<Measurement>&)> observe) {
  return observers_.add(std::move(observe));
}

}  // namespace mizan::store
