// See indexes.h.
#include "examples/rag/trial/indexes.h"

#include <algorithm>
#include <cmath>

namespace mizan::rag {
namespace {

std::uint32_t stride(std::uint32_t size, double overlap) {
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(size * (1 - overlap))));
}

}  // namespace

std::size_t Chunking::bytes() const {
  std::size_t out = chunks.size() * sizeof(Chunk);
  for (const auto& [stems, index] : lexical) out += index.bytes();
  for (const auto& [key, vectors] : dense) out += vectors.size() * sizeof(float);
  return out;
}

Chunking& Indexes::chunking(std::uint32_t size, double overlap) {
  // What counts is the step between chunks: 0.2 and 0.201 of 100 words cut alike.
  const auto same = std::ranges::find_if(kept_, [&](const Chunking& one) {
    return one.size == size && stride(one.size, one.overlap) == stride(size, overlap);
  });
  if (same != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, same);
    return kept_.front();
  }
  // Room first: a new one is built beside one older one at most, not beside both.
  while (kept_.size() > 1) kept_.pop_back();
  kept_.push_front({.size = size,
                    .overlap = overlap,
                    .chunks = cut(library_, size, overlap),
                    .lexical = {},
                    .dense = {}});
  return kept_.front();
}

const Bm25Index& Indexes::lexical(Chunking& chunking, bool stems) {
  const auto found = chunking.lexical.find(stems);
  if (found != chunking.lexical.end()) return found->second;
  return chunking.lexical.emplace(stems, Bm25Index(library_, chunking.chunks, stems)).first->second;
}

Result<const std::vector<float>*> Indexes::dense(Chunking& chunking, const std::string& key,
                                                 Embedding& embedding, unsigned threads) {
  const auto found = chunking.dense.find(key);
  if (found != chunking.dense.end()) return &found->second;
  chunking.dense.clear();  // one embedding's vectors are large enough
  std::vector<float> vectors(chunking.chunks.size() * embedding.dimensions());
  if (auto done = embedding.chunks(chunking.chunks, threads, vectors.data()); !done) {
    return fail(std::move(done).error());
  }
  return &chunking.dense.emplace(key, std::move(vectors)).first->second;
}

void Indexes::trim(std::size_t most) {
  while (kept_.size() > 2 || (!kept_.empty() && bytes() > most)) kept_.pop_back();
}

std::size_t Indexes::bytes() const {
  std::size_t out = 0;
  for (const Chunking& one : kept_) out += one.bytes();
  return out;
}

}  // namespace mizan::rag
