// Draws: from what is known to assignments, as one pure function that runs on any thread.
//
// The reconciler takes a snapshot, has it drawn on the numbers pool and writes the answer down.
// Preparing an answer ahead is the same function run earlier: its result is good for as long as
// `digest` of the snapshot stays the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"
#include "resources/suggestion.h"

namespace mizan::suggestion {

/// Everything that an answer depends on. Owns or shares all of it.
struct DrawInput {
  std::shared_ptr<const algorithms::Problem> problem;
  algorithms::Settings settings;
  const algorithms::Algorithm* row = nullptr;
  std::uint64_t seed = 0;
  resources::Objective objective;        // for words: names and signs
  std::vector<algorithms::Point> first;  // initial trials to run before the algorithm's own draws
  std::vector<resources::QueuedPoint> queued;  // wanted by users and not drawn yet
  algorithms::History history;
  std::vector<algorithms::EvaluationPtr> pending;
  algorithms::State state;
  std::uint64_t draw = 0;  // index of the next draw
};

struct Drawn {
  std::vector<resources::TrialAssignment> assignments;
  algorithms::State state;
  algorithms::Next next = algorithms::Next::kMore;
  std::int64_t queued_taken = 0;  // number of the last queued point that is among them; 0: none
};

/// Up to names.size() draws with provenance and reasons; the i-th gets the i-th name unless the
/// algorithm names it. `cache` is used by nobody else meanwhile. Throws what the algorithm throws.
Drawn draw(const DrawInput& input, const std::vector<std::string>& names, algorithms::Cache& cache);

/// Digest of history, pending trials, settings, seed, state and draw index: equal inputs, equal
/// answers.
std::uint64_t digest_of(const DrawInput& input);

/// "17-20,23": draw indices in ascending order, runs shortened.
std::string ranges_of(const std::vector<algorithms::EvaluationPtr>& pending);

}  // namespace mizan::suggestion
