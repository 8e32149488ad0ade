// The tables, and the way from older forms of the file to the present one.
#pragma once

#include "core/result.h"
#include "store/sqlite_connection.h"

namespace mizan::store {

/// Brings the file to the present form in one transaction. Errors: kInternal when a newer program
/// wrote it, or when it holds other tables than ours.
Result<> migrate(SqliteConnection& connection);

}  // namespace mizan::store
