// See reader.h.
#include "examples/rag/answer/reader.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "examples/rag/answer/spans.h"
#include "examples/rag/trial/random.h"

namespace mizan::rag {
namespace {

using Pick = std::vector<Piece>;

class Reader {
 public:
  Reader(const Library& library, const Embedding& embedding, const Query& query,
         std::span<const Passage> context, const Parameters& parameters)
      : library_(library),
        embedding_(embedding),
        query_(query),
        context_(context),
        parameters_(parameters),
        random_(parameters.seed, query.stream) {
    for (const std::uint32_t stem : query.stems) {
      idf_.push_back(library.stem_idf(stem));
      all_idf_ += idf_.back();
    }
  }

  std::string answer() {
    split();
    if (sentences_.empty()) return {};
    switch (parameters_.answer_style) {
      case AnswerStyle::kSentence:
        return text(best_sentences());
      case AnswerStyle::kWindow:
        return text(best_window());
      case AnswerStyle::kLead:
        return text(lead());
      case AnswerStyle::kSpan:
        return text(span());
    }
    return {};
  }

 private:
  double noise() {
    if (parameters_.temperature <= 0) return 0;
    return parameters_.temperature * -std::log(-std::log(random_.uniform()));
  }

  /// The context's sentences, as far as they are in it, with scores.
  void split() {
    constexpr std::uint32_t kShortest = 3;
    for (std::uint32_t at = 0; at < context_.size(); ++at) {
      const Passage& passage = context_[at];
      const auto& all = library_.document(passage.document).sentences;
      auto sentence = std::ranges::upper_bound(all, passage.tokens.begin, {}, &Range::end);
      const bool only = sentences_.empty();
      for (; sentence != all.end() && sentence->begin < passage.tokens.end; ++sentence) {
        const Range part{std::max(sentence->begin, passage.tokens.begin),
                         std::min(sentence->end, passage.tokens.end)};
        if (part.size() < kShortest && !(only && part.size() == passage.tokens.size())) continue;
        sentences_.push_back({passage.document, part, at, score(passage, part)});
      }
    }
  }

  double score(const Passage& passage, Range part) const {
    const auto& tokens = library_.document(passage.document).tokens;
    double covered = 0;
    for (std::size_t term = 0; term < query_.stems.size(); ++term) {
      for (std::uint32_t at = part.begin; at < part.end; ++at) {
        if (library_.vocabulary().stem(tokens[at].word) != query_.stems[term]) continue;
        covered += idf_[term];
        break;
      }
    }
    const double too_long = std::max(0.0, static_cast<double>(part.size()) - 30);
    double likeness = 0;
    std::vector<float> vector(embedding_.dimensions());
    if (embedding_.part(passage.document, part, vector)) {
      likeness = static_cast<double>(dot(vector.data(), query_.vector.data(), vector.size()));
    }
    const double coverage = all_idf_ > 0 ? covered / all_idf_ : 0;
    return coverage / (1 + 0.004 * too_long) + 0.6 * static_cast<double>(passage.score) -
           0.02 * passage.rank + 0.5 * likeness;
  }

  Pick best_sentences() {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t at = 0; at < sentences_.size(); ++at) {
      order.emplace_back(-(sentences_[at].score + noise()), at);
    }
    std::ranges::sort(order);
    Pick out;
    for (std::size_t at = 0; at < std::min<std::size_t>(parameters_.answer_sentences, order.size());
         ++at) {
      out.push_back(sentences_[order[at].second]);
    }
    return out;
  }

  Pick best_window() {
    const std::size_t most = parameters_.answer_sentences;
    std::size_t best_begin = 0;
    std::size_t best_end = 0;
    double best = 0;
    for (std::size_t begin = 0; begin < sentences_.size(); ++begin) {
      double sum = 0;
      std::size_t end = begin;
      while (end < sentences_.size() && end - begin < most &&
             sentences_[end].passage == sentences_[begin].passage) {
        sum += sentences_[end++].score;
      }
      const double value = sum / static_cast<double>(end - begin) + noise();
      if (best_end != 0 && value <= best) continue;
      best = value;
      best_begin = begin;
      best_end = end;
    }
    return pieces(best_begin, best_end);
  }

  Pick lead() {
    std::size_t chosen = 0;
    double best = 0;
    for (std::size_t at = 0; at < sentences_.size(); ++at) {
      const bool first = at == 0 || sentences_[at].passage != sentences_[at - 1].passage;
      if (!first) continue;
      const double value = static_cast<double>(context_[sentences_[at].passage].score) + noise();
      if (at != 0 && value <= best) continue;
      best = value;
      chosen = at;
    }
    std::size_t end = chosen;
    while (end < sentences_.size() && end - chosen < parameters_.answer_sentences &&
           sentences_[end].passage == sentences_[chosen].passage) {
      ++end;
    }
    return pieces(chosen, end);
  }

  /// `answer_sentences` is how many of the best sentences are looked into.
  Pick span() {
    Pick out;
    double best = 0;
    Pick looked = sentences_;
    std::ranges::sort(looked, std::greater{}, &Piece::score);
    looked.resize(std::min<std::size_t>(looked.size(), parameters_.answer_sentences));
    for (const Piece& sentence : looked) {
      for (const Piece& candidate :
           candidate_spans(library_, query_.question->text, query_.stems, sentence)) {
        const double value = candidate.score + noise();
        if (!out.empty() && value <= best) continue;
        best = value;
        out = {candidate};
      }
    }
    return out.empty() ? Pick{looked.front()} : out;
  }

  Pick pieces(std::size_t begin, std::size_t end) const {
    return {sentences_.begin() + static_cast<std::ptrdiff_t>(begin),
            sentences_.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  std::string text(const Pick& pick) const {
    std::string out;
    std::uint32_t left = parameters_.max_answer_words;
    for (const Piece& piece : pick) {
      if (left == 0) break;
      const Range part{piece.tokens.begin, std::min(piece.tokens.end, piece.tokens.begin + left)};
      left -= part.size();
      if (!out.empty()) out += ' ';
      out += library_.text(piece.document, part);
    }
    return out;
  }

  const Library& library_;
  const Embedding& embedding_;
  const Query& query_;
  std::span<const Passage> context_;
  const Parameters& parameters_;
  Random random_;
  std::vector<double> idf_;
  double all_idf_ = 0;
  std::vector<Piece> sentences_;
};

}  // namespace

std::string extract_answer(const Library& library, const Embedding& embedding, const Query& query,
                           std::span<const Passage> context, const Parameters& parameters) {
  return Reader(library, embedding, query, context, parameters).answer();
}

std::string first_words(const std::string& text, std::uint32_t count) {
  bool inside = false;
  std::uint32_t words = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool space = std::string_view(" \n\t\r").find(text[at]) != std::string_view::npos;
    if (!space && !inside && words++ == count) {
      std::size_t end = at;
      while (end > 0 && std::string_view(" \n\t\r").find(text[end - 1]) != std::string_view::npos)
        --end;
      return text.substr(0, end);
    }
    inside = !space;
  }
  return text;
}

}  // namespace mizan::rag
