// Opening and the statement cache.
#include "store/sqlite_connection.h"

#include <sqlite3.h>

namespace mizan::store {
namespace {

constexpr int kBusyMilliseconds = 10'000;

int flags_of(SqliteConnection::Mode mode) {
  const int access = mode == SqliteConnection::Mode::kWriter
                         ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                         : SQLite::OPEN_READONLY;
  return access | SQLITE_OPEN_NOMUTEX;  // each connection is used by one thread at a time
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, Mode mode, const char* vfs)
    : database_(path, flags_of(mode), kBusyMilliseconds, vfs) {
  if (mode == Mode::kReader) {
    execute("PRAGMA query_only=ON; PRAGMA cache_size=-1024;");
    return;
  }
  // synchronous=FULL: a commit that returned survives a loss of power.
  execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
      "temp_store=MEMORY;"
      "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-4096;");
  // In place of SQLite's own, which would begin a checkpoint within a commit.
  sqlite3_wal_hook(database_.getHandle(), after_commit, this);
}

int SqliteConnection::after_commit(void* self, sqlite3*, const char*, int log_pages) {
  static_cast<SqliteConnection*>(self)->log_pages_ = log_pages;
  return SQLITE_OK;
}

SqliteQuery SqliteConnection::query(const char* sql) {
  std::unique_ptr<SQLite::Statement>& statement = statements_[std::string_view(sql)];
  if (!statement) statement = std::make_unique<SQLite::Statement>(database_, sql);
  return SqliteQuery(*statement);
}

std::int64_t SqliteConnection::single(const char* sql) {
  SqliteQuery found = query(sql);
  return found.step() ? found.integer(0) : 0;
}

SqliteSnapshot::~SqliteSnapshot() {
  try {
    connection_.query("COMMIT").run();
  } catch (const SQLite::Exception&) {  // NOLINT(bugprone-empty-catch)
    // Nothing was written; what broke the connection breaks its next statement too and is told
    // there.
  }
}

}  // namespace mizan::store
