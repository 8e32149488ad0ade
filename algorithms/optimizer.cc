// A batch is one draw after the other.
#include "algorithms/optimizer.h"

namespace mizan::algorithms {

Batch Optimizer::suggest(Query query, std::size_t count, Cache& cache) const {
  Batch all;
  while (all.proposals.size() < count && all.next == Next::kMore) {
    Batch one = suggest_one(query, cache);
    all.next = one.next;
    query.state = std::move(one.state);
    if (one.proposals.empty()) break;
    Evaluation drawn;
    drawn.draw = query.draw;
    drawn.point = one.proposals.front().point;
    drawn.fidelity = one.proposals.front().fidelity;
    drawn.name = one.proposals.front().name;
    drawn.parent = one.proposals.front().parent;
    drawn.generation = one.proposals.front().generation;
    query.pending.push_back(std::make_shared<const Evaluation>(std::move(drawn)));
    ++query.draw;
    all.proposals.push_back(std::move(one.proposals.front()));
  }
  all.state = std::move(query.state);
  return all;
}

}  // namespace mizan::algorithms
