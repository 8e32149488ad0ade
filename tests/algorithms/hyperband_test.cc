// Hyperband: its plan on paper, who goes on, and that nothing makes it stall.
#include "algorithms/hyperband/hyperband.h"

#include <gtest/gtest.h>

#include <map>

#include "algorithms/hyperband/bracket_board.h"
#include "algorithms/hyperband/ladder.h"
#include "algorithms/registry.h"
#include "tests/support/random_problems.h"

namespace mizan::algorithms {
namespace {

using mizan::testing::add;
using mizan::testing::drawn_evaluation;

const Parameter kEpochs = *make_int("epochs", {"1", "100", ""}, Distribution::kUniform);

Problem small_problem() {
  Problem problem;
  problem.space =
      *SearchSpace::make({*make_double("lr", {"0.001", "1", ""}, Distribution::kLogUniform),
                          kEpochs, *make_categorical("opt", {"a", "b"})});
  problem.objectives = {{"loss"}};
  return problem;
}

Settings settings_of(const char* r_l, const char* eta = "3") {
  const std::vector<NamedText> given = {{"r_l", r_l}, {"resource_name", "epochs"}, {"eta", eta}};
  const auto parsed = parse_settings("hyperband", hyperband_settings(), given);
  EXPECT_TRUE(parsed.errors.empty());
  return parsed.settings;
}

// A run with a script for how each trial ends; `workers` at once, first in first out.
struct Play {
  Problem problem = small_problem();
  Settings settings = settings_of("9");
  History history;
  std::vector<EvaluationPtr> pending;
  std::vector<Proposal> proposals;

  Proposal ask() {
    Cache cache;
    Batch batch = make_hyperband()->suggest(
        {problem, settings, 3, history, pending, {}, proposals.size()}, 1, cache);
    EXPECT_EQ(batch.proposals.size(), 1U);
    EXPECT_EQ(batch.next, Next::kMore);
    pending.push_back(drawn_evaluation(proposals.size(), batch.proposals.at(0)));
    proposals.push_back(batch.proposals.at(0));
    return proposals.back();
  }
  void end(std::size_t at, EvaluationState state, double value) {
    Evaluation ended = *pending[at];
    ended.state = state;
    if (state == EvaluationState::kComplete || state == EvaluationState::kStopped)
      ended.objectives = {value};
    pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(at));
    add(history, std::make_shared<const Evaluation>(std::move(ended)));
  }
  double epochs(std::size_t i) const { return proposals[i].point.values[1]; }
};

double loss_of(const Point& point) { return std::fabs(std::log(point.values[0] / 0.03)); }

TEST(LadderTest, FollowsThePapersTable) {
  // Table 1 of the paper: R = 81, eta = 3.
  const Parameter resource = *make_int("r", {"1", "81", ""}, Distribution::kUniform);
  EXPECT_EQ(rung_values(resource, 81, 3), (std::vector<double>{1, 3, 9, 27, 81}));
  EXPECT_EQ(bracket_plan(0, 5, 3).sizes, (std::vector<std::size_t>{81, 27, 9, 3, 1}));
  EXPECT_EQ(bracket_plan(1, 5, 3).sizes, (std::vector<std::size_t>{34, 11, 3, 1}));
  EXPECT_EQ(bracket_plan(2, 5, 3).sizes, (std::vector<std::size_t>{15, 5, 1}));
  EXPECT_EQ(bracket_plan(3, 5, 3).sizes, (std::vector<std::size_t>{8, 2}));
  EXPECT_EQ(bracket_plan(4, 5, 3).sizes, (std::vector<std::size_t>{5}));
  EXPECT_EQ(bracket_plan(1, 5, 3).first, 1U);
  EXPECT_EQ(bracket_plan(5, 5, 3).sizes, bracket_plan(0, 5, 3).sizes) << "then again";
}

TEST(LadderTest, KeepsRungsOnTheParametersValues) {
  EXPECT_EQ(rung_values(kEpochs, 9, 3), (std::vector<double>{1, 3, 9}));
  EXPECT_EQ(rung_values(kEpochs, 10, 3), (std::vector<double>{1, 3, 10}));
  EXPECT_EQ(rung_values(kEpochs, 2, 3), (std::vector<double>{2}));
  EXPECT_EQ(rung_values(kEpochs, 1000, 10), (std::vector<double>{1, 10, 100}));
  EXPECT_EQ(rung_values(*make_discrete("r", {"1", "2", "100"}), 27, 3),
            (std::vector<double>{1, 2}));
  EXPECT_EQ(rung_values(*make_double("r", {"0.1", "1", ""}, Distribution::kUniform), 1, 3),
            (std::vector<double>{1}));
}

TEST(HyperbandTest, RunsABracketAsOnPaperWithOneWorker) {
  Play run;
  for (int i = 0; i < 13; ++i) {
    run.ask();
    run.end(0, EvaluationState::kComplete, loss_of(run.proposals.back().point));
  }
  std::vector<double> epochs;
  for (std::size_t i = 0; i < 13; ++i) epochs.push_back(run.epochs(i));
  EXPECT_EQ(epochs, (std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9}));
  // The three that went on are the best three of nine, best first; then the best of them.
  std::multimap<double, std::size_t> by_loss;
  for (std::size_t i = 0; i < 9; ++i) by_loss.emplace(loss_of(run.proposals[i].point), i);
  std::size_t place = 9;
  for (auto at = by_loss.begin(); place < 12; ++at, ++place) {
    EXPECT_EQ(run.proposals[place].point.values[0], run.proposals[at->second].point.values[0]);
    EXPECT_EQ(run.proposals[place].parent, "trial-" + std::to_string(at->second));
    EXPECT_EQ(run.proposals[place].fidelity, 3);
  }
  EXPECT_EQ(run.proposals[12].point.values[0], run.proposals[9].point.values[0]);
  EXPECT_EQ(run.ask().fidelity, 3) << "the second bracket starts at 3";
  EXPECT_NE(run.proposals[12].reason.find("rank 1 of the 1 that go on from 3"), std::string::npos);
}

