// See stop_words.h.
#include "examples/rag/text/stop_words.h"

#include <algorithm>
#include <array>

namespace mizan::rag {
namespace {

// Sorted.
constexpr std::array<std::string_view, 86> kWords{
    "a",    "about", "after", "all",   "also",   "am",     "an",    "and",   "any",  "are",
    "as",   "at",    "be",    "been",  "before", "being",  "but",   "by",    "can",  "could",
    "did",  "do",    "does",  "doing", "for",    "from",   "had",   "has",   "have", "he",
    "her",  "his",   "how",   "i",     "if",     "in",     "into",  "is",    "it",   "its",
    "just", "many",  "may",   "me",    "more",   "most",   "my",    "no",    "not",  "of",
    "on",   "or",    "our",   "shall", "she",    "should", "so",    "some",  "than", "that",
    "the",  "their", "them",  "then",  "there",  "these",  "they",  "this",  "to",   "too",
    "very", "was",   "we",    "were",  "what",   "when",   "where", "which", "who",  "whom",
    "why",  "will",  "with",  "would", "you",    "your"};
static_assert(std::ranges::is_sorted(kWords));

}  // namespace

bool is_stop_word(std::string_view word) { return std::ranges::binary_search(kWords, word); }

}  // namespace mizan::rag
