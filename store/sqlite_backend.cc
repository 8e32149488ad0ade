// Writes, compaction and the hand-over of committed changes to the io thread.
#include "store/sqlite_backend.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite_reads.h"

namespace mizan::store {
namespace {

/// Revisions that one transaction compacts, so that writers never wait long for it.
constexpr Revision kCompactionStep = 2000;

}  // namespace

struct SqliteBackend::Shown {
  Revision current = 0;
  Revision compacted = 0;
  bool closed = false;
  std::function<void(const std::vector<Change>&)> observe;
};

/// The head of the change log: which revision comes next, and what the open transaction has changed
/// so far.
class SqliteBackend::Log final : public SqliteWriter::Listener {
 public:
  Log(std::shared_ptr<Shown> shown, Revision newest)
      : shown_(std::move(shown)), committed_(newest), next_(newest + 1) {}

  Result<Revision> create(SqliteConnection& connection, const std::string& key,
                          const Value& value) {
    if (present(connection, key)) return fail(Code::kAlreadyExists, fmt::format("{} exists", key));
    Change change;
    change.revision = next_++;
    change.entry = {key, value, change.revision, change.revision};
    append(connection, change);
    connection.query("INSERT INTO objects VALUES(?1, ?2, ?3)")
        .with(key, change.revision, change.revision)
        .run();
    return finish(std::move(change));
  }

  Result<Revision> update(SqliteConnection& connection, const std::string& key, const Value& value,
                          Revision expected) {
    TRY(Change change, supersede(connection, key, expected));
    change.type = Change::Type::kUpdated;
    change.entry.value = value;
    append(connection, change);
    connection.query("UPDATE objects SET revision = ?2 WHERE key = ?1")
        .with(key, change.revision)
        .run();
    return finish(std::move(change));
  }

  Result<Revision> remove(SqliteConnection& connection, const std::string& key, Revision expected) {
    TRY(Change change, supersede(connection, key, expected));
    change.type = Change::Type::kDeleted;
    change.entry.value = change.previous;
    append(connection, change);
    connection.query("DELETE FROM objects WHERE key = ?1").with(key).run();
    return finish(std::move(change));
  }

  /// Drops what is superseded or deleted up to `up_to`; gives the new mark.
  Result<Revision> compact(SqliteConnection& connection, Revision up_to) {
    const Revision from = compacted_revision(connection);
    up_to = std::min(up_to, next_ - 1);
    if (up_to <= from) return from;
    connection
        .query(
            "DELETE FROM versions WHERE revision IN "
            "(SELECT previous FROM versions WHERE revision > ?1 AND revision <= ?2 AND previous > "
            "0)")
        .with(from, up_to)
        .run();
    connection.query("DELETE FROM versions WHERE revision > ?1 AND revision <= ?2 AND type = 2")
        .with(from, up_to)
        .run();
    connection.query("UPDATE compaction SET revision = ?1").with(up_to).run();
    return up_to;
  }

  std::function<void()> committed() override {
    committed_ = next_ - 1;
    if (changes_.empty()) return {};
    return [shown = shown_, changes = std::exchange(changes_, {})] {
      shown->current = changes.back().revision;
      if (shown->observe) shown->observe(changes);
    };
  }

  void rolled_back() override {
    next_ = committed_ + 1;
    changes_.clear();
  }

 private:
  static std::optional<std::pair<Revision, Revision>> present(SqliteConnection& connection,
                                                              const std::string& key) {
    SqliteQuery query = connection.query("SELECT revision, created FROM objects WHERE key = ?1");
    query.with(key);
    if (!query.step()) return std::nullopt;
    return std::pair(query.revision(0), query.revision(1));
  }

  /// A change of what is there now, with its value as `previous`; the caller says into what.
  Result<Change> supersede(SqliteConnection& connection, const std::string& key,
                           Revision expected) {
    const auto there = present(connection, key);
    if (!there) return fail(Code::kNotFound, fmt::format("{} does not exist", key));
    const auto [modified, created] = *there;
    if (modified != expected) {
      return fail(Code::kConflict,
                  fmt::format("{} is at revision {}, not {}", key, modified, expected));
    }
    SqliteQuery query = connection.query("SELECT value FROM versions WHERE revision = ?1");
    query.with(modified);
    if (!query.step()) throw std::logic_error("the version of " + key + " is missing");
    Change change;
    change.previous = std::make_shared<const std::string>(query.text(0));
    change.previous_modified = modified;
    change.revision = next_++;
    change.entry.key = key;
    change.entry.created = created;
    change.entry.modified = change.revision;
    return change;
  }

