// One step per form of the file; `PRAGMA user_version` counts them. Steps are never edited once
// released.
//
// Each value is written once, into `versions`, which is both the change log and the store;
// `objects` says which version of each key is the present one. A version is dropped by compaction
// when the change that superseded it is.
#include "store/sqlite_schema.h"

#include <fmt/format.h>

#include <array>

namespace mizan::store {
namespace {

constexpr const char* kStep1 = R"sql(
CREATE TABLE versions(
  revision INTEGER PRIMARY KEY,   -- of the write; one sequence for all keys
  type     INTEGER NOT NULL,      -- 0 created, 1 updated, 2 deleted
  key      TEXT    NOT NULL,
  created  INTEGER NOT NULL,      -- revision of the create
  previous INTEGER NOT NULL,      -- revision of the version before; 0: none
  value    BLOB                   -- NULL for deleted
);
CREATE TABLE objects(
  key      TEXT    PRIMARY KEY,
  revision INTEGER NOT NULL,      -- the present version
  created  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE compaction(
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  revision INTEGER NOT NULL       -- changes up to here are gone
);
INSERT INTO compaction VALUES(1, 0);

CREATE TABLE observed_trials(
  id       INTEGER PRIMARY KEY,
  uid      TEXT    NOT NULL UNIQUE,
  rows     INTEGER NOT NULL       -- how many there are in observations
);
CREATE TABLE observations(
  trial    INTEGER NOT NULL REFERENCES observed_trials(id),
  seq      INTEGER NOT NULL,      -- order of arrival, from 0
  metric   TEXT    NOT NULL,
  value    TEXT    NOT NULL,
  time_ns  INTEGER,               -- nanoseconds since 1970; NULL: unknown
  step     INTEGER,
  PRIMARY KEY(trial, seq)
) WITHOUT ROWID;

CREATE TABLE kept_logs(
  trial_uid TEXT   PRIMARY KEY,
  bytes    INTEGER NOT NULL,      -- of the whole log, before the cut
  head     BLOB    NOT NULL,
  tail     BLOB    NOT NULL       -- empty: nothing was cut out
);
)sql";

constexpr std::array kSteps = {kStep1};

}  // namespace

Result<> migrate(SqliteConnection& connection) {
  const std::int64_t version = connection.single("PRAGMA user_version");
  if (version > static_cast<std::int64_t>(kSteps.size())) {
    return fail(Code::kInternal, fmt::format("the database has form {}, this program knows up to "
                                             "{}: it was written by a newer mizan",
                                             version, kSteps.size()));
  }
  if (version == 0 && connection.single("SELECT count(*) FROM sqlite_schema") > 0) {
    return fail(Code::kInternal, "the file is an SQLite database, but not one of mizan's");
  }
  for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
    const std::string sql =
        fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version={}; COMMIT;", kSteps[step], step + 1);
    connection.execute(sql.c_str());
  }
  return {};
}

}  // namespace mizan::store
