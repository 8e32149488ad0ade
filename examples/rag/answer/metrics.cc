// See metrics.h.
#include "examples/rag/answer/metrics.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>

namespace mizan::rag {
namespace {

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  bool open = false;
  for (const char byte : text) {
    if (std::isspace(static_cast<unsigned char>(byte))) {
      open = false;
      continue;
    }
    if (!open) out.emplace_back();
    open = true;
    out.back() += byte;
  }
  return out;
}

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

std::vector<std::string> rouge_words(std::string_view text) {
  std::string plain;
  for (const char byte : text) {
    const char c = lower(byte);
    plain += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ';
  }
  return split_words(plain);
}

std::vector<std::string> bleu_words(std::string_view text) {
  std::string low;
  for (const char byte : text) low += lower(byte);
  return split_words(low);
}

double harmonic(double common, double answer, double reference) {
  if (common <= 0) return 0;
  const double precision = common / answer;
  const double recall = common / reference;
  return 2 * precision * recall / (precision + recall);
}

using Grams = std::map<std::vector<std::string>, double>;
Grams grams(const std::vector<std::string>& words, std::size_t length) {
  Grams out;
  for (std::size_t at = 0; at + length <= words.size(); ++at) {
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(at);
    ++out[{begin, begin + static_cast<std::ptrdiff_t>(length)}];
  }
  return out;
}

double brevity(double answer, double reference) {
  if (answer <= 0) return 0;
  return answer >= reference ? 1 : std::exp(1 - reference / answer);
}

}  // namespace

std::string squad_normalized(std::string_view text) {
  std::string plain;
  for (const char byte : text) {
    if (!std::ispunct(static_cast<unsigned char>(byte)) ||
        static_cast<unsigned char>(byte) >= 0x80) {
      plain += lower(byte);
    }
  }
  std::string out;
  for (const std::string& word : split_words(plain)) {
    if (word == "a" || word == "an" || word == "the") continue;
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

double squad_f1(std::string_view answer, std::string_view reference) {
  const auto said = split_words(squad_normalized(answer));
  const auto right = split_words(squad_normalized(reference));
  std::map<std::string, int> left;
  for (const std::string& word : right) ++left[word];
  double common = 0;
  for (const std::string& word : said) {
    if (left[word]-- > 0) ++common;
  }
  return harmonic(common, static_cast<double>(said.size()), static_cast<double>(right.size()));
}

double rouge_l(std::string_view answer, std::string_view reference) {
  const auto said = rouge_words(answer);
  const auto right = rouge_words(reference);
  std::vector<std::size_t> row(right.size() + 1, 0);
  for (const std::string& word : said) {
    std::size_t diagonal = 0;
    for (std::size_t at = 1; at <= right.size(); ++at) {
      const std::size_t above = row[at];
      row[at] = word == right[at - 1] ? diagonal + 1 : std::max(row[at], row[at - 1]);
      diagonal = above;
    }
  }
  return harmonic(static_cast<double>(row.back()), static_cast<double>(said.size()),
                  static_cast<double>(right.size()));
}

void BleuCounts::add(const BleuCounts& other) {
  for (std::size_t n = 0; n < matches.size(); ++n) {
    matches[n] += other.matches[n];
    totals[n] += other.totals[n];
  }
  answer_words += other.answer_words;
  reference_words += other.reference_words;
}

double BleuCounts::smoothed() const {
  constexpr double kInstead = 0.1;
  if (matches[0] <= 0) return 0;
  double logs = 0;
  for (std::size_t n = 0; n < matches.size(); ++n) {
    const double match = matches[n] > 0 ? matches[n] : kInstead;
    logs += std::log(match / std::max(totals[n], 1.0)) / 4;
  }
  return brevity(answer_words, reference_words) * std::exp(logs);
}

double BleuCounts::corpus() const {
  double logs = 0;
  for (std::size_t n = 0; n < matches.size(); ++n) {
    if (matches[n] <= 0) return 0;
    logs += std::log(matches[n] / totals[n]) / 4;
  }
  return brevity(answer_words, reference_words) * std::exp(logs);
}

BleuCounts bleu_counts(std::string_view answer, std::span<const std::string> references) {
  BleuCounts out;
  const auto said = bleu_words(answer);
  std::vector<std::vector<std::string>> right;
  for (const std::string& reference : references) right.push_back(bleu_words(reference));
  out.answer_words = static_cast<double>(said.size());
  double nearest = -1;
  for (const auto& words : right) {
    const auto length = static_cast<double>(words.size());
    const double gap = std::abs(length - out.answer_words);
    const double best = std::abs(nearest - out.answer_words);
    if (nearest < 0 || gap < best || (gap == best && length < nearest)) nearest = length;
  }
  out.reference_words = std::max(nearest, 0.0);
  for (std::size_t n = 0; n < 4; ++n) {
    Grams most;
    for (const auto& words : right) {
      for (const auto& [gram, count] : grams(words, n + 1))
        most[gram] = std::max(most[gram], count);
    }
    for (const auto& [gram, count] : grams(said, n + 1)) {
      out.totals[n] += count;
      const auto found = most.find(gram);
      if (found != most.end()) out.matches[n] += std::min(count, found->second);
    }
  }
  return out;
}

AnswerScores score_answer(const std::string& answer, std::span<const std::string> references) {
  AnswerScores out;
  const std::string plain = squad_normalized(answer);
  for (const std::string& reference : references) {
    out.exact = std::max(out.exact, plain == squad_normalized(reference) ? 1.0 : 0.0);
    out.f1 = std::max(out.f1, squad_f1(answer, reference));
    out.rouge_l = std::max(out.rouge_l, rouge_l(answer, reference));
  }
  out.bleu = bleu_counts(answer, references).smoothed();
  return out;
}

RankingScores score_ranking(const std::vector<bool>& relevant, std::size_t k,
                            std::size_t relevant_chunks) {
  constexpr std::size_t kDepth = 10;
  RankingScores out;
  double gain = 0;
  for (std::size_t at = 0; at < relevant.size(); ++at) {
    if (!relevant[at]) continue;
    if (at < k) out.recall = 1;
    if (at >= kDepth) continue;
    if (out.reciprocal_rank == 0) out.reciprocal_rank = 1 / static_cast<double>(at + 1);
    gain += 1 / std::log2(static_cast<double>(at) + 2);
  }
  double ideal = 0;
  for (std::size_t at = 0; at < std::min(kDepth, relevant_chunks); ++at) {
    ideal += 1 / std::log2(static_cast<double>(at) + 2);
  }
  if (ideal > 0) out.ndcg = gain / ideal;
  return out;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  const auto at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return values[std::min(at, values.size() - 1)];
}

}  // namespace mizan::rag