  static void append(SqliteConnection& connection, const Change& change) {
    const bool deleted = change.type == Change::Type::kDeleted;
    SqliteQuery query = connection.query("INSERT INTO versions VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    query.with(change.revision, static_cast<int>(change.type), change.entry.key,
               change.entry.created, change.previous_modified);
    if (deleted) {
      query.with_at(6, nullptr);
    } else {
      query.with_at(6, *change.entry.value);
    }
    query.run();
  }

  Result<Revision> finish(Change change) {
    const Revision revision = change.revision;
    changes_.push_back(std::move(change));
    return revision;
  }

  std::shared_ptr<Shown> shown_;
  Revision committed_;
  Revision next_;
  std::vector<Change> changes_;
};

SqliteBackend::SqliteBackend(SqliteDatabase& database)
    : database_(database), shown_(std::make_shared<Shown>()) {
  SqliteSnapshot snapshot(database.quick());
  shown_->current = newest_revision(database.quick());
  shown_->compacted = compacted_revision(database.quick());
  log_ = std::make_shared<Log>(shown_, shown_->current);
  database.writer().set_listener(log_.get());
}

SqliteBackend::~SqliteBackend() {
  close();
  database_.writer().set_listener(nullptr);
}

Task<Result<std::optional<Entry>>> SqliteBackend::get(std::string key) {
  if (shown_->closed) co_return fail(Code::kCancelled, "the store is closed");
  co_return read_entry(database_.quick(), key);
}

Task<Result<Range>> SqliteBackend::list(std::string prefix, Revision at, std::size_t limit,
                                        std::string start_after) {
  if (shown_->closed) co_return fail(Code::kCancelled, "the store is closed");
  auto work = [prefix, at, limit, start_after](SqliteConnection& connection) {
    return read_range(connection, prefix, at, limit, start_after);
  };
  co_return co_await database_.read(std::move(work));
}

Task<Result<std::vector<Change>>> SqliteBackend::changes(std::string prefix, Revision after,
                                                         std::size_t limit) {
  if (shown_->closed) co_return fail(Code::kCancelled, "the store is closed");
  auto work = [prefix, after, limit](SqliteConnection& connection) {
    return read_changes(connection, prefix, after, limit);
  };
  co_return co_await database_.read(std::move(work));
}

Task<Result<Revision>> SqliteBackend::create(std::string key, Value value) {
  const std::size_t bytes = key.size() + value->size();
  auto work = [log = log_, key = std::move(key), value = std::move(value)](
                  SqliteConnection& connection) { return log->create(connection, key, value); };
  co_return co_await database_.writer().submit(bytes, std::move(work));
}

Task<Result<Revision>> SqliteBackend::update(std::string key, Value value, Revision expected) {
  const std::size_t bytes = key.size() + value->size();
  auto work = [log = log_, key = std::move(key), value = std::move(value),
               expected](SqliteConnection& connection) {
    return log->update(connection, key, value, expected);
  };
  co_return co_await database_.writer().submit(bytes, std::move(work));
}

Task<Result<Revision>> SqliteBackend::remove(std::string key, Revision expected) {
  const std::size_t bytes = key.size();
  auto work = [log = log_, key = std::move(key), expected](SqliteConnection& connection) {
    return log->remove(connection, key, expected);
  };
  co_return co_await database_.writer().submit(bytes, std::move(work));
}

Task<Result<>> SqliteBackend::compact(Revision up_to) {
  const std::shared_ptr<Shown> shown = shown_;
  up_to = std::min(up_to, shown->current);
  while (shown->compacted < up_to) {
    const Revision step = std::min(up_to, shown->compacted + kCompactionStep);
    auto work = [log = log_, step](SqliteConnection& connection) {
      return log->compact(connection, step);
    };
    CO_TRY(const Revision mark, co_await database_.writer().submit(0, std::move(work)));
    shown->compacted = std::max(shown->compacted, mark);
  }
  if (shown->closed) co_return fail(Code::kCancelled, "the store is closed");
  co_return Result<>();
}

void SqliteBackend::set_observer(std::function<void(const std::vector<Change>&)> observe) {
  shown_->observe = std::move(observe);
}

Revision SqliteBackend::current() const { return shown_->current; }
Revision SqliteBackend::compacted() const { return shown_->compacted; }

void SqliteBackend::close() {
  shown_->closed = true;
  database_.writer().close();
}

}  // namespace mizan::store
