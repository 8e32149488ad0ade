// The reference Backend: plain maps in memory, for tests and for what needs no disk.
//
// Every operation is done when it returns; the suite in tests/support/backend_conformance.h holds
// it and SqliteBackend to the same behaviour.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "store/backend.h"

namespace mizan::store {

/// Thread: io.
class MemoryBackend final : public Backend {
 public:
  Task<Result<std::optional<Entry>>> get(std::string key) override;
  Task<Result<Range>> list(std::string prefix, Revision at, std::size_t limit,
                           std::string start_after) override;
  Task<Result<Revision>> create(std::string key, Value value) override;
  Task<Result<Revision>> update(std::string key, Value value, Revision expected) override;
  Task<Result<Revision>> remove(std::string key, Revision expected) override;
  Task<Result<std::vector<Change>>> changes(std::string prefix, Revision after,
                                            std::size_t limit) override;
  void set_observer(std::function<void(const std::vector<Change>&)> observe) override;
  Revision current() const override { return current_; }
  Revision compacted() const override { return compacted_; }
  Task<Result<>> compact(Revision up_to) override;
  void close() override { closed_ = true; }

 private:
  using Entries = std::map<std::string, Entry>;

  Entries as_of(const std::string& prefix, Revision at) const;
  Revision commit(Change change);

  Entries entries_;
  std::deque<Change> log_;  // by revision; front is the oldest kept
  Revision current_ = 0;
  Revision compacted_ = 0;
  bool closed_ = false;
  std::function<void(const std::vector<Change>&)> observe_;
};

}  // namespace mizan::store
