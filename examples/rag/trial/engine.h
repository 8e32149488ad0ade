// One trial: from hyperparameters to scored answers. The engine lives as long as its process and
// keeps what trials have in common, so a second trial is much cheaper than a first one, and gives
// the very same answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "examples/rag/answer/reader.h"
#include "examples/rag/endpoint/openai.h"
#include "examples/rag/trial/indexes.h"
#include "examples/rag/trial/parameters.h"
#include "examples/rag/trial/scores.h"

namespace mizan::rag {

struct EngineOptions {
  std::string glove_file;
  bool chat = false;     // answers from the endpoint rather than cut out
  Endpoint endpoint;     // for embedding openai and for chat
  unsigned threads = 0;  // 0: as many as the CPU limit of the moment allows
  std::size_t keep_bytes = std::size_t{96}
                           << 20U;  // of indexes and of vectors, each, between trials
};

struct TrialResult {
  std::vector<QuestionScores> questions;  // in the order asked
  Metrics metrics;                        // means, and what it cost
  std::string answers_digest;             // of all answers: equal digests, equal answers
  std::size_t chunks = 0;
  unsigned threads = 1;
};

/// Called with the number of questions so far and the means over them, every 25 questions and
/// after the last, in order.
using Progress = std::function<void(std::size_t, const Metrics&)>;

/// One trial at a time.
class Engine {
 public:
  Engine(std::shared_ptr<const Library> library, EngineOptions options);
  ~Engine();

  /// Errors: kInvalid when the parameters can't work with this corpus (infeasible); kBadRequest,
  /// kUnavailable and what an endpoint says; kNotFound for missing vectors.
  Result<TrialResult> run(const Parameters& parameters, Split split, const Progress& progress);

  /// Asked after every 25 questions: true ends the trial early, as kCancelled.
  void stop_when(std::function<bool()> asked) { stop_ = std::move(asked); }

  /// Between trials: drops what is more than keep_bytes and gives free memory back to the system,
  /// so that a pod's limit can be lowered.
  void trim();

  const Library& library() const { return *library_; }

 private:
  class Trial;
  struct Vectors {
    std::unique_ptr<Embedding> embedding;
    std::map<const Question*, std::vector<float>> queries;
    std::uint64_t used = 0;
  };
  Result<Vectors*> vectors(const Parameters& parameters);

  std::shared_ptr<const Library> library_;
  EngineOptions options_;
  Indexes indexes_;
  std::map<std::string, Vectors> embeddings_;
  std::uint64_t uses_ = 0;
  std::function<bool()> stop_;
};

}  // namespace mizan::rag
