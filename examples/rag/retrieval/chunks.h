// Documents cut into overlapping runs of words: the units that are indexed and retrieved.
#pragma once

#include <cstdint>
#include <vector>

#include "examples/rag/text/library.h"

namespace mizan::rag {

struct Chunk {
  std::uint32_t document = 0;
  Range tokens;
};

/// Windows of `size` words, each `size * (1 - overlap)` words (at least one) after the last; the
/// last of a document ends where it ends. Roughly tokens / (size * (1 - overlap)) + documents / 2.
std::vector<Chunk> cut(const Library& library, std::uint32_t size, double overlap);

/// Whether a chunk is an answer to a question: it covers at least half of a gold run of words, or
/// is part of a document that is gold as a whole.
bool covers(const Chunk& chunk, const GoldTokens& gold);

}  // namespace mizan::rag
