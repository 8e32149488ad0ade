// Population based training: generations, lineage, and what a perturbation does to a value.
#include "algorithms/pbt/pbt.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "algorithms/registry.h"
#include "tests/support/random_problems.h"

namespace mizan::algorithms {
namespace {

using mizan::testing::add;
using mizan::testing::drawn_evaluation;

std::string label(const Proposal& proposal, std::string_view name) {
  for (const auto& [key, value] : proposal.labels) {
    if (key == name) return value;
  }
  return "";
}

struct PbtPlay {
  Problem problem;
  Settings settings;
  History history;
  std::vector<EvaluationPtr> pending;
  std::vector<Proposal> proposals;

  explicit PbtPlay(std::vector<NamedText> given = {}) {
    given.push_back({"n_population", "10"});
    given.push_back({"suggestion_trial_dir", "/ckpt"});
    settings = parse_settings("pbt", pbt_settings(), given).settings;
    problem.space =
        *SearchSpace::make({*make_double("lr", {"0.0001", "1", ""}, Distribution::kLogUniform),
                            *make_int("batch", {"1", "64", ""}, Distribution::kUniform)});
    problem.objectives = {{"loss"}};
  }
  /// Nothing: wait.
  std::optional<Proposal> ask() {
    Cache cache;
    Batch batch = make_pbt()->suggest(
        {problem, settings, 5, history, pending, {}, proposals.size()}, 1, cache);
    if (batch.proposals.empty()) {
      EXPECT_EQ(batch.next, Next::kWaitForResults);
      return std::nullopt;
    }
    pending.push_back(drawn_evaluation(proposals.size(), batch.proposals[0]));
    proposals.push_back(batch.proposals[0]);
    return batch.proposals[0];
  }
  void end(EvaluationState state, double value, bool excluded = false) {
    Evaluation ended = *pending.front();
    pending.erase(pending.begin());
    ended.state = state;
    ended.excluded = excluded;
    if (state == EvaluationState::kComplete) ended.objectives = {value};
    add(history, std::make_shared<const Evaluation>(std::move(ended)));
  }
};

TEST(PbtTest, LabelsGenerationsAndParentsAsKatibDoes) {
  PbtPlay run;
  for (int i = 0; i < 10; ++i) {
    const auto first = run.ask();
    EXPECT_EQ(label(*first, kPbtGenerationLabel), "0");
    EXPECT_EQ(label(*first, kPbtParentLabel), "");
  }
  for (int i = 0; i < 10; ++i) run.end(EvaluationState::kComplete, i);
  for (int i = 0; i < 10; ++i) {
    const auto next = run.ask();
    EXPECT_EQ(label(*next, "pbt.suggestion.katib.kubeflow.org/generation"), "1");
    EXPECT_EQ(label(*next, "pbt.suggestion.katib.kubeflow.org/parent"), next->parent);
    EXPECT_EQ(next->generation, 1);
  }
}

TEST(PbtTest, LetsTheWorstGoOnFromTheBestAndTheOthersFromThemselves) {
  PbtPlay run;
  for (int i = 0; i < 10; ++i) run.ask();
  for (int i = 0; i < 10; ++i) run.end(EvaluationState::kComplete, i);
  for (int i = 0; i < 10; ++i) {
    const Proposal next = *run.ask();
    if (i < 8) {
      EXPECT_EQ(next.parent, "trial-" + std::to_string(i));
    } else {
      EXPECT_TRUE(next.parent == "trial-0" || next.parent == "trial-1") << next.parent;
    }
    const Point& parent = run.proposals[static_cast<std::size_t>(next.parent.back() - '0')].point;
    EXPECT_FALSE(next.point == parent);
    const double ratio = next.point.values[0] / parent.values[0];
    EXPECT_TRUE(std::fabs(ratio - 0.8) < 1e-9 || std::fabs(ratio - 1.2) < 1e-9 ||
                next.point.values[0] == 1 || next.point.values[0] == 0.0001)
        << ratio;
  }
}

TEST(PbtTest, BeginsAGenerationWhenHalfOfTheOneBeforeHasEndedAndWaitsOtherwise) {
  PbtPlay run;
  for (int i = 0; i < 10; ++i) run.ask();
  EXPECT_FALSE(run.ask());
  for (int i = 0; i < 4; ++i) run.end(EvaluationState::kComplete, i);
  EXPECT_FALSE(run.ask());
  run.end(EvaluationState::kComplete, 4);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run.ask()->generation, 1);
  EXPECT_FALSE(run.ask()) << "whom the sixth continues isn't known yet";
}

TEST(PbtTest, ReplacesFailedTrialsByTheBest) {
  PbtPlay run;
  for (int i = 0; i < 10; ++i) run.ask();
  for (int i = 0; i < 10; ++i)
    run.end(i < 5 ? EvaluationState::kFailed : EvaluationState::kComplete, i);
  for (int i = 0; i < 10; ++i) {
    const Proposal next = *run.ask();
    EXPECT_GE(next.parent.back(), '5') << "nobody goes on from a failed trial";
  }
}

TEST(PbtTest, StartsAfreshWhenAWholeGenerationFailed) {
  PbtPlay run;
  for (int generation = 0; generation < 3; ++generation) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(run.ask()->generation, generation);
    for (int i = 0; i < 10; ++i) run.end(EvaluationState::kFailed, 0);
  }
  EXPECT_EQ(run.ask()->parent, "");
}

