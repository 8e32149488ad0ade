// Text as numbered words: what chunking, indexing and answering work on.
//
// A token is a run of letters, digits, underscores and bytes beyond ASCII. Its number is that of
// its lower-case form in one vocabulary; every word also knows the number of its Snowball stem.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mizan::rag {

struct Token {
  std::uint32_t begin = 0;  // byte in the text
  std::uint32_t word = 0;   // Vocabulary's number
};

/// A run of words [begin, end) in the lower-case form that counts: shared by all text rooms.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

inline constexpr std::uint32_t kUnknownWord = 0xFFFFFFFF;

/// Words and stems, numbered in order of first sight. Not thread-safe while it grows.
class Vocabulary {
 public:
  Vocabulary();
  ~Vocabulary();
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  std::uint32_t add(std::string_view lower_case_word);
  /// kUnknownWord when it was never added.
  std::uint32_t find(std::string_view lower_case_word) const;

  const std::string& word(std::uint32_t number) const { return *words_[number]; }
  std::uint32_t stem(std::uint32_t word) const { return stems_[word]; }
  /// The stem of a word that may be unknown; kUnknownWord when no known word has it.
  std::uint32_t find_stem(std::string_view lower_case_word) const;
  std::uint32_t words() const { return static_cast<std::uint32_t>(words_.size()); }
  std::uint32_t stems() const { return stem_count_; }

 private:
  std::string stem_text(std::string_view word) const;

  struct Stemmer;
  std::unique_ptr<Stemmer> stemmer_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::unordered_map<std::string, std::uint32_t> stem_numbers_;
  std::vector<const std::string*> words_;
  std::vector<std::uint32_t> stems_;
  std::uint32_t stem_count_ = 0;
};

/// Calls `each(begin, lower-case word)` for every token of `text`.
template <class Each>
void for_each_token(std::string_view text, Each each);

std::vector<Token> tokenize(std::string_view text, Vocabulary& vocabulary);

/// Sentences as runs of tokens. One ends at `.`, `!` or `?` before white space and something that
/// can begin another, at an empty line, and after 80 tokens (code has no full stops).
std::vector<Range> sentences(std::string_view text, const std::vector<Token>& tokens,
                             const Vocabulary& vocabulary);

// ---- template

inline bool is_word_byte(char byte) {
  const auto c = static_cast<unsigned char>(byte);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c >= 0x80;
}

template <class Each>
void for_each_token(std::string_view text, Each each) {
  std::string lower;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word_byte(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    lower.clear();
    for (; at < text.size() && is_word_byte(text[at]); ++at) {
      const char byte = text[at];
      lower += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    }
    each(static_cast<std::uint32_t>(begin), std::string_view(lower));
  }
}

}  // namespace mizan::rag
