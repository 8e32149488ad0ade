// One connection to the database file, with its settings and its prepared statements.
//
// SQLiteCpp and SQLite are included here and in the files of the SQLite implementation alone.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mizan::store {

/// A prepared statement while it is used; reset when it goes.
class SqliteQuery {
 public:
  explicit SqliteQuery(SQLite::Statement& statement) : statement_(statement) {}
  ~SqliteQuery() { statement_.tryReset(); }
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  /// Binds the values to the parameters ?1, ?2, … Texts and blobs are not copied: they outlive this
  /// query.
  template <class... Values>
  SqliteQuery& with(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }
  template <class Single>
  SqliteQuery& with_at(int index, const Single& value) {
    bind(index, value);
    return *this;
  }
  bool step() { return statement_.executeStep(); }
  void run() { statement_.exec(); }

  std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
  std::uint64_t revision(int column) { return static_cast<std::uint64_t>(integer(column)); }
  std::string text(int column) { return statement_.getColumn(column).getString(); }
  bool is_null(int column) { return statement_.getColumn(column).isNull(); }

 private:
  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, std::uint64_t value) {
    statement_.bind(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, int value) { statement_.bind(index, value); }
  void bind(int index, const std::string& value) { statement_.bindNoCopy(index, value); }
  void bind(int index, std::nullptr_t) { statement_.bind(index); }
  template <class Value>
  void bind(int index, const std::optional<Value>& value) {
    if (value) {
      bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

  SQLite::Statement& statement_;
};

/// Thread: one at a time. Errors: a broken disk or file throws SQLite::Exception.
class SqliteConnection {
 public:
  enum class Mode { kWriter, kReader };
  /// `vfs` is the name of a registered VFS.
  SqliteConnection(const std::string& path, Mode mode, const char* vfs);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  /// `sql` is a string literal; it is prepared once.
  SqliteQuery query(const char* sql);
  /// Several statements without results.
  void execute(const char* sql) { database_.exec(sql); }
  std::int64_t single(const char* sql);
  int changed_rows() { return database_.getChanges(); }
  /// Of the log, after the last commit of this writing connection.
  std::int64_t log_pages() const { return log_pages_; }

 private:
  static int after_commit(void* self, sqlite3* database, const char* name, int log_pages);

  SQLite::Database database_;
  std::int64_t log_pages_ = 0;
  std::unordered_map<std::string_view, std::unique_ptr<SQLite::Statement>> statements_;
};

/// A read transaction: all statements in it see the same state. Thread: the connection's.
class SqliteSnapshot {
 public:
  explicit SqliteSnapshot(SqliteConnection& connection) : connection_(connection) {
    connection_.query("BEGIN").run();
  }
  ~SqliteSnapshot();
  SqliteSnapshot(const SqliteSnapshot&) = delete;
  SqliteSnapshot& operator=(const SqliteSnapshot&) = delete;

 private:
  SqliteConnection& connection_;
};

}  // namespace mizan::store
