// Short answers within a sentence, by rule of thumb: a date for "when", a name for "who".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "examples/rag/text/library.h"

namespace mizan::rag {

/// A run of words that may be (part of) an answer.
struct Piece {
  std::uint32_t document = 0;
  Range tokens;
  std::uint32_t passage = 0;  // which passage of the context it is in
  double score = 0;
};

/// Runs of up to 8 words of a sentence that are not the question's own, scored by the sentence, by
/// whether they look like what the question asks for, and by how near they are to its words.
std::vector<Piece> candidate_spans(const Library& library, const std::string& question,
                                   std::span<const std::uint32_t> query_stems,
                                   const Piece& sentence);

}  // namespace mizan::rag
