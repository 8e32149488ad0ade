// From two lists of scores to one list of chunks: mixing, reranking, and thinning out likenesses.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "examples/rag/retrieval/chunks.h"

namespace mizan::rag {

struct Hit {
  std::uint32_t chunk = 0;
  float score = 0;  // 0 to 1 after fusion; reranking adds up to 0.8
  bool operator==(const Hit&) const = default;
};

/// The best `count` by (1 - alpha) * lexical + alpha * dense, each first spread over [0, 1] by its
/// least and greatest score. A list may be empty when its share is 0. Best first; ties by number.
std::vector<Hit> fuse_convex(std::span<const float> lexical, std::span<const float> dense,
                             double alpha, std::size_t count);

/// The best `count` by 1 / (60 + rank) in each list (the first 200 of each), over the best sum.
/// Source: Cormack, Clarke, Büttcher, "Reciprocal rank fusion", SIGIR 2009.
std::vector<Hit> fuse_reciprocal(std::span<const float> lexical, std::span<const float> dense,
                                 std::size_t count);

/// Reorders the first 30 by score + 0.7 * the share of the question's idf that the best window of
/// 25 words holds + 0.1 * the share of the question's neighbouring words that stand side by side.
void rerank(const Library& library, std::span<const Chunk> chunks,
            std::span<const std::uint32_t> query_stems, std::vector<Hit>& hits);

/// The first `count` by lambda * score - (1 - lambda) * likeness to what was taken before.
/// Source: Carbonell, Goldstein, "The use of MMR", SIGIR 1998.
std::vector<Hit> diversify(std::span<const Hit> hits, double lambda, std::size_t count,
                           const std::function<float(std::uint32_t, std::uint32_t)>& likeness);

}  // namespace mizan::rag
