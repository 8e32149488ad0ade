// See training.h.
#include "tests/bench/optimizers/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "algorithms/counter_rng.h"
#include "algorithms/registry.h"
#include "tests/bench/optimizers/space_maker.h"

namespace mizan::bench {
namespace {

using namespace algorithms;

constexpr int kEpochs = 81;           // of a whole training
constexpr int kGenerations = 9;       // of pbt, within a whole training
constexpr std::size_t kResource = 3;  // index of hyperband's parameter

Problem space_for(std::string_view algorithm) {
  std::vector<Parameter> parameters = {real_log("step", 4), real("momentum"), real_log("decay", 6)};
  if (algorithm == "hyperband") parameters.push_back(whole("epochs", 1, kEpochs));
  return problem_of(std::move(parameters));
}

std::vector<NamedText> settings_for(std::string_view algorithm, std::size_t trainings) {
  if (algorithm == "hyperband")
    return {{"resource_name", "epochs"}, {"r_l", fmt::format("{}", kEpochs)}, {"eta", "3"}};
  if (algorithm == "pbt")
    return {{"suggestion_trial_dir", "checkpoints"},
            {"n_population", fmt::format("{}", trainings)}};
  return {};
}

SmallNetwork::Training training_of(const Point& p) {
  return {p.values[0], (p.values[1] + 3) / 10 * 0.99, p.values[2]};
}

// One run that pays for the last of `budgets` trainings.
class Run {
 public:
  Run(const TrainingProblem& problem, std::string_view algorithm, std::uint64_t seed)
      : problem_(problem), algorithm_(algorithm), seed_(seed), row_(*find_algorithm(algorithm)) {}

  std::vector<double> losses(std::span<const std::size_t> budgets) {
    const Problem stated = space_for(algorithm_);
    const Settings settings =
        parse_settings(row_.name, row_.settings, settings_for(algorithm_, budgets.back())).settings;
    const auto optimizer = row_.make();
    History history;
    Cache cache;
    State state;
    std::vector<double> losses;
    double best = std::numeric_limits<double>::infinity();
    int spent = 0;
    for (std::uint64_t draw = 0; losses.size() < budgets.size(); ++draw) {
      Batch batch =
          optimizer->suggest({stated, settings, seed_, history, {}, state, draw}, 1, cache);
      state = std::move(batch.state);
      if (batch.proposals.empty()) break;
      const Proposal& proposal = batch.proposals[0];
      const int epochs = epochs_of(proposal);
      spent += epochs;
      while (losses.size() < budgets.size() &&
             spent > static_cast<int>(budgets[losses.size()]) * kEpochs)
        losses.push_back(best);
      const EvaluationPtr done = trained(proposal, draw, epochs);
      if (!done->objectives.empty()) best = std::min(best, done->objectives[0]);
      history.insert({static_cast<std::int64_t>(draw), draw, done->name}, done);
    }
    losses.resize(budgets.size(), best);
    return losses;
  }

 private:
  int epochs_of(const Proposal& proposal) const {
    if (algorithm_ == "hyperband") return static_cast<int>(proposal.point.values[kResource]);
    return algorithm_ == "pbt" ? kEpochs / kGenerations : kEpochs;
  }

  EvaluationPtr trained(const Proposal& proposal, std::uint64_t draw, int epochs) {
    const auto parent = checkpoints_.find(proposal.parent);
    SmallNetwork network =
        parent != checkpoints_.end()
            ? parent->second
            : SmallNetwork(problem_.data, problem_.units, problem_.activation, 0.6, problem_.seed);
    network.train(training_of(proposal.point), epochs);
    Evaluation e;
    e.draw = draw;
    e.name = fmt::format("trial-{}", draw);
    e.point = proposal.point;
    e.fidelity = proposal.fidelity;
    e.parent = proposal.parent;
    e.generation = proposal.generation;
    const double error = network.test_error();
    e.state = std::isfinite(error) ? EvaluationState::kComplete : EvaluationState::kFailed;
    if (std::isfinite(error)) e.objectives = {error};
    if (algorithm_ == "pbt") checkpoints_.emplace(e.name, std::move(network));
    return std::make_shared<const Evaluation>(std::move(e));
  }

  const TrainingProblem& problem_;
  std::string_view algorithm_;
  std::uint64_t seed_;
  const Algorithm& row_;
  std::map<std::string, SmallNetwork, std::less<>> checkpoints_;  // by trial
};

}  // namespace

std::vector<TrainingProblem> make_trainings(std::uint64_t seed) {
  constexpr std::array<std::string_view, 4> kNames = {"8 tanh", "16 tanh", "12 rectifiers",
                                                      "12 sines"};
  constexpr std::array<Eigen::Index, 4> kUnits = {8, 16, 12, 12};
  constexpr std::array<Activation, 4> kActivations = {Activation::kTanh, Activation::kTanh,
                                                      Activation::kRectifier, Activation::kSine};
  std::vector<TrainingProblem> problems;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const std::uint64_t own = mix64(seed ^ mix64(1000 + i));
    problems.push_back({kNames[i], make_data(own), kUnits[i], kActivations[i], own});
  }
  return problems;
}

std::vector<double> run_training(const TrainingProblem& problem, std::string_view algorithm,
                                 std::uint64_t seed, std::span<const std::size_t> budgets) {
  if (algorithm != "pbt") return Run(problem, algorithm, seed).losses(budgets);
  // A population's size is what it may pay for: its members are trained to the end together.
  std::vector<double> losses;
  for (std::size_t i = 0; i < budgets.size(); ++i)
    losses.push_back(Run(problem, algorithm, seed).losses(budgets.subspan(i, 1)).front());
  return losses;
}

}  // namespace mizan::bench
