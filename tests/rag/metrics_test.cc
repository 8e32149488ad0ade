// Metrics against cases worked by hand.
#include "examples/rag/answer/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace mizan::rag {
namespace {

using Texts = std::vector<std::string>;

TEST(Squad, NormalizationAndExactMatch) {
  EXPECT_EQ(squad_normalized("The  Cat's, a hat -- an END."), "cats hat end");
  EXPECT_EQ(score_answer("the Cat!", Texts{"dog", "cat"}).exact, 1);
  EXPECT_EQ(score_answer("the cats", Texts{"cat"}).exact, 0);
}

TEST(Squad, F1CountsRepeatedWordsOnce) {
  // said: b b c (a goes), right: b c d: common b, c; precision 2/3, recall 2/3.
  EXPECT_NEAR(squad_f1("a b b c", "b c d"), 2.0 / 3, 1e-12);
  EXPECT_EQ(squad_f1("x", "y"), 0);
  EXPECT_NEAR(score_answer("b", Texts{"x y", "b z"}).f1, 2 * 1 * 0.5 / 1.5, 1e-12)
      << "the best reference";
}

TEST(RougeL, IsTheLongestCommonSubsequence) {
  // Lin 2004: police killed the gunman / police kill the gunman: LCS 3 of 4 and 4.
  EXPECT_NEAR(rouge_l("Police kill the gunman", "police killed the gunman"), 0.75, 1e-12);
  EXPECT_NEAR(rouge_l("the gunman kill police", "police killed the gunman"), 0.5, 1e-12);
  EXPECT_NEAR(rouge_l("one-two, THREE", "one two three"), 1, 1e-12);
  EXPECT_EQ(rouge_l("", "x"), 0);
}

TEST(Bleu, OfTheClassicCase) {
  // "the the the the": one "the" counts (clipped); the other orders get 0.1 of 3, 2 and 1 n-grams.
  const double expected = std::pow((1.0 / 4) * (0.1 / 3) * (0.1 / 2) * (0.1 / 1), 0.25);
  EXPECT_NEAR(bleu_counts("the the the the", Texts{"the cat sat down"}).smoothed(), expected,
              1e-12);
  EXPECT_EQ(bleu_counts("dog", Texts{"the cat"}).smoothed(), 0);
  EXPECT_NEAR(bleu_counts("a b c d e", Texts{"a b c d e"}).smoothed(), 1, 1e-12);
}

TEST(Bleu, ShortAnswersPay) {
  const BleuCounts counts = bleu_counts("a b c d", Texts{"a b c d e f g h", "x y z"});
  EXPECT_EQ(counts.reference_words, 3) << "the nearest in length";
  EXPECT_NEAR(bleu_counts("a b c d", Texts{"a b c d e f g h"}).smoothed(), std::exp(1 - 8.0 / 4),
              1e-12);
}

TEST(Bleu, OfACorpusSumsCounts) {
  BleuCounts all = bleu_counts("a b c d e", Texts{"a b c d x"});
  all.add(bleu_counts("p q r s t", Texts{"p q r s t"}));
  // 1-grams 9/10, 2-grams 7/8, 3-grams 5/6, 4-grams 3/4.
  EXPECT_NEAR(all.corpus(), std::pow(0.9 * 7 / 8 * 5 / 6 * 3 / 4, 0.25), 1e-12);
  EXPECT_EQ(bleu_counts("a b", Texts{"a c"}).corpus(), 0);
}

TEST(Ranking, RecallReciprocalRankAndGain) {
  const std::vector<bool> relevant{false, true, false, true};
  const RankingScores scores = score_ranking(relevant, 1, 3);
  EXPECT_EQ(scores.recall, 0);
  EXPECT_EQ(scores.reciprocal_rank, 0.5);
  const double gain = 1 / std::log2(3.0) + 1 / std::log2(5.0);
  EXPECT_NEAR(scores.ndcg, gain / (1 + 1 / std::log2(3.0) + 0.5), 1e-12);
  EXPECT_EQ(score_ranking(relevant, 2, 3).recall, 1);
  EXPECT_EQ(score_ranking({}, 5, 0).ndcg, 0);
  std::vector<bool> late(20, false);
  late[10] = true;
  EXPECT_EQ(score_ranking(late, 20, 1).reciprocal_rank, 0) << "beyond ten";
  EXPECT_EQ(score_ranking(late, 20, 1).recall, 1);
}

TEST(Percentile, IsTheNearestRank) {
  EXPECT_EQ(percentile({5, 1, 3, 2, 4}, 0.5), 3);
  EXPECT_EQ(percentile({5, 1, 3, 2, 4}, 0.95), 5);
  EXPECT_EQ(percentile({}, 0.5), 0);
}

}  // namespace
}  // namespace mizan::rag
