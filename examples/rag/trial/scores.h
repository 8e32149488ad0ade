// What one question brought, and means over the questions so far: the lines that a trial prints.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "examples/rag/answer/metrics.h"

namespace mizan::rag {

struct QuestionScores {
  std::string answer;
  bool has_reference = false;
  AnswerScores text;
  BleuCounts bleu;
  RankingScores ranking;
  bool answer_in_context = false;
  double context_words = 0;
  double answer_words = 0;
  double reference_words = 0;
  double milliseconds = 0;  // to retrieve and to answer
};

/// name -> value, in the order they are printed.
using Metrics = std::vector<std::pair<std::string, double>>;

/// Means over the questions that were added. Text metrics only when there were references.
class RunningMeans {
 public:
  void add(const QuestionScores& scores);
  std::size_t questions() const { return questions_; }
  Metrics metrics() const;

 private:
  std::size_t questions_ = 0;
  std::size_t referenced_ = 0;
  QuestionScores sums_;
  double in_context_ = 0;
};

/// "questions=25 rouge_l=0.3124 …": a line that Katib's StdOut collector reads.
std::string metrics_line(std::size_t questions, const Metrics& metrics);

/// One metric of one question, for paired comparisons. Errors: kBadRequest for an unknown name.
Result<double> score_named(const QuestionScores& scores, const std::string& name);

}  // namespace mizan::rag
