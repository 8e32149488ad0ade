// See startup_design.h.
#include "algorithms/startup_design.h"

#include <algorithm>

#include "algorithms/random_search.h"
#include "algorithms/sobol_search.h"

namespace mizan::algorithms {

Proposal startup_proposal(const Query& query, const SeenPoints& seen, SobolSequence& sequence) {
  const SearchSpace& space = query.problem.space;
  if (sequence.dimensions() != std::min(space.size(), kMaxSobolDimensions))
    sequence = SobolSequence(space.size());
  Proposal proposal;
  proposal.mechanism = "startup";
  if (query.draw == 0) {
    proposal.point = space.from_unit(std::vector<double>(space.size(), 0.5));
    proposal.reason = "the middle of the space";
  } else {
    proposal.point = sobol_point(space, sequence, query.seed, query.draw - 1);
    proposal.reason = "a space-filling point before the first model";
  }
  avoid_repeat(query, seen, proposal);
  return proposal;
}

void avoid_repeat(const Query& query, const SeenPoints& seen, Proposal& proposal) {
  if (!seen.contains(proposal.point)) return;
  if (auto fresh = sample_new_point(query, seen)) {
    proposal.point = *std::move(fresh);
    proposal.reason = "a random new point, since the first choice is in use";
    proposal.predicted_mean.reset();
    proposal.predicted_sd.reset();
  }
}

}  // namespace mizan::algorithms
