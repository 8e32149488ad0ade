// The reads of SqliteBackend as plain functions on a connection, inside a snapshot of the caller's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/backend.h"
#include "store/sqlite_connection.h"

namespace mizan::store {

/// The newest revision in the file.
Revision newest_revision(SqliteConnection& connection);
Revision compacted_revision(SqliteConnection& connection);

std::optional<Entry> read_entry(SqliteConnection& connection, const std::string& key);
Result<Range> read_range(SqliteConnection& connection, const std::string& prefix, Revision at,
                         std::size_t limit, const std::string& start_after);
Result<std::vector<Change>> read_changes(SqliteConnection& connection, const std::string& prefix,
                                         Revision after, std::size_t limit);

}  // namespace mizan::store
