// SQLite's way to the disk, watched: how often it waited for the disk to have everything (fsync) is
// the price of durability, and what a loss of power would leave is what was there at the last of
// those.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct sqlite3_vfs;

namespace mizan::store {

/// Does what SQLite's default does, but that what a commit writes to the log goes there in one
/// call. For connections with synchronous=FULL alone. Thread: any. Outlives every connection that
/// was opened through it.
class SqliteVfs {
 public:
  /// `after_sync` hears the path of each file that was synced, on the thread that did; for tests.
  /// May be empty.
  explicit SqliteVfs(std::function<void(const std::string&)> after_sync = {});
  ~SqliteVfs();
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;

  const char* name() const { return name_.c_str(); }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t log_writes() const { return log_writes_; }
  void synced(const char* path);  // called by the files
  void wrote_log() { ++log_writes_; }

 private:
  std::string name_;  // SQLite knows it by this, no other has it
  std::function<void(const std::string&)> after_sync_;
  std::atomic<std::uint64_t> syncs_ = 0, log_writes_ = 0;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace mizan::store
