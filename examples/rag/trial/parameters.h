// The hyperparameters of a trial: their names, ranges and defaults, read from assignments.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace mizan::rag {

enum class EmbeddingKind { kLsa, kGlove, kOpenai };
enum class Fusion { kConvex, kReciprocal };
enum class AnswerStyle { kSentence, kWindow, kLead, kSpan };
enum class PromptTemplate { kPlain, kStrict, kSteps };

struct Parameters {
  std::uint32_t chunk_size = 100;  // words
  double chunk_overlap = 0.2;      // share of a chunk that the next repeats
  EmbeddingKind embedding = EmbeddingKind::kLsa;
  std::uint32_t embedding_dim = 128;
  double bm25_k1 = 1.2;
  double bm25_b = 0.75;
  bool stem = true;
  double hybrid_alpha = 0.5;  // 0: BM25 alone, 1: dense alone
  Fusion fusion = Fusion::kConvex;
  bool rerank = false;
  double mmr_lambda = 1;            // 1: off
  std::uint32_t top_k = 5;          // chunks
  std::uint32_t max_context = 400;  // words
  AnswerStyle answer_style = AnswerStyle::kSentence;
  std::uint32_t answer_sentences = 1;
  std::uint32_t max_answer_words = 60;
  double temperature = 0;
  PromptTemplate prompt_template = PromptTemplate::kPlain;  // with a chat endpoint only
  std::uint32_t num_questions = 300;
  std::uint64_t seed = 1;
};

/// name -> value, as in a trial's assignments.
using Assignments = std::map<std::string, std::string>;

/// Defaults where a value is missing or empty (a parameter that is switched off is given as "").
/// Errors: kInvalid, with every value that is out of its range, of an unknown name, or in
/// contradiction to another: such a point is infeasible, and no trial can make it work.
Result<Parameters> read_parameters(const Assignments& assignments);

/// "name=value" as on the command line, added to `out`. Errors: kBadRequest without "=".
Result<> add_assignment(const std::string& text, Assignments& out);

/// A line per parameter: name, range, default, what it does.
std::string describe_parameters();

}  // namespace mizan::rag
