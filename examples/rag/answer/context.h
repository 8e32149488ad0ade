// What is passed on to whatever answers: passages of the chosen chunks, at most so many words.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "examples/rag/retrieval/ranking.h"

namespace mizan::rag {

struct Passage {
  std::uint32_t document = 0;
  Range tokens;
  std::uint32_t rank = 0;  // of its chunk, from 0
  float score = 0;         // of its chunk
};

/// The chunks in order of rank, without words that an earlier one brought already; the last one is
/// cut so that there are at most `max_words` in all.
std::vector<Passage> gather(std::span<const Chunk> chunks, std::span<const Hit> hits,
                            std::uint32_t max_words);

/// Whether a gold answer is in there: all words of a gold run, or any of a gold document.
bool holds(std::span<const Passage> context, std::span<const GoldTokens> gold);

std::uint32_t words_in(std::span<const Passage> context);

/// For an endpoint: the passages as text, numbered from [1].
std::string context_text(const Library& library, std::span<const Passage> context);

}  // namespace mizan::rag
