// See library.h.
#include "examples/rag/text/library.h"

#include <algorithm>
#include <cmath>

#include "examples/rag/text/stop_words.h"

namespace mizan::rag {

Library::Library(Dataset dataset)
    : dataset_(std::move(dataset)), fingerprint_(rag::fingerprint(dataset_)) {
  documents_.reserve(dataset_.documents.size());
  for (const Document& document : dataset_.documents) {
    TokenizedDocument out;
    out.tokens = tokenize(document.text, vocabulary_);
    out.sentences = sentences(document.text, out.tokens, vocabulary_);
    tokens_ += out.tokens.size();
    documents_.push_back(std::move(out));
  }
  stem_documents_.assign(vocabulary_.stems(), 0);
  std::vector<std::uint32_t> seen(vocabulary_.stems(), 0);
  for (std::uint32_t at = 0; at < documents_.size(); ++at) {
    for (const Token& token : documents_[at].tokens) {
      const std::uint32_t stem = vocabulary_.stem(token.word);
      if (seen[stem] == at + 1) continue;
      seen[stem] = at + 1;
      ++stem_documents_[stem];
    }
  }
}

std::string_view Library::text(std::size_t document, Range tokens) const {
  if (tokens.size() == 0) return {};
  const std::string& text = dataset_.documents[document].text;
  const auto& all = documents_[document].tokens;
  const Token& last = all[tokens.end - 1];
  const std::size_t begin = all[tokens.begin].begin;
  std::size_t end = last.begin + vocabulary_.word(last.word).size();
  if (end < text.size() && std::string_view(".!?)").find(text[end]) != std::string_view::npos) {
    ++end;
  }
  return std::string_view(text).substr(begin, end - begin);
}

std::vector<GoldTokens> Library::gold_tokens(const Question& question) const {
  std::vector<GoldTokens> out;
  for (const Gold& gold : question.gold) {
    const auto& tokens = documents_[gold.document].tokens;
    GoldTokens one{.document = gold.document, .tokens = {}, .whole = gold.whole};
    if (gold.whole) {
      one.tokens = {0, static_cast<std::uint32_t>(tokens.size())};
    } else {
      const auto at = [&](std::uint32_t byte) {
        const auto found = std::ranges::lower_bound(tokens, byte, {}, &Token::begin);
        return static_cast<std::uint32_t>(found - tokens.begin());
      };
      one.tokens = {at(gold.begin), at(gold.end)};
      // An answer can begin within a token ("4" of "B4"): then it is that token.
      const bool inside = one.tokens.begin > 0 && (one.tokens.begin == tokens.size() ||
                                                   tokens[one.tokens.begin].begin > gold.begin);
      if (inside) {
        const Token& before = tokens[one.tokens.begin - 1];
        if (before.begin + vocabulary_.word(before.word).size() > gold.begin) --one.tokens.begin;
      }
    }
    out.push_back(one);
  }
  return out;
}

double Library::stem_idf(std::uint32_t stem) const {
  const double n = static_cast<double>(documents_.size());
  const double with = stem < stem_documents_.size() ? stem_documents_[stem] : 0;
  return std::log1p((n - with + 0.5) / (with + 0.5));
}

namespace {

/// `number(word)` of every word of a text that has one, each once. Stop words count only when there
/// is nothing else.
template <class Number>
std::vector<std::uint32_t> query_terms(std::string_view text, Number number) {
  std::vector<std::uint32_t> out;
  for (const bool all : {false, true}) {
    for_each_token(text, [&](std::uint32_t, std::string_view word) {
      if (!all && is_stop_word(word)) return;
      const std::uint32_t term = number(word);
      if (term != kUnknownWord && std::ranges::find(out, term) == out.end()) out.push_back(term);
    });
    if (!out.empty()) break;
  }
  return out;
}

}  // namespace

std::vector<std::uint32_t> Library::query_stems(std::string_view text) const {
  return query_terms(text, [this](std::string_view word) { return vocabulary_.find_stem(word); });
}

std::vector<std::uint32_t> Library::query_words(std::string_view text) const {
  return query_terms(text, [this](std::string_view word) { return vocabulary_.find(word); });
}

}  // namespace mizan::rag
