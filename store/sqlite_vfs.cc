// A shim: every file carries SQLite's own file behind it and hands all calls on; writes to a
// write-ahead log are gathered first.
#include "store/sqlite_vfs.h"

#include <sqlite3.h>

#include <new>
#include <stdexcept>

namespace mizan::store {
namespace {

/// What was written to a log and is not in the file yet: one run of bytes.
///
/// SQLite writes each page of a commit with two calls, a header of 24 bytes and the page. Nobody
/// else may read them before they are synced (synchronous=FULL: only then does it point readers at
/// them), so that they can go to the file together, just before that.
struct Gathered {
  static constexpr std::size_t kMost = 0x1ffff;  // what SQLite's xWrite takes in one call
  std::string bytes;
  sqlite3_int64 at = 0;

  sqlite3_int64 end() const { return at + static_cast<sqlite3_int64>(bytes.size()); }
};

struct File {
  sqlite3_file base;  // first: SQLite sees only this; aligned to 8 bytes by it
  SqliteVfs* owner;
  const char* path;    // SQLite keeps it until the file is closed; null for temporary files
  Gathered* gathered;  // owned; null: not a write-ahead log
};

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
}
const sqlite3_io_methods* methods(sqlite3_file* file) { return real(file)->pMethods; }

/// Puts what was gathered into the file. What can't be written is kept for the next try.
int flush(sqlite3_file* f) {
  const File* file = reinterpret_cast<File*>(f);
  if (file->gathered == nullptr || file->gathered->bytes.empty()) return SQLITE_OK;
  Gathered& gathered = *file->gathered;
  file->owner->wrote_log();
  const int result = methods(f)->xWrite(real(f), gathered.bytes.data(),
                                        static_cast<int>(gathered.bytes.size()), gathered.at);
  if (result == SQLITE_OK) gathered.bytes.clear();
  return result;
}

int on_close(sqlite3_file* f) {
  const int flushed = flush(f);
  delete reinterpret_cast<File*>(f)->gathered;
  const int closed = methods(f)->xClose(real(f));
  return flushed == SQLITE_OK ? closed : flushed;
}
int on_read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  if (const int flushed = flush(f); flushed != SQLITE_OK) return flushed;
  return methods(f)->xRead(real(f), to, n, at);
}
int on_write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  Gathered* gathered = reinterpret_cast<File*>(f)->gathered;
  if (gathered == nullptr) return methods(f)->xWrite(real(f), from, n, at);
  const std::size_t size = gathered->bytes.size() + static_cast<std::size_t>(n);
  const bool goes_on = gathered->end() == at && size <= Gathered::kMost;
  if (!goes_on || gathered->bytes.empty()) {
    if (const int flushed = flush(f); flushed != SQLITE_OK) return flushed;
    gathered->at = at;
  }
  gathered->bytes.append(static_cast<const char*>(from), static_cast<std::size_t>(n));
  return SQLITE_OK;
}
int on_truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (const int flushed = flush(f); flushed != SQLITE_OK) return flushed;
  return methods(f)->xTruncate(real(f), size);
}
int on_sync(sqlite3_file* f, int flags) {
  if (const int flushed = flush(f); flushed != SQLITE_OK) return flushed;
  const int result = methods(f)->xSync(real(f), flags);
  const File* file = reinterpret_cast<File*>(f);
  if (result == SQLITE_OK) file->owner->synced(file->path);
  return result;
}
int on_size(sqlite3_file* f, sqlite3_int64* size) {
  if (const int flushed = flush(f); flushed != SQLITE_OK) return flushed;
  return methods(f)->xFileSize(real(f), size);
}
int on_lock(sqlite3_file* f, int level) { return methods(f)->xLock(real(f), level); }
int on_unlock(sqlite3_file* f, int level) { return methods(f)->xUnlock(real(f), level); }
int on_check_lock(sqlite3_file* f, int* held) {
  return methods(f)->xCheckReservedLock(real(f), held);
}
int on_control(sqlite3_file* f, int op, void* arg) {
  return methods(f)->xFileControl(real(f), op, arg);
}
int on_sector_size(sqlite3_file* f) { return methods(f)->xSectorSize(real(f)); }
int on_characteristics(sqlite3_file* f) { return methods(f)->xDeviceCharacteristics(real(f)); }
int on_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** at) {
  return methods(f)->xShmMap(real(f), page, size, extend, at);
}
int on_shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return methods(f)->xShmLock(real(f), offset, n, flags);
}
void on_shm_barrier(sqlite3_file* f) { methods(f)->xShmBarrier(real(f)); }
int on_shm_unmap(sqlite3_file* f, int remove) { return methods(f)->xShmUnmap(real(f), remove); }
int on_fetch(sqlite3_file* f, sqlite3_int64 at, int n, void** page) {
  return methods(f)->xFetch(real(f), at, n, page);
}
int on_unfetch(sqlite3_file* f, sqlite3_int64 at, void* page) {
  return methods(f)->xUnfetch(real(f), at, page);
}

constexpr sqlite3_io_methods kMethods = {3,
                                         on_close,
                                         on_read,
                                         on_write,
                                         on_truncate,
                                         on_sync,
                                         on_size,
                                         on_lock,
                                         on_unlock,
                                         on_check_lock,
                                         on_control,
                                         on_sector_size,
                                         on_characteristics,
                                         on_shm_map,
                                         on_shm_lock,
                                         on_shm_barrier,
                                         on_shm_unmap,
                                         on_fetch,
                                         on_unfetch};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* f, int flags, int* out) {
  auto* file = new (f) File{};
  file->owner = static_cast<SqliteVfs*>(vfs->pAppData);
  file->path = path;
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  const int result = system->xOpen(system, path, real(f), flags, out);
  file->base.pMethods = real(f)->pMethods == nullptr ? nullptr : &kMethods;
  if (file->base.pMethods != nullptr && (flags & SQLITE_OPEN_WAL) != 0)
    file->gathered = new Gathered;
  return result;
}

std::string unique_name() {
  static std::atomic<int> count = 0;
  return "mizan-" + std::to_string(++count);
}

}  // namespace

SqliteVfs::SqliteVfs(std::function<void(const std::string&)> after_sync)
    : name_(unique_name()), after_sync_(std::move(after_sync)) {
  sqlite3_initialize();
  // The system's other methods don't look at pAppData, only its xOpen does, which is called with
  // its own.
  vfs_ = std::make_unique<sqlite3_vfs>(*sqlite3_vfs_find(nullptr));
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->szOsFile += static_cast<int>(sizeof(File));
  vfs_->xOpen = open_file;
  if (sqlite3_vfs_register(vfs_.get(), 0) != SQLITE_OK)
    throw std::runtime_error("SQLite takes no VFS");
}

SqliteVfs::~SqliteVfs() { sqlite3_vfs_unregister(vfs_.get()); }

void SqliteVfs::synced(const char* path) {
  ++syncs_;
  if (after_sync_) after_sync_(path == nullptr ? "" : path);
}

}  // namespace mizan::store
