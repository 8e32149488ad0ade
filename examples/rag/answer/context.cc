// See context.h.
#include "examples/rag/answer/context.h"

#include <fmt/format.h>

#include <algorithm>

namespace mizan::rag {
namespace {

/// `range` without what passages of the same document hold.
std::vector<Range> fresh(std::span<const Passage> taken, std::uint32_t document, Range range) {
  std::vector<Range> out{range};
  for (const Passage& passage : taken) {
    if (passage.document != document) continue;
    std::vector<Range> left;
    for (const Range& part : out) {
      const std::uint32_t begin = std::max(part.begin, passage.tokens.begin);
      const std::uint32_t end = std::min(part.end, passage.tokens.end);
      if (begin >= end) {
        left.push_back(part);
        continue;
      }
      if (part.begin < begin) left.push_back({part.begin, begin});
      if (end < part.end) left.push_back({end, part.end});
    }
    out = std::move(left);
  }
  return out;
}

}  // namespace

std::vector<Passage> gather(std::span<const Chunk> chunks, std::span<const Hit> hits,
                            std::uint32_t max_words) {
  std::vector<Passage> out;
  std::uint32_t left = max_words;
  for (std::uint32_t rank = 0; rank < hits.size() && left > 0; ++rank) {
    const Chunk& chunk = chunks[hits[rank].chunk];
    for (Range part : fresh(out, chunk.document, chunk.tokens)) {
      if (left == 0) break;
      part.end = std::min(part.end, part.begin + left);
      left -= part.size();
      out.push_back({chunk.document, part, rank, hits[rank].score});
    }
  }
  return out;
}

bool holds(std::span<const Passage> context, std::span<const GoldTokens> gold) {
  return std::ranges::any_of(gold, [&](const GoldTokens& one) {
    if (one.whole) {
      return std::ranges::any_of(
          context, [&](const Passage& passage) { return passage.document == one.document; });
    }
    // Every word of the run is in some passage.
    std::uint32_t covered = 0;
    for (const Passage& passage : context) {
      if (passage.document != one.document) continue;
      const std::uint32_t begin = std::max(passage.tokens.begin, one.tokens.begin);
      const std::uint32_t end = std::min(passage.tokens.end, one.tokens.end);
      if (end > begin) covered += end - begin;
    }
    return covered > 0 && covered >= one.tokens.size();
  });
}

std::uint32_t words_in(std::span<const Passage> context) {
  std::uint32_t words = 0;
  for (const Passage& passage : context) words += passage.tokens.size();
  return words;
}

std::string context_text(const Library& library, std::span<const Passage> context) {
  std::string out;
  for (std::size_t at = 0; at < context.size(); ++at) {
    out += fmt::format("[{}] {}\n", at + 1, library.text(context[at].document, context[at].tokens));
  }
  return out;
}

}  // namespace mizan::rag