TEST(HyperbandTest, RanksFailedTrialsLastAndNeverStalls) {
  Play run;
  for (int i = 0; i < 9; ++i) run.ask();
  for (int i = 0; i < 9; ++i)
    run.end(0, i < 7 ? EvaluationState::kFailed : EvaluationState::kComplete, i);
  EXPECT_EQ(run.ask().parent, "trial-7");
  EXPECT_EQ(run.ask().parent, "trial-8");
  EXPECT_EQ(run.ask().parent, "") << "failed ones don't go on: the next bracket begins";
}

TEST(HyperbandTest, GoesOnWhenEveryTrialFails) {
  Play run;
  for (int i = 0; i < 60; ++i) {
    run.ask();
    run.end(0, EvaluationState::kFailed, 0);
  }
  EXPECT_EQ(run.history.size(), 60U);
}

TEST(HyperbandTest, BeginsTheNextBracketWhileARungIsOpen) {
  Play run;
  for (int i = 0; i < 12; ++i) run.ask();
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(run.epochs(i), 1);
  for (std::size_t i = 9; i < 12; ++i) EXPECT_EQ(run.epochs(i), 3);
  for (int i = 0; i < 9; ++i) run.end(0, EvaluationState::kComplete, 9 - i);
  EXPECT_EQ(run.ask().parent, "trial-8") << "promotions come before new configurations";
}

TEST(HyperbandTest, RanksStoppedTrialsBelowCompletedOnes) {
  Play run;
  for (int i = 0; i < 9; ++i) run.ask();
  for (int i = 0; i < 9; ++i)
    run.end(0, i < 6 ? EvaluationState::kStopped : EvaluationState::kComplete, i);
  EXPECT_EQ(run.ask().parent, "trial-6");
}

TEST(HyperbandTest, NeverWaitsOnASpaceWithFewerConfigurationsThanABracketHas) {
  Play run;
  run.problem.space = *SearchSpace::make({*make_categorical("lr", {"x", "y"}), kEpochs});
  for (int i = 0; i < 40; ++i) {
    run.ask();
    run.end(0, EvaluationState::kComplete, i);
  }
}

TEST(HyperbandTest, SpendsTheBudgetOnGoodConfigurations) {
  Play run;
  run.settings = settings_of("81");
  for (int i = 0; i < 300; ++i) {
    run.ask();
    run.end(0, EvaluationState::kComplete, loss_of(run.proposals.back().point));
  }
  double best_full = 1e9;
  for (const Proposal& p : run.proposals) {
    if (p.fidelity == 81) best_full = std::min(best_full, loss_of(p.point));
  }
  EXPECT_LT(best_full, 0.2);
}

TEST(HyperbandTest, RefusesWhatKatibRefusesInItsWords) {
  const Algorithm& row = *find_algorithm("hyperband");
  const auto fault = [&](const std::vector<NamedText>& given, const Problem& problem) {
    const auto parsed = parse_settings("hyperband", row.settings, given);
    if (!parsed.errors.empty()) return parsed.errors[0].message;
    const Findings findings = check_problem(row, problem, parsed.settings, 0);
    return findings.errors.empty() ? std::string() : findings.errors[0].message;
  };
  const Problem problem = small_problem();
  EXPECT_EQ(fault({}, problem), "r_l and resource_name must be set.");
  EXPECT_EQ(fault({{"r_l", "9"}}, problem), "r_l and resource_name must be set.");
  EXPECT_EQ(fault({{"r_l", "0"}, {"resource_name", "epochs"}}, problem),
            "r_l must be a positive float number, got 0");
  EXPECT_EQ(fault({{"r_l", "9"}, {"resource_name", "x"}}, problem),
            "value of resource_name setting must be in parameters.");
  EXPECT_EQ(fault({{"r_l", "9"}, {"resource_name", "opt"}}, problem),
            "the resource \"opt\" must be a number, not categorical");
  EXPECT_EQ(fault({{"r_l", "9"}, {"resource_name", "epochs"}}, problem), "");
  Problem conditional = problem;
  Parameter child = *make_double("x", {"0", "1", ""}, Distribution::kUniform);
  child.condition = Condition{0, {1}};
  conditional.space = *SearchSpace::make({kEpochs, child});
  EXPECT_EQ(fault({{"r_l", "9"}, {"resource_name", "epochs"}}, conditional),
            "the resource \"epochs\" can't be part of a condition (activeWhen)");
}

}  // namespace
}  // namespace mizan::algorithms
