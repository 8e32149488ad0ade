// See spans.h.
#include "examples/rag/answer/spans.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "examples/rag/text/stop_words.h"

namespace mizan::rag {
namespace {

bool has_digit(std::string_view word) {
  return std::ranges::any_of(word, [](unsigned char c) { return std::isdigit(c) != 0; });
}

enum class Wanted { kNumber, kName, kAnything };

Wanted wanted(std::string question) {
  for (char& byte : question)
    byte = static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  const auto asks = [&](std::string_view words) {
    return question.find(words) != std::string::npos;
  };
  if (asks("how many") || asks("how much") || asks("when") || asks("what year") ||
      asks("how long") || asks("how old") || asks("percent")) {
    return Wanted::kNumber;
  }
  if (asks("who") || asks("where") || asks("which") || asks("name")) return Wanted::kName;
  return Wanted::kAnything;
}

}  // namespace

std::vector<Piece> candidate_spans(const Library& library, const std::string& question,
                                   std::span<const std::uint32_t> query_stems,
                                   const Piece& sentence) {
  constexpr std::uint32_t kLongest = 8;
  const auto& tokens = library.document(sentence.document).tokens;
  const std::string& text = library.dataset().documents[sentence.document].text;
  const Vocabulary& vocabulary = library.vocabulary();
  const Wanted kind = wanted(question);

  const auto asked = [&](std::uint32_t at) {
    return std::ranges::find(query_stems, vocabulary.stem(tokens[at].word)) != query_stems.end();
  };
  // Punctuation between two words parts runs; a stop word may stand inside one, not at its ends.
  const auto parted = [&](std::uint32_t at) {
    const std::size_t from = tokens[at - 1].begin + vocabulary.word(tokens[at - 1].word).size();
    const std::string_view gap = std::string_view(text).substr(from, tokens[at].begin - from);
    return gap.find_first_of(",;:()\"") != std::string_view::npos;
  };
  std::vector<Piece> out;
  const auto add = [&](Range run) {
    while (run.size() > 0 && is_stop_word(vocabulary.word(tokens[run.begin].word))) ++run.begin;
    while (run.size() > 0 && is_stop_word(vocabulary.word(tokens[run.end - 1].word))) --run.end;
    run.end = std::min(run.end, run.begin + kLongest);
    if (run.size() == 0) return;
    bool number = false;
    bool name = false;
    for (std::uint32_t at = run.begin; at < run.end; ++at) {
      number = number || has_digit(vocabulary.word(tokens[at].word));
      name = name || (at != sentence.tokens.begin &&
                      std::isupper(static_cast<unsigned char>(text[tokens[at].begin])) != 0);
    }
    double score = sentence.score;
    if (kind == Wanted::kNumber) score += number ? 0.6 : -0.3;
    if (kind == Wanted::kName) score += name ? 0.4 : 0;
    if (kind != Wanted::kNumber && number) score -= 0.1;
    for (std::uint32_t gap = 1; gap <= 4; ++gap) {
      const bool left = run.begin >= sentence.tokens.begin + gap && asked(run.begin - gap);
      const bool right = run.end + gap <= sentence.tokens.end && asked(run.end + gap - 1);
      if (left || right) score += 0.1 / gap;
    }
    out.push_back({sentence.document, run, sentence.passage, score});
  };
  Range run{sentence.tokens.begin, sentence.tokens.begin};
  for (std::uint32_t at = sentence.tokens.begin; at < sentence.tokens.end; ++at) {
    const bool own = !asked(at);
    if (!own || (at > run.begin && parted(at))) {
      add({run.begin, at});
      run.begin = own ? at : at + 1;
    }
  }
  add({run.begin, sentence.tokens.end});
  return out;
}

}  // namespace mizan::rag
