// The finished evaluations of a problem in a fixed order, cheap to copy and to extend.
//
// Order: (completion time, draw index, name). Almost every insertion is at the end; one in the
// middle (a late or edited result) is right too. Copies share all but the last of their pieces, so
// a job on another thread can hold the history of a moment while it grows. Not to be changed while
// another thread reads the same object.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/evaluation.h"

namespace mizan::algorithms {

class History {
 public:
  struct Key {
    std::int64_t completed_at = 0;  // any unit, the same for all: microseconds since 1970
    std::uint64_t draw = 0;
    std::string name;
    auto operator<=>(const Key&) const = default;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Evaluation& operator[](std::size_t i) const { return *entry(i).evaluation; }
  const EvaluationPtr& pointer(std::size_t i) const { return entry(i).evaluation; }

  /// Digest of the first `n` evaluations: equal digests, equal prefixes. O(1). Requires n <=
  /// size().
  std::uint64_t digest(std::size_t n) const { return n == 0 ? 0 : entry(n - 1).digest; }
  std::uint64_t digest() const { return digest(size_); }

  /// O(log n) at the end; O(n) in the middle. Replaces an evaluation with the same key.
  void insert(Key key, EvaluationPtr evaluation);
  /// False when there is none.
  bool erase(const Key& key);

 private:
  static constexpr std::size_t kPiece = 256;
  struct Entry {
    Key key;
    EvaluationPtr evaluation;
    std::uint64_t digest = 0;  // of everything up to here
  };
  using Piece = std::vector<Entry>;

  const Entry& entry(std::size_t i) const { return (*pieces_[i / kPiece])[i % kPiece]; }
  std::size_t lower_bound(const Key& key) const;
  void append(std::vector<Entry> entries);
  std::vector<Entry> cut(std::size_t from);

  std::vector<std::shared_ptr<const Piece>> pieces_;  // all full but the last
  std::size_t size_ = 0;
};

}  // namespace mizan::algorithms
