// See tokens.h.
#include "examples/rag/text/tokens.h"

#include <libstemmer.h>

#include <new>

namespace mizan::rag {

struct Vocabulary::Stemmer {
  Stemmer() : stemmer(sb_stemmer_new("english", "UTF_8")) {
    if (!stemmer) throw std::bad_alloc();
  }
  Stemmer(const Stemmer&) = delete;
  Stemmer& operator=(const Stemmer&) = delete;
  ~Stemmer() { sb_stemmer_delete(stemmer); }
  sb_stemmer* stemmer;
};

Vocabulary::Vocabulary() : stemmer_(std::make_unique<Stemmer>()) {}
Vocabulary::~Vocabulary() = default;

std::string Vocabulary::stem_text(std::string_view word) const {
  // libstemmer's symbols are unsigned bytes.
  const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* stem = sb_stemmer_stem(stemmer_->stemmer, bytes, static_cast<int>(word.size()));
  if (!stem) throw std::bad_alloc();
  const auto size = static_cast<std::size_t>(sb_stemmer_length(stemmer_->stemmer));
  return {reinterpret_cast<const char*>(stem), size};
}

std::uint32_t Vocabulary::add(std::string_view word) {
  const auto [at, fresh] = numbers_.try_emplace(std::string(word), words());
  if (fresh) {
    words_.push_back(&at->first);
    const auto [stem, new_stem] = stem_numbers_.try_emplace(stem_text(word), stem_count_);
    if (new_stem) ++stem_count_;
    stems_.push_back(stem->second);
  }
  return at->second;
}

std::uint32_t Vocabulary::find(std::string_view word) const {
  const auto at = numbers_.find(std::string(word));
  return at == numbers_.end() ? kUnknownWord : at->second;
}

std::uint32_t Vocabulary::find_stem(std::string_view word) const {
  const auto at = stem_numbers_.find(stem_text(word));
  return at == stem_numbers_.end() ? kUnknownWord : at->second;
}

std::vector<Token> tokenize(std::string_view text, Vocabulary& vocabulary) {
  std::vector<Token> out;
  for_each_token(text, [&](std::uint32_t begin, std::string_view word) {
    out.push_back({begin, vocabulary.add(word)});
  });
  return out;
}

namespace {

/// Whether a sentence ends in the text between two tokens.
bool ends_between(std::string_view gap, char next) {
  if (gap.find("\n\n") != std::string_view::npos) return true;
  const std::size_t stop = gap.find_first_of(".!?");
  if (stop == std::string_view::npos) return false;
  const std::size_t space = gap.find_first_of(" \n\t", stop);
  return space != std::string_view::npos && !(next >= 'a' && next <= 'z');
}

}  // namespace

std::vector<Range> sentences(std::string_view text, const std::vector<Token>& tokens,
                             const Vocabulary& vocabulary) {
  constexpr std::uint32_t kLongest = 80;
  std::vector<Range> out;
  Range open;
  for (std::uint32_t at = 0; at < tokens.size(); ++at) {
    open.end = at + 1;
    const bool last = at + 1 == tokens.size();
    bool ends = last || open.size() >= kLongest;
    if (!ends) {
      const std::size_t from = tokens[at].begin + vocabulary.word(tokens[at].word).size();
      const std::size_t to = tokens[at + 1].begin;
      ends = ends_between(text.substr(from, to - from), text[to]);
    }
    if (!ends) continue;
    out.push_back(open);
    open.begin = at + 1;
  }
  return out;
}

}  // namespace mizan::rag
