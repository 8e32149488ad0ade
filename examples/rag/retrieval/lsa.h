// Latent semantic analysis, trained on the corpus itself: words that keep the same company come to
// lie close together, without a model from anywhere.
//
// Sources: Deerwester et al., "Indexing by Latent Semantic Analysis", 1990; Halko, Martinsson,
// Tropp, "Finding structure with randomness", 2011 (algorithm 4.4, here with Cholesky QR).
#pragma once

#include <cstdint>

#include "examples/rag/retrieval/embedding.h"

namespace mizan::rag {

/// The leading right singular vectors of the TF-IDF matrix of 100-word units (at most 12,000 of
/// them, spread over the corpus), over stems that stand in 3 units or more and in less than a
/// fifth. One thread; the same corpus gives the same vectors.
/// Errors: kInvalid when the corpus has fewer than `dimensions` independent directions.
Result<TermVectors> train_lsa(const Library& library, std::uint32_t dimensions);

}  // namespace mizan::rag
