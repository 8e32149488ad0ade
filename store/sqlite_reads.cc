// The queries. A range of keys is [from, end): `end` is the prefix with its last byte one higher.
#include "store/sqlite_reads.h"

#include <fmt/format.h>

namespace mizan::store {
namespace {

constexpr const char* kPresent =
    "SELECT o.key, o.created, o.revision, v.value FROM objects o JOIN versions v ON v.revision = "
    "o.revision "
    "WHERE o.key > ?1 AND o.key < ?2 ORDER BY o.key LIMIT ?3";
constexpr const char* kPresentCount = "SELECT count(*) FROM objects WHERE key > ?1 AND key < ?2";

// As of revision ?4: what has not changed since, and what the first change since has superseded
// (its `previous` is no newer than ?4). Both halves come in the order of keys, so that a page reads
// no more of the objects than it shows.
constexpr const char* kPast =
    "SELECT v.key, v.created, v.revision, v.value FROM ("
    "SELECT key, revision FROM objects WHERE key > ?1 AND key < ?2 AND revision <= ?4 "
    "UNION ALL "
    "SELECT key, previous FROM versions "
    "WHERE revision > ?4 AND key > ?1 AND key < ?2 AND previous BETWEEN 1 AND ?4 "
    "ORDER BY key LIMIT ?3"
    ") e JOIN versions v ON v.revision = e.revision ORDER BY v.key";
constexpr const char* kPastCount =
    "SELECT (SELECT count(*) FROM objects WHERE key > ?1 AND key < ?2 AND revision <= ?3) + "
    "(SELECT count(*) FROM versions "
    "WHERE revision > ?3 AND key > ?1 AND key < ?2 AND previous BETWEEN 1 AND ?3)";

constexpr const char* kChanges =
    "SELECT c.revision, c.type, c.key, c.created, c.value, c.previous, p.value FROM versions c "
    "LEFT JOIN versions p ON p.revision = c.previous "
    "WHERE c.revision > ?1 AND c.key >= ?2 AND c.key < ?3 ORDER BY c.revision LIMIT ?4";

std::string end_of(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return "\xff";  // behind every key: keys are UTF-8
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

Value value_of(SqliteQuery& query, int column) {
  return std::make_shared<const std::string>(query.text(column));
}

std::int64_t limit_of(std::size_t limit) {
  return limit == 0 ? -1 : static_cast<std::int64_t>(limit);
}

}  // namespace

Revision newest_revision(SqliteConnection& connection) {
  // Compaction may have taken the newest row (of a delete), but never sets its mark higher than
  // that was.
  const std::int64_t newest = connection.single("SELECT max(revision) FROM versions");
  return std::max(static_cast<Revision>(newest), compacted_revision(connection));
}

Revision compacted_revision(SqliteConnection& connection) {
  return static_cast<Revision>(connection.single("SELECT revision FROM compaction"));
}

std::optional<Entry> read_entry(SqliteConnection& connection, const std::string& key) {
  SqliteQuery query = connection.query(
      "SELECT o.created, o.revision, v.value FROM objects o JOIN versions v ON v.revision = "
      "o.revision WHERE o.key = ?1");
  query.with(key);
  if (!query.step()) return std::nullopt;
  return Entry{key, value_of(query, 2), query.revision(0), query.revision(1)};
}

Result<Range> read_range(SqliteConnection& connection, const std::string& prefix, Revision at,
                         std::size_t limit, const std::string& start_after) {
  const Revision newest = newest_revision(connection);
  if (at > newest) return fail(Code::kTimeout, fmt::format("revision {} is not there yet", at));
  if (at != 0 && at < compacted_revision(connection)) {
    return fail(Code::kExpired, fmt::format("revision {} was compacted", at));
  }
  const bool past = at != 0 && at < newest;
  const std::string end = end_of(prefix);
  std::string from = start_after;
  if (from < prefix) from = prefix;  // no key is a prefix itself: prefixes end in a slash
  Range range;
  range.revision = past ? at : newest;
  // One more than asked for tells whether there are more.
  const std::int64_t wanted = limit == 0 ? -1 : static_cast<std::int64_t>(limit) + 1;
  {
    SqliteQuery query = connection.query(past ? kPast : kPresent);
    query.with(from, end, wanted);
    if (past) query.with_at(4, at);
    while (query.step()) {
      range.entries.push_back(
          {query.text(0), value_of(query, 3), query.revision(1), query.revision(2)});
    }
  }
  if (limit == 0 || range.entries.size() <= limit) return range;
  range.entries.pop_back();
  range.more = true;
  SqliteQuery count = connection.query(past ? kPastCount : kPresentCount);
  const std::string& last = range.entries.back().key;
  if (past) {
    count.with(last, end, at);
  } else {
    count.with(last, end);
  }
  if (count.step()) range.remaining = count.revision(0);
  return range;
}

Result<std::vector<Change>> read_changes(SqliteConnection& connection, const std::string& prefix,
                                         Revision after, std::size_t limit) {
  if (after < compacted_revision(connection)) {
    return fail(Code::kExpired, fmt::format("revision {} was compacted", after));
  }
  const std::string end = end_of(prefix);
  SqliteQuery query = connection.query(kChanges);
  query.with(after, prefix, end, limit_of(limit));
  std::vector<Change> changes;
  while (query.step()) {
    Change change;
    change.revision = query.revision(0);
    change.type = static_cast<Change::Type>(query.integer(1));
    change.entry.key = query.text(2);
    change.entry.created = query.revision(3);
    change.entry.modified = change.revision;
    change.previous_modified = query.revision(5);
    if (change.previous_modified != 0) change.previous = value_of(query, 6);
    change.entry.value =
        change.type == Change::Type::kDeleted ? change.previous : value_of(query, 4);
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace mizan::store
