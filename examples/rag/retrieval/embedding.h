// Text as points on a sphere: what dense retrieval, MMR and the reader compare by cosine.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "examples/rag/retrieval/chunks.h"

namespace mizan::rag {

/// Sum of products in a fixed order: the same answer whatever the addresses and the thread.
float dot(const float* a, const float* b, std::size_t count);
/// To length 1; a vector of zeros stays.
void normalize(std::span<float> vector);

/// Turns text into vectors of length 1 (or 0 for text without a known word).
/// Threads: any, at once, unless said otherwise.
class Embedding {
 public:
  virtual ~Embedding() = default;
  virtual std::uint32_t dimensions() const = 0;
  /// Fills out[i * dimensions()] for every chunk. One caller at a time.
  virtual Result<> chunks(std::span<const Chunk> chunks, unsigned threads, float* out) = 0;
  /// One caller at a time.
  virtual Result<std::vector<float>> query(const std::string& text) = 0;
  /// A part of a document; false where that would cost too much (an endpoint's call for each).
  virtual bool part(std::uint32_t document, Range tokens, std::span<float> out) const = 0;
  virtual std::size_t bytes() const = 0;
};

/// A vector for each of the corpus's terms, and how much a term counts.
struct TermVectors {
  bool stems = true;  // terms are stems, else words
  std::uint32_t dimensions = 0;
  std::vector<std::int32_t> rows;  // by term; -1: the term has no vector
  std::vector<float> vectors;      // row by row, the weight already in it

  std::size_t bytes() const {
    return rows.size() * sizeof(std::int32_t) + vectors.size() * sizeof(float);
  }
};

/// A text's vector is the weighted sum of its terms', normalised. `library` outlives it.
std::unique_ptr<Embedding> term_embedding(const Library& library, TermVectors vectors);

/// Runs `work(begin, end)` over [0, count) on `threads` threads.
template <class Work>
void in_parallel(std::size_t count, unsigned threads, Work work);

}  // namespace mizan::rag

#include <thread>

namespace mizan::rag {

template <class Work>
void in_parallel(std::size_t count, unsigned threads, Work work) {
  if (threads <= 1 || count < 2) return work(std::size_t{0}, count);
  std::vector<std::jthread> running;
  for (unsigned at = 0; at < threads; ++at) {
    running.emplace_back(work, count * at / threads, count * (at + 1) / threads);
  }
}

}  // namespace mizan::rag
