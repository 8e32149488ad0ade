// Answers without a language model: cut out of the context, never written anew. What a prompt is to
// a model, the style is here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "examples/rag/answer/context.h"
#include "examples/rag/retrieval/embedding.h"
#include "examples/rag/trial/parameters.h"

namespace mizan::rag {

/// A question with what every trial needs of it.
struct Query {
  const Question* question = nullptr;
  std::vector<std::uint32_t> stems;  // of the question, each once
  std::vector<std::uint32_t> words;
  std::vector<GoldTokens> gold;
  std::uint64_t stream = 0;   // of its random numbers: from the question's text
  std::vector<float> vector;  // in the trial's embedding
};

/// A sentence scores: the share of the question's idf in it, less for more than 30 words, + 0.6 *
/// its chunk's score - 0.02 * the chunk's rank + 0.5 * its likeness to the question. With a
/// temperature, each candidate's score gets Gumbel noise of that size: sampling by softmax.
/// Styles: `sentence` the best sentences; `window` the best run of neighbouring sentences; `lead`
/// the first sentences of the best passage; `span` the best words within the best sentences.
/// At most max_answer_words words; empty when the context is.
std::string extract_answer(const Library& library, const Embedding& embedding, const Query& query,
                           std::span<const Passage> context, const Parameters& parameters);

/// A text cut after so many words (white space parts words).
std::string first_words(const std::string& text, std::uint32_t count);

}  // namespace mizan::rag
