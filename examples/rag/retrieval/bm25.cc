// See bm25.h.
#include "examples/rag/retrieval/bm25.h"

#include <algorithm>
#include <cmath>

namespace mizan::rag {

Bm25Index::Bm25Index(const Library& library, std::span<const Chunk> chunks, bool stems) {
  const Vocabulary& vocabulary = library.vocabulary();
  const std::uint32_t terms = stems ? vocabulary.stems() : vocabulary.words();
  const auto for_each_term = [&](const Chunk& chunk, auto each) {
    const auto& tokens = library.document(chunk.document).tokens;
    for (std::uint32_t at = chunk.tokens.begin; at < chunk.tokens.end; ++at) {
      each(stems ? vocabulary.stem(tokens[at].word) : tokens[at].word);
    }
  };
  // Twice over the chunks: to count, then to fill, so that nothing is held twice.
  std::vector<std::uint32_t> seen(terms, 0);
  starts_.assign(terms + std::size_t{1}, 0);
  std::size_t total = 0;
  for (std::uint32_t at = 0; at < chunks.size(); ++at) {
    lengths_.push_back(chunks[at].tokens.size());
    total += chunks[at].tokens.size();
    for_each_term(chunks[at], [&](std::uint32_t term) {
      if (seen[term] == at + 1) return;
      seen[term] = at + 1;
      ++starts_[term + std::size_t{1}];
    });
  }
  for (std::size_t term = 0; term < terms; ++term) starts_[term + 1] += starts_[term];
  postings_.resize(starts_.back());
  std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
  std::ranges::fill(seen, 0);
  for (std::uint32_t at = 0; at < chunks.size(); ++at) {
    for_each_term(chunks[at], [&](std::uint32_t term) {
      if (seen[term] == at + 1) {
        ++postings_[next[term] - 1].count;
        return;
      }
      seen[term] = at + 1;
      postings_[next[term]++] = {at, 1};
    });
  }
  if (total > 0) mean_length_ = static_cast<double>(total) / static_cast<double>(chunks.size());
}

void Bm25Index::scores(std::span<const std::uint32_t> terms, double k1, double b,
                       std::span<float> out) const {
  std::ranges::fill(out, 0.0F);
  const double count = static_cast<double>(lengths_.size());
  for (const std::uint32_t term : terms) {
    if (term + std::size_t{1} >= starts_.size()) continue;
    const std::span<const Posting> found(postings_.data() + starts_[term],
                                         starts_[term + std::size_t{1}] - starts_[term]);
    const double with = static_cast<double>(found.size());
    const double idf = std::log1p((count - with + 0.5) / (with + 0.5));
    for (const Posting& posting : found) {
      const double frequency = posting.count;
      const double length = lengths_[posting.chunk] / mean_length_;
      out[posting.chunk] +=
          static_cast<float>(idf * frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * length)));
    }
  }
}

std::size_t Bm25Index::bytes() const {
  return starts_.size() * sizeof(std::size_t) + postings_.size() * sizeof(Posting) +
         lengths_.size() * sizeof(std::uint32_t);
}

}  // namespace mizan::rag
