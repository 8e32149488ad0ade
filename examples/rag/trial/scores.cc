// See scores.h.
#include "examples/rag/trial/scores.h"

#include <fmt/format.h>

namespace mizan::rag {

void RunningMeans::add(const QuestionScores& scores) {
  ++questions_;
  sums_.ranking.recall += scores.ranking.recall;
  sums_.ranking.reciprocal_rank += scores.ranking.reciprocal_rank;
  sums_.ranking.ndcg += scores.ranking.ndcg;
  in_context_ += scores.answer_in_context ? 1 : 0;
  sums_.context_words += scores.context_words;
  if (!scores.has_reference) return;
  ++referenced_;
  sums_.text.exact += scores.text.exact;
  sums_.text.f1 += scores.text.f1;
  sums_.text.rouge_l += scores.text.rouge_l;
  sums_.text.bleu += scores.text.bleu;
  sums_.bleu.add(scores.bleu);
  sums_.answer_words += scores.answer_words;
  sums_.reference_words += scores.reference_words;
}

Metrics RunningMeans::metrics() const {
  Metrics out;
  if (questions_ == 0) return out;
  if (referenced_ > 0) {
    const auto n = static_cast<double>(referenced_);
    out = {{"rouge_l", sums_.text.rouge_l / n},
           {"f1", sums_.text.f1 / n},
           {"em", sums_.text.exact / n},
           {"bleu", sums_.text.bleu / n},
           {"corpus_bleu", sums_.bleu.corpus()},
           {"answer_words", sums_.answer_words / n},
           {"reference_words", sums_.reference_words / n}};
  }
  const auto n = static_cast<double>(questions_);
  out.insert(out.end(), {{"recall_k", sums_.ranking.recall / n},
                         {"mrr_10", sums_.ranking.reciprocal_rank / n},
                         {"ndcg_10", sums_.ranking.ndcg / n},
                         {"answer_in_context", in_context_ / n},
                         {"context_words", sums_.context_words / n}});
  return out;
}

std::string metrics_line(std::size_t questions, const Metrics& metrics) {
  std::string out = fmt::format("questions={}", questions);
  for (const auto& [name, value] : metrics) {
    const bool whole = value >= 1000 && value < 1e15;
    out += whole ? fmt::format(" {}={:.0f}", name, value) : fmt::format(" {}={:.6f}", name, value);
  }
  return out;
}

Result<double> score_named(const QuestionScores& scores, const std::string& name) {
  if (name == "rouge_l") return scores.text.rouge_l;
  if (name == "f1") return scores.text.f1;
  if (name == "em") return scores.text.exact;
  if (name == "bleu") return scores.text.bleu;
  if (name == "recall_k") return scores.ranking.recall;
  if (name == "mrr_10") return scores.ranking.reciprocal_rank;
  if (name == "ndcg_10") return scores.ranking.ndcg;
  if (name == "answer_in_context") return scores.answer_in_context ? 1.0 : 0.0;
  return fail(
      Code::kBadRequest,
      fmt::format("'{}' is no metric of a question: rouge_l, f1, em, bleu, recall_k, mrr_10, "
                  "ndcg_10 or answer_in_context",
                  name));
}

}  // namespace mizan::rag
