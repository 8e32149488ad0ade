// See chunks.h.
#include "examples/rag/retrieval/chunks.h"

#include <algorithm>
#include <cmath>

namespace mizan::rag {

std::vector<Chunk> cut(const Library& library, std::uint32_t size, double overlap) {
  const auto stride =
      std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(size * (1 - overlap))));
  std::vector<Chunk> out;
  out.reserve(library.tokens() / stride + library.documents());
  for (std::uint32_t at = 0; at < library.documents(); ++at) {
    const auto tokens = static_cast<std::uint32_t>(library.document(at).tokens.size());
    for (std::uint32_t begin = 0; begin < tokens; begin += stride) {
      const std::uint32_t end = std::min(begin + size, tokens);
      out.push_back({at, {begin, end}});
      if (end == tokens) break;
    }
  }
  return out;
}

bool covers(const Chunk& chunk, const GoldTokens& gold) {
  if (chunk.document != gold.document) return false;
  if (gold.whole) return true;
  const std::uint32_t begin = std::max(chunk.tokens.begin, gold.tokens.begin);
  const std::uint32_t end = std::min(chunk.tokens.end, gold.tokens.end);
  return end > begin && 2 * (end - begin) >= gold.tokens.size();
}

}  // namespace mizan::rag
