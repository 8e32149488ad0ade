// See embedding.h.
#include "examples/rag/retrieval/embedding.h"

#include <array>
#include <cmath>

namespace mizan::rag {

float dot(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t kLanes = 8;  // the compiler turns these into vector registers
  std::array<float, kLanes> sums{};
  std::size_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[at + lane] * b[at + lane];
  }
  float total = 0;
  for (; at < count; ++at) total += a[at] * b[at];
  for (const float sum : sums) total += sum;
  return total;
}

void normalize(std::span<float> vector) {
  const float length = std::sqrt(dot(vector.data(), vector.data(), vector.size()));
  if (length <= 0) return;
  for (float& value : vector) value /= length;
}

namespace {

class TermEmbedding final : public Embedding {
 public:
  TermEmbedding(const Library& library, TermVectors vectors)
      : library_(library), terms_(std::move(vectors)) {}

  std::uint32_t dimensions() const override { return terms_.dimensions; }

  Result<> chunks(std::span<const Chunk> chunks, unsigned threads, float* out) override {
    in_parallel(chunks.size(), threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t at = begin; at < end; ++at) {
        sum(chunks[at].document, chunks[at].tokens,
            {out + at * terms_.dimensions, terms_.dimensions});
      }
    });
    return {};
  }

  Result<std::vector<float>> query(const std::string& text) override {
    std::vector<float> out(terms_.dimensions, 0.0F);
    const auto terms = terms_.stems ? library_.query_stems(text) : library_.query_words(text);
    for (const std::uint32_t term : terms) add(term, out);
    normalize(out);
    return out;
  }

  bool part(std::uint32_t document, Range tokens, std::span<float> out) const override {
    sum(document, tokens, out);
    return true;
  }

  std::size_t bytes() const override { return terms_.bytes(); }

 private:
  void add(std::uint32_t term, std::span<float> out) const {
    const std::int32_t row = terms_.rows[term];
    if (row < 0) return;
    const float* vector = terms_.vectors.data() + static_cast<std::size_t>(row) * terms_.dimensions;
    for (std::size_t at = 0; at < out.size(); ++at) out[at] += vector[at];
  }

  void sum(std::uint32_t document, Range range, std::span<float> out) const {
    std::fill(out.begin(), out.end(), 0.0F);
    const auto& tokens = library_.document(document).tokens;
    for (std::uint32_t at = range.begin; at < range.end; ++at) {
      const std::uint32_t word = tokens[at].word;
      add(terms_.stems ? library_.vocabulary().stem(word) : word, out);
    }
    normalize(out);
  }

  const Library& library_;
  TermVectors terms_;
};

}  // namespace

std::unique_ptr<Embedding> term_embedding(const Library& library, TermVectors vectors) {
  return std::make_unique<TermEmbedding>(library, std::move(vectors));
}

}  // namespace mizan::rag
