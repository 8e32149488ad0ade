// The lower seam of storage: revisioned bytes. It knows no Kubernetes.
//
// One global revision orders every write of every key; a change log keeps what was, so that a list
// can be read at an older revision and a watch can be replayed until compaction. Two
// implementations: SqliteBackend (WAL, synchronous=FULL, group commit) and MemoryBackend (the
// reference; tests). tests/support/backend_conformance.h is the suite that both pass.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"

namespace mizan::store {

using Revision = std::uint64_t;  // 0: none; the first write gets 1

using Value = std::shared_ptr<const std::string>;  // never null in an Entry; up to 3 MiB

struct Entry {
  std::string key;
  Value value;
  Revision created = 0;   // revision of the create
  Revision modified = 0;  // revision of the last write
};

struct Change {
  enum class Type { kCreated, kUpdated, kDeleted };
  Type type = Type::kCreated;
  Revision revision = 0;
  Entry entry;                     // for kDeleted: the last state, modified = revision
  Value previous;                  // kUpdated, kDeleted: the value before
  Revision previous_modified = 0;  // kUpdated, kDeleted: the revision of that value
};

struct Range {
  std::vector<Entry> entries;  // by key
  Revision revision = 0;       // what the range shows
  bool more = false;
  std::uint64_t remaining = 0;  // entries after the last one, when more
};

/// Thread: every method is called on the io thread and resumes there; implementations move disk
/// work off it. Errors: kCancelled after close(). A broken disk throws.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual Task<Result<std::optional<Entry>>> get(std::string key) = 0;

  /// Keys that begin with `prefix`, after `start_after`, at most `limit` (0: all), as of `at` (0:
  /// now). Errors: kExpired when `at` was compacted; kTimeout when it is in the future.
  virtual Task<Result<Range>> list(std::string prefix, Revision at, std::size_t limit,
                                   std::string start_after) = 0;

  /// Each resumes when the write is on disk. The observer is given the very pointer that was
  /// written, so that a writer may recognise its own value. Errors: create kAlreadyExists; update
  /// and remove kNotFound, or kConflict when the entry's modified is not `expected`; kUnavailable
  /// when too much waits to be written.
  virtual Task<Result<Revision>> create(std::string key, Value value) = 0;
  virtual Task<Result<Revision>> update(std::string key, Value value, Revision expected) = 0;
  virtual Task<Result<Revision>> remove(std::string key, Revision expected) = 0;

  /// Changes with revision > after, in order, at most `limit` (0: all); fewer than `limit` means
  /// that every revision up to current() was looked at. Errors: kExpired when `after` was
  /// compacted.
  virtual Task<Result<std::vector<Change>>> changes(std::string prefix, Revision after,
                                                    std::size_t limit) = 0;

  /// `observe` gets every committed change in revision order, on the io thread, before the writer
  /// that made it resumes. One observer; set before the first write.
  virtual void set_observer(std::function<void(const std::vector<Change>&)> observe) = 0;

  /// The newest revision that the observer was told of; reads may already show a newer one.
  virtual Revision current() const = 0;
  virtual Revision compacted() const = 0;  // changes up to here are gone
  virtual Task<Result<>> compact(Revision up_to) = 0;

  /// Finishes what was accepted, then refuses all with kCancelled.
  virtual void close() = 0;
};

}  // namespace mizan::store
