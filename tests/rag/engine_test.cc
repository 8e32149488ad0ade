// Whole trials on a small corpus: good scores where they are due, every parameter alive, the same
// answers warm and cold and on any number of threads.
#include "examples/rag/trial/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rag/small_corpus.h"

namespace mizan::rag {
namespace {

using ::testing::HasSubstr;

Assignments base() {
  return {{"embedding_dim", "8"}, {"chunk_size", "30"}, {"max_answer_words", "40"}};
}

Parameters with(const Assignments& more) {
  Assignments all = base();
  for (const auto& [name, value] : more) all[name] = value;
  return read_parameters(all).value();
}

TrialResult run(Engine& engine, const Parameters& parameters) {
  auto result = engine.run(parameters, Split::kAll, [](std::size_t, const Metrics&) {});
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result ? *std::move(result) : TrialResult{};
}

TrialResult run_cold(const Assignments& more, unsigned threads = 1) {
  Engine engine(small_library(), {.glove_file = {}, .endpoint = {}, .threads = threads});
  return run(engine, with(more));
}

double metric(const TrialResult& result, const std::string& name) {
  for (const auto& [key, value] : result.metrics) {
    if (key == name) return value;
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

TEST(Engine, FindsAnswers) {
  const TrialResult result = run_cold({{"hybrid_alpha", "0.2"}, {"answer_sentences", "2"}});
  EXPECT_GT(metric(result, "ndcg_10"), 0.8);
  EXPECT_GT(metric(result, "recall_k"), 0.9);
  EXPECT_GT(metric(result, "answer_in_context"), 0.9);
  EXPECT_GT(metric(result, "rouge_l"), 0.05);
  EXPECT_GT(metric(result, "index_bytes"), 1000);
  EXPECT_GT(metric(result, "peak_rss_bytes"), 1e6);
  EXPECT_GE(metric(result, "p95_ms"), metric(result, "p50_ms"));
}

TEST(Engine, RunningMeansComeEvery25QuestionsInOrder) {
  Engine engine(small_library(), {.glove_file = {}, .endpoint = {}, .threads = 3});
  std::vector<std::size_t> steps;
  Metrics last;
  const auto result =
      engine.run(with({}), Split::kAll, [&](std::size_t questions, const Metrics& metrics) {
        steps.push_back(questions);
        last = metrics;
      });
  ASSERT_TRUE(result);
  EXPECT_THAT(steps, ::testing::ElementsAre(25, 40));
  EXPECT_EQ(last.front(), result->metrics.front());
}

TEST(Engine, StopsEarlyWhenItIsAskedTo) {
  Engine engine(small_library(), {.glove_file = {}, .endpoint = {}, .threads = 2});
  std::size_t seen = 0;
  engine.stop_when([&] { return seen >= 25; });
  const auto result = engine.run(with({}), Split::kAll,
                                 [&](std::size_t questions, const Metrics&) { seen = questions; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kCancelled);
  EXPECT_EQ(seen, 25U);
  engine.stop_when({});
  EXPECT_EQ(run(engine, with({})).questions.size(), 40U) << "the next trial is whole";
}

TEST(Engine, NumQuestionsTakesAPrefix) {
  Engine engine(small_library(), {.glove_file = {}, .endpoint = {}, .threads = 1});
  const TrialResult all = run(engine, with({}));
  const TrialResult some = run(engine, with({{"num_questions", "10"}}));
  ASSERT_EQ(some.questions.size(), 10U);
  for (std::size_t at = 0; at < 10; ++at)
    EXPECT_EQ(some.questions[at].answer, all.questions[at].answer);
}

// A dead parameter fools importance plots: each must change answers or rankings somewhere.
struct Alive {
  const char* name;
  Assignments one;
  Assignments two;
};
class Parameter : public ::testing::TestWithParam<Alive> {};

TEST_P(Parameter, ChangesWhatComesOut) {
  const auto fingerprint = [](const TrialResult& result) {
    std::string out = result.answers_digest;
    for (const auto& [name, value] : result.metrics) {
      if (name != "p50_ms" && name != "p95_ms" && name != "cpu_seconds" &&
          name != "peak_rss_bytes" && name != "index_bytes") {
        out += fmt::format(" {}={}", name, value);
      }
    }
    return out;
  };
  EXPECT_NE(fingerprint(run_cold(GetParam().one)), fingerprint(run_cold(GetParam().two)));
}

INSTANTIATE_TEST_SUITE_P(
    IsAlive, Parameter,
    ::testing::Values(
        Alive{"chunk_size", {{"chunk_size", "20"}}, {{"chunk_size", "60"}}},
        Alive{"chunk_overlap", {{"chunk_overlap", "0"}}, {{"chunk_overlap", "0.5"}}},
        Alive{"embedding_dim",
              {{"embedding_dim", "3"}, {"hybrid_alpha", "1"}, {"chunk_size", "15"}},
              {{"embedding_dim", "14"}, {"hybrid_alpha", "1"}, {"chunk_size", "15"}}},
        Alive{"bm25_k1",
              {{"bm25_k1", "0.4"}, {"hybrid_alpha", "0"}},
              {{"bm25_k1", "3"}, {"hybrid_alpha", "0"}}},
        Alive{"bm25_b",
              {{"bm25_b", "0"}, {"hybrid_alpha", "0"}, {"chunk_size", "200"}, {"top_k", "2"}},
              {{"bm25_b", "1"}, {"hybrid_alpha", "0"}, {"chunk_size", "200"}, {"top_k", "2"}}},
        Alive{
            "stem", {{"stem", "0"}, {"hybrid_alpha", "0"}}, {{"stem", "1"}, {"hybrid_alpha", "0"}}},
        Alive{"hybrid_alpha", {{"hybrid_alpha", "0"}}, {{"hybrid_alpha", "1"}}},
        Alive{"fusion", {{"fusion", "convex"}}, {{"fusion", "rrf"}}},
        Alive{"rerank",
              {{"rerank", "0"}, {"hybrid_alpha", "1"}},
              {{"rerank", "1"}, {"hybrid_alpha", "1"}}},
        Alive{"mmr_lambda", {{"mmr_lambda", "1"}}, {{"mmr_lambda", "0.3"}}},
        Alive{"mmr_lambda_without_vectors",
              {{"mmr_lambda", "1"}, {"hybrid_alpha", "0"}},
              {{"mmr_lambda", "0.3"}, {"hybrid_alpha", "0"}}},
        Alive{"top_k", {{"top_k", "1"}}, {{"top_k", "8"}}},
        Alive{"max_context", {{"max_context", "40"}}, {{"max_context", "200"}}},
        Alive{"answer_style", {{"answer_style", "sentence"}}, {{"answer_style", "span"}}},
        Alive{"answer_sentences", {{"answer_sentences", "1"}}, {{"answer_sentences", "3"}}},
        Alive{"max_answer_words", {{"max_answer_words", "6"}}, {{"max_answer_words", "40"}}},
        Alive{"temperature", {{"temperature", "0"}}, {{"temperature", "0.8"}}},
        Alive{"seed",
              {{"temperature", "0.8"}, {"seed", "1"}},
              {{"temperature", "0.8"}, {"seed", "2"}}}),
    [](const auto& info) { return info.param.name; });

TEST(Engine, WarmAndColdAnswersAreTheSameBitForBit) {
  const std::vector<Assignments> trials{{},
                                        {{"chunk_size", "50"}, {"temperature", "0.4"}},
                                        {{"embedding_dim", "5"}, {"fusion", "rrf"}},
                                        {{"hybrid_alpha", "0"}, {"mmr_lambda", "0.5"}},
                                        {{"stem", "0"}, {"rerank", "1"}},
                                        {}};
  Engine warm(small_library(),
              {.glove_file = {}, .endpoint = {}, .threads = 2, .keep_bytes = 20'000});
  for (const Assignments& trial : trials) {
    const TrialResult one = run(warm, with(trial));
    warm.trim();
    const TrialResult two = run_cold(trial, 1);
    EXPECT_EQ(one.answers_digest, two.answers_digest);
    ASSERT_EQ(one.questions.size(), two.questions.size());
    for (std::size_t at = 0; at < one.questions.size(); ++at) {
      EXPECT_EQ(one.questions[at].ranking.ndcg, two.questions[at].ranking.ndcg);
      EXPECT_EQ(one.questions[at].text.rouge_l, two.questions[at].text.rouge_l);
    }
  }
}

TEST(Engine, TooManyDimensionsAreInfeasibleAndTheNextTrialRuns) {
  Engine engine(small_library(), {.glove_file = {}, .endpoint = {}, .threads = 1});
  const auto result =
      engine.run(with({{"embedding_dim", "512"}}), Split::kAll, [](std::size_t, const Metrics&) {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kInvalid);
  EXPECT_EQ(run(engine, with({})).questions.size(), 40U);
}

TEST(Engine, DenseAloneNeedsNoPostingsAndBm25AloneNoVectors) {
  const double both = metric(run_cold({}), "index_bytes");
  EXPECT_LT(metric(run_cold({{"hybrid_alpha", "0"}}), "index_bytes"), both);
  EXPECT_LT(metric(run_cold({{"hybrid_alpha", "1"}}), "index_bytes"), both);
}

TEST(Engine, QuestionsWithoutReferencesAreJudgedByRetrievalAlone) {
  Dataset dataset = small_dataset();
  for (Question& question : dataset.questions) question.answers.clear();
  Engine engine(std::make_shared<const Library>(dataset),
                {.glove_file = {}, .endpoint = {}, .threads = 1});
  const TrialResult result = run(engine, with({}));
  EXPECT_EQ(result.metrics.front().first, "recall_k");
}

}  // namespace
}  // namespace mizan::rag
