// Pieces of 256 entries, copied when one of them changes; digests chained from entry to entry.
#include "algorithms/history.h"

#include <bit>
#include <utility>

#include "algorithms/counter_rng.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {
namespace {

std::uint64_t add(std::uint64_t hash, std::uint64_t value) { return mix64(hash ^ value); }

std::uint64_t add(std::uint64_t hash, double value) {
  // All NaNs are one value: their bits may differ between machines.
  const std::uint64_t bits =
      value != value ? 0x7FF8000000000000ULL : std::bit_cast<std::uint64_t>(value);
  return add(hash, bits);
}

std::uint64_t add(std::uint64_t hash, const std::optional<double>& value) {
  return value ? add(add(hash, std::uint64_t{1}), *value) : add(hash, std::uint64_t{0});
}

std::uint64_t add(std::uint64_t hash, const std::vector<double>& values) {
  hash = add(hash, values.size());
  for (const double value : values) hash = add(hash, value);
  return hash;
}

std::uint64_t add(std::uint64_t hash, const std::string& text) {
  hash = add(hash, text.size());
  for (const char c : text)
    hash = add(hash, static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  return hash;
}

}  // namespace

std::uint64_t hash_of(const Evaluation& e) {
  std::uint64_t hash = add(hash_of(e.point), e.draw);
  hash = add(hash, static_cast<std::uint64_t>(e.state));
  hash = add(hash, static_cast<std::uint64_t>(e.origin) * 2 + (e.excluded ? 1U : 0U));
  hash = add(add(hash, e.objectives), e.constraints);
  hash = add(add(hash, e.fidelity), e.cost);
  hash = add(hash, static_cast<std::uint64_t>(e.curve.size()));
  for (const CurvePoint& point : e.curve) hash = add(add(hash, point.step), point.value);
  hash = add(add(hash, e.name), e.parent);
  return add(add(hash, e.reason), static_cast<std::uint64_t>(e.generation));
}

std::size_t History::lower_bound(const Key& key) const {
  if (size_ > 0 && entry(size_ - 1).key < key) return size_;  // the usual case
  std::size_t low = 0, high = size_;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (entry(middle).key < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void History::append(std::vector<Entry> entries) {
  std::uint64_t digest_now = digest();
  Piece piece;
  if (size_ % kPiece != 0) {
    piece = *pieces_.back();
    pieces_.pop_back();
  }
  piece.reserve(kPiece);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    digest_now = add(digest_now ^ 0x6D697A616EULL, hash_of(*entries[i].evaluation));
    entries[i].digest = digest_now;
    piece.push_back(std::move(entries[i]));
    if (piece.size() < kPiece && i + 1 < entries.size()) continue;
    pieces_.push_back(std::make_shared<const Piece>(std::move(piece)));
    piece = {};
  }
  size_ += entries.size();
}

std::vector<History::Entry> History::cut(std::size_t from) {
  std::vector<Entry> tail;
  tail.reserve(size_ - from);
  for (std::size_t i = from; i < size_; ++i) tail.push_back(entry(i));
  pieces_.resize((from + kPiece - 1) / kPiece);
  if (from % kPiece != 0) {
    const auto keep = static_cast<std::ptrdiff_t>(from % kPiece);
    pieces_.back() =
        std::make_shared<const Piece>(pieces_.back()->begin(), pieces_.back()->begin() + keep);
  }
  size_ = from;
  return tail;
}

void History::insert(Key key, EvaluationPtr evaluation) {
  std::vector<Entry> tail = cut(lower_bound(key));
  if (!tail.empty() && tail.front().key == key) {
    tail.front().evaluation = std::move(evaluation);
  } else {
    tail.insert(tail.begin(), {std::move(key), std::move(evaluation), 0});
  }
  append(std::move(tail));
}

bool History::erase(const Key& key) {
  const std::size_t at = lower_bound(key);
  if (at == size_ || entry(at).key != key) return false;
  std::vector<Entry> tail = cut(at);
  tail.erase(tail.begin());
  if (!tail.empty()) append(std::move(tail));
  return true;
}

}  // namespace mizan::algorithms
