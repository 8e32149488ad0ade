// An inverted index over chunks, ranked by BM25 with free k1 and b.
//
// Source: Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the
// idf is ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "examples/rag/retrieval/chunks.h"

namespace mizan::rag {

class Bm25Index {
 public:
  /// By Snowball stems, or by words as they stand.
  Bm25Index(const Library& library, std::span<const Chunk> chunks, bool stems);

  /// Adds nothing, overwrites all: out[i] is chunk i's score. `terms` are stems or words, each
  /// once. Threads: any, at once.
  void scores(std::span<const std::uint32_t> terms, double k1, double b,
              std::span<float> out) const;

  std::size_t bytes() const;

 private:
  struct Posting {
    std::uint32_t chunk;
    std::uint32_t count;
  };
  std::vector<std::size_t> starts_;  // by term, one past the last at the end
  std::vector<Posting> postings_;
  std::vector<std::uint32_t> lengths_;
  double mean_length_ = 1;
};

}  // namespace mizan::rag
