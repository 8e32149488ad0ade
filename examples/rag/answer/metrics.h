// How good an answer is and how good what was retrieved: each metric with where it comes from.
// Hand-worked cases are in tests/rag/metrics_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mizan::rag {

/// Of one answer against its references: the greatest value over them.
struct AnswerScores {
  double exact = 0;    // em: equal after SQuAD's normalisation
  double f1 = 0;       // of word bags after SQuAD's normalisation
  double rouge_l = 0;  // F1 of the longest common subsequence
  double bleu = 0;     // sentence BLEU-4, smoothed
};
AnswerScores score_answer(const std::string& answer, std::span<const std::string> references);

/// Lower case (ASCII), no ASCII punctuation, no a/an/the, single spaces.
/// Source: Rajpurkar et al. 2016, evaluate-v1.1.py.
std::string squad_normalized(std::string_view text);
double squad_f1(std::string_view answer, std::string_view reference);

/// beta 1; tokens are [a-z0-9]+ in lower case, not stemmed.
/// Source: Lin, "ROUGE", 2004, as in Google's rouge_score.
double rouge_l(std::string_view answer, std::string_view reference);

/// Matches and totals of n-grams up to 4, and the lengths: what BLEU is made of.
/// Source: Papineni et al., "BLEU", 2002; smoothing: Chen, Cherry 2014, method 1 with 0.1.
struct BleuCounts {
  std::array<double, 4> matches{};
  std::array<double, 4> totals{};
  double answer_words = 0;
  double reference_words = 0;  // of the reference nearest in length

  void add(const BleuCounts& other);
  /// Sentence BLEU: a zero count becomes 0.1; 0 when no word matches.
  double smoothed() const;
  /// Corpus BLEU: no smoothing.
  double corpus() const;
};
BleuCounts bleu_counts(std::string_view answer, std::span<const std::string> references);

/// Of a ranking: which places hold an answer, and how many chunks there are that do.
struct RankingScores {
  double recall = 0;           // 1 when one of the first k does
  double reciprocal_rank = 0;  // of the first within 10; Voorhees 1999
  double ndcg = 0;             // within 10, gain 0 or 1; Järvelin, Kekäläinen 2002
};
RankingScores score_ranking(const std::vector<bool>& relevant, std::size_t k,
                            std::size_t relevant_chunks);

/// The value that `share` of the values lie at or below (nearest rank); 0 for none.
double percentile(std::vector<double> values, double share);

}  // namespace mizan::rag
