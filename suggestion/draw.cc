// One draw after the other, each knowing those before it; then words for people.
#include "suggestion/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "algorithms/counter_rng.h"
#include "algorithms/random_search.h"
#include "suggestion/algorithm_choice.h"
#include "suggestion/assignment.h"
#include "suggestion/problem.h"

namespace mizan::suggestion {
namespace {

using algorithms::Evaluation;
using algorithms::EvaluationPtr;
using algorithms::Proposal;

constexpr std::string_view kQueued = "queued";

bool is_queued(const Proposal& proposal) { return proposal.mechanism == kQueued; }

// Four significant digits say enough in a sentence.
std::string rounded(double value) { return fmt::format("{:.4g}", value); }

std::string why_of(const DrawInput& input, const Proposal& proposal) {
  std::string why =
      fmt::format("Draw {}, {}: {}", input.draw + 1, proposal.mechanism, proposal.reason);
  if (proposal.predicted_mean && proposal.predicted_sd) {
    const double mean = loss_sign(input.objective) * *proposal.predicted_mean;
    why += fmt::format("; expected {} {} +- {}", input.objective.metric, rounded(mean),
                       rounded(*proposal.predicted_sd));
  }
  return why + ".";
}

algorithms::Batch ask_algorithm(const DrawInput& input, algorithms::Cache& cache) {
  algorithms::Query query{*input.problem,
                          input.settings,
                          input.seed,
                          input.history,
                          input.pending,
                          input.state,
                          input.draw - input.first.size()};
  return input.row->make()->suggest(std::move(query), 1, cache);
}

// The values that the user gave; the algorithm's, or random ones while it waits, for the others.
algorithms::Batch propose_queued(const DrawInput& input, algorithms::Cache& cache) {
  const algorithms::SearchSpace& space = input.problem->space;
  const algorithms::Point given = point_of(space, to_assignments(input.queued.front().assignments));
  Proposal proposal;
  algorithms::State state = input.state;
  proposal.point = given;
  proposal.reason = "given by a user";
  if (!space.contains(given)) {
    algorithms::Batch batch = ask_algorithm(input, cache);
    state = std::move(batch.state);
    const bool has_rest = !batch.proposals.empty();
    proposal.point = has_rest ? batch.proposals.front().point
                              : algorithms::sample_point(space, input.seed, input.draw,
                                                         algorithms::Purpose::kFallback);
    proposal.reason =
        fmt::format("given by a user in part; the rest {}",
                    has_rest ? batch.proposals.front().reason : std::string("at random"));
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (given.is_active(i)) proposal.point.values[i] = given.values[i];
    }
    proposal.point = space.snapped(std::move(proposal.point));
  }
  proposal.mechanism = kQueued;
  return {{std::move(proposal)}, algorithms::Next::kMore, std::move(state)};
}

// The next proposal: an initial trial while there are some, then what users queued, then the
// algorithm's.
algorithms::Batch propose(const DrawInput& input, algorithms::Cache& cache) {
  if (input.draw < input.first.size()) {
    Proposal initial;
    initial.point = input.first[input.draw];
    initial.mechanism = "initial";
    initial.reason = "a point to begin with, from spec.initialTrials or spec.warmStart";
    return {{std::move(initial)}, algorithms::Next::kMore, input.state};
  }
  return input.queued.empty() ? ask_algorithm(input, cache) : propose_queued(input, cache);
}

Json provenance_of(const DrawInput& input, const Proposal& proposal) {
  Json json = {{"draw", input.draw},
               {"completed", input.history.size()},
               {"pending", input.pending.size()},
               {"pendingDraws", ranges_of(input.pending)},
               {"digest", fmt::format("{:016x}", digest_of(input))},
               {"mechanism", proposal.mechanism}};
  if (is_queued(proposal)) json["queued"] = resources::to_json(input.queued.front());
  return json;
}

resources::TrialAssignment assignment_of(const DrawInput& input, const Proposal& proposal,
                                         std::string name) {
  resources::TrialAssignment assignment;
  assignment.name = std::move(name);
  assignment.assignments = assignments_of(input.problem->space, proposal.point);
  assignment.labels.insert(proposal.labels.begin(), proposal.labels.end());
  assignment.suggested_from = provenance_of(input, proposal);
  assignment.why = why_of(input, proposal);
  return assignment;
}

EvaluationPtr running(const DrawInput& input, const Proposal& proposal, const std::string& name) {
  Evaluation evaluation;
  evaluation.draw = input.draw;
  evaluation.name = name;
  evaluation.point = proposal.point;
  evaluation.fidelity = proposal.fidelity;
  evaluation.parent = proposal.parent;
  evaluation.generation = proposal.generation;
  return std::make_shared<const Evaluation>(std::move(evaluation));
}

}  // namespace

Drawn draw(const DrawInput& given, const std::vector<std::string>& names,
           algorithms::Cache& cache) {
  Drawn drawn;
  DrawInput input = given;
  while (drawn.assignments.size() < names.size() && drawn.next == algorithms::Next::kMore) {
    algorithms::Batch one = propose(input, cache);
    drawn.next = one.next;
    if (!one.proposals.empty()) {
      const Proposal& proposal = one.proposals.front();
      const std::string& name =
          proposal.name.empty() ? names[drawn.assignments.size()] : proposal.name;
      drawn.assignments.push_back(assignment_of(input, proposal, name));
      input.pending.push_back(running(input, proposal, name));
      ++input.draw;
      if (is_queued(proposal)) {
        drawn.queued_taken = input.queued.front().number;
        input.queued.erase(input.queued.begin());
      }
    } else if (drawn.next == algorithms::Next::kMore) {
      throw std::logic_error(fmt::format("algorithm {} gave no point", input.row->name));
    }
    input.state = std::move(one.state);
  }
  drawn.state = std::move(input.state);
  return drawn;
}

std::uint64_t digest_of(const DrawInput& input) {
  std::uint64_t digest = input.history.digest();
  const auto add = [&](std::uint64_t value) { digest = algorithms::mix64(digest ^ value); };
  add(input.pending.size());
  for (const EvaluationPtr& evaluation : input.pending) {
    add(evaluation->draw);
    add(algorithms::hash_of(evaluation->point));
  }
  add(input.settings.hash());
  add(input.seed);
  add(hash_text(input.state));
  add(input.draw);
  return digest;
}

std::string ranges_of(const std::vector<EvaluationPtr>& pending) {
  std::vector<std::uint64_t> draws;
  for (const EvaluationPtr& evaluation : pending) draws.push_back(evaluation->draw);
  std::sort(draws.begin(), draws.end());
  std::string text;
  for (std::size_t i = 0; i < draws.size();) {
    std::size_t last = i;
    while (last + 1 < draws.size() && draws[last + 1] <= draws[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += draws[i] == draws[last] ? fmt::format("{}", draws[i])
                                    : fmt::format("{}-{}", draws[i], draws[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace mizan::suggestion
