// The log of a finished trial, kept when its pod and the pod's files are gone, so that REST and
// `mizan logs` can still show why it ended as it did. It goes with its Trial.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/task.h"
#include "store/sqlite_database.h"

namespace mizan::store {

struct KeptLog {
  std::string text;  // all of it, or its beginning, a line that says what was cut out, and its end
  std::uint64_t bytes = 0;  // of the whole log
  bool cut = false;
};

/// Thread: io. The database outlives it. Texts are compressed.
class KeptLogs {
 public:
  /// Of a longer log the first and the last half of `max_bytes` are kept, cut at lines.
  explicit KeptLogs(SqliteDatabase& database, std::size_t max_bytes = 1024 * 1024)
      : database_(database), max_bytes_(max_bytes) {}

  /// Resumes when it is on disk. Replaces what was kept of that trial.
  Task<Result<>> keep(std::string trial_uid, std::string text);
  Task<Result<std::optional<KeptLog>>> find(std::string trial_uid);
  Task<Result<>> remove(std::string trial_uid);

 private:
  SqliteDatabase& database_;
  std::size_t max_bytes_;
};

/// The beginning and the end of `text`, together at most `max_bytes`, each of whole lines where
/// there are any.
struct CutText {
  std::string_view head, tail;  // tail empty: head is all
};
CutText cut_text(std::string_view text, std::size_t max_bytes);

}  // namespace mizan::store