TEST(PbtTest, DrawsThePlacesOfTransientFailuresAgain) {
  PbtPlay run;
  for (int i = 0; i < 10; ++i) run.ask();
  run.end(EvaluationState::kFailed, 0, true);
  EXPECT_EQ(run.ask()->generation, 0);
}

TEST(PbtTest, FindsASharpOptimumOverGenerations) {
  PbtPlay run;
  double best = 1e9;
  for (int i = 0; i < 200; ++i) {
    if (run.ask()) {
      const Point& p = run.pending.back()->point;
      const double loss =
          std::fabs(std::log(p.values[0] / 0.01)) + std::fabs(p.values[1] - 20) / 20;
      best = std::min(best, loss);
    }
    const Point& p = run.pending.front()->point;
    run.end(EvaluationState::kComplete,
            std::fabs(std::log(p.values[0] / 0.01)) + std::fabs(p.values[1] - 20) / 20);
  }
  EXPECT_LT(best, 0.3);
}

TEST(PbtTest, ResamplesWithTheChanceThatIsGiven) {
  PbtPlay run({{"resample_probability", "1"}});
  for (int i = 0; i < 10; ++i) run.ask();
  for (int i = 0; i < 10; ++i) run.end(EvaluationState::kComplete, i);
  std::set<double> ratios;
  for (int i = 0; i < 8; ++i) {
    const Proposal next = *run.ask();
    ratios.insert(
        next.point.values[0] /
        run.proposals[static_cast<std::size_t>(next.parent.back() - '0')].point.values[0]);
  }
  EXPECT_EQ(ratios.size(), 8U);
}

TEST(PerturbationTest, MovesEveryKindOfValueWithinItsRange) {
  CounterRng rng(1, 0, Purpose::kSample);
  const std::vector<Parameter> parameters = {
      *make_int("small", {"1", "3", ""}, Distribution::kUniform),
      *make_int("negative", {"-5", "5", ""}, Distribution::kUniform),
      *make_double("zero", {"0", "1", ""}, Distribution::kUniform),
      *make_double("step", {"0.1", "0.9", "0.1"}, Distribution::kUniform),
      *make_discrete("list", {"1", "10", "100"}),
      *make_categorical("word", {"a", "b", "c"})};
  for (const Parameter& parameter : parameters) {
    double value = snap(parameter, parameter.min);
    std::set<double> met;
    for (int i = 0; i < 300; ++i) {
      const double next = perturbed(parameter, value, rng);
      ASSERT_TRUE(is_value_of(parameter, next)) << parameter.name << " " << next;
      ASSERT_NE(next, value) << parameter.name;
      value = next;
      met.insert(value);
    }
    EXPECT_GT(met.size(), 2U) << parameter.name;
  }
  const Parameter one = *make_int("one", {"7", "7", ""}, Distribution::kUniform);
  EXPECT_EQ(perturbed(one, 7, rng), 7);
}

TEST(PbtTest, SaysWhatIsWrongOrOdd) {
  const Algorithm& row = *find_algorithm("pbt");
  const auto message = [&](const char* name, const char* value) {
    const std::vector<NamedText> given = {{name, value}};
    const auto parsed = parse_settings("pbt", row.settings, given);
    return parsed.errors.empty() ? std::string() : parsed.errors[0].message;
  };
  EXPECT_EQ(message("n_population", "4"), "n_population should be >= 5, got 4");
  EXPECT_EQ(message("truncation_threshold", "1.5"),
            "truncation_threshold should be between 0 and 1, inclusive, got 1.5");
  EXPECT_EQ(message("truncation_threshold", "1"), "");
  EXPECT_EQ(message("resample_probability", "0.3"), "");
  const Findings odd =
      check_problem(row, PbtPlay().problem, parse_settings("pbt", row.settings, {}).settings, 20);
  EXPECT_EQ(odd.warnings.size(), 2U);
}

}  // namespace
}  // namespace mizan::algorithms
