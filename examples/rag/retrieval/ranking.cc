// See ranking.h.
#include "examples/rag/retrieval/ranking.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace mizan::rag {
namespace {

bool better(const Hit& a, const Hit& b) {
  return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
}

/// The best of what is offered in order of chunk numbers; most offers cost one comparison.
class Best {
 public:
  explicit Best(std::size_t count) : count_(count) {}

  void offer(std::uint32_t chunk, float score) {
    if (hits_.size() == count_) {
      // Of equals the lower number stays, and that came first.
      if (count_ == 0 || score <= hits_.front().score) return;
      std::ranges::pop_heap(hits_, better);
      hits_.pop_back();
    }
    hits_.push_back({chunk, score});
    std::ranges::push_heap(hits_, better);
  }
  /// Best first.
  std::vector<Hit> take() {
    std::ranges::sort(hits_, better);
    return std::move(hits_);
  }

 private:
  std::size_t count_;
  std::vector<Hit> hits_;  // a heap, the worst in front
};

/// score -> share of the way from the least to the greatest.
struct Spread {
  explicit Spread(std::span<const float> scores) {
    if (scores.empty()) return;
    const auto [least, greatest] = std::ranges::minmax(scores);
    low = least;
    if (greatest > least) scale = 1 / (greatest - least);
  }
  float operator()(float score) const { return (score - low) * scale; }
  float low = 0;
  float scale = 0;
};

std::vector<Hit> top(std::span<const float> scores, std::size_t count, float above) {
  Best best(count);
  for (std::uint32_t at = 0; at < scores.size(); ++at) {
    if (scores[at] > above) best.offer(at, scores[at]);
  }
  return best.take();
}

}  // namespace

std::vector<Hit> fuse_convex(std::span<const float> lexical, std::span<const float> dense,
                             double alpha, std::size_t count) {
  const Spread spread_lexical(lexical);
  const Spread spread_dense(dense);
  const auto share = static_cast<float>(alpha);
  const std::size_t chunks = std::max(lexical.size(), dense.size());
  Best best(count);
  for (std::uint32_t at = 0; at < chunks; ++at) {
    float score = 0;
    if (!lexical.empty()) score += (1 - share) * spread_lexical(lexical[at]);
    if (!dense.empty()) score += share * spread_dense(dense[at]);
    best.offer(at, score);
  }
  return best.take();
}

std::vector<Hit> fuse_reciprocal(std::span<const float> lexical, std::span<const float> dense,
                                 std::size_t count) {
  constexpr std::size_t kDepth = 200;
  constexpr float kConstant = 60;
  std::unordered_map<std::uint32_t, float> sums;
  const auto add = [&](const std::vector<Hit>& list) {
    for (std::size_t rank = 0; rank < list.size(); ++rank) {
      sums[list[rank].chunk] += 1 / (kConstant + static_cast<float>(rank + 1));
    }
  };
  add(top(lexical, kDepth, 0));  // no word in common is no match
  add(top(dense, kDepth, -std::numeric_limits<float>::infinity()));
  std::vector<Hit> hits;
  for (const auto& [chunk, sum] : sums) hits.push_back({chunk, sum});
  std::ranges::sort(hits, better);
  hits.resize(std::min(hits.size(), count));
  for (float most = hits.empty() ? 1 : hits.front().score; Hit & hit : hits) hit.score /= most;
  return hits;
}

namespace {

/// What a chunk adds to its score: see rerank.
float closeness(const Library& library, const Chunk& chunk, std::span<const std::uint32_t> query,
                std::span<const double> idf, double all) {
  constexpr std::uint32_t kWindow = 25;
  const auto& tokens = library.document(chunk.document).tokens;
  struct Match {
    std::uint32_t at;
    std::size_t term;
  };
  std::vector<Match> matches;
  for (std::uint32_t at = chunk.tokens.begin; at < chunk.tokens.end; ++at) {
    const std::uint32_t stem = library.vocabulary().stem(tokens[at].word);
    const auto found = std::ranges::find(query, stem);
    if (found != query.end()) {
      matches.push_back({at, static_cast<std::size_t>(found - query.begin())});
    }
  }
  double best_coverage = 0;
  std::vector<std::uint32_t> inside(query.size(), 0);
  double coverage = 0;
  std::size_t first = 0;
  for (const Match& match : matches) {
    if (inside[match.term]++ == 0) coverage += idf[match.term];
    while (match.at - matches[first].at >= kWindow) {
      if (--inside[matches[first].term] == 0) coverage -= idf[matches[first].term];
      ++first;
    }
    best_coverage = std::max(best_coverage, coverage);
  }
  std::vector<bool> side_by_side(query.size(), false);
  for (std::size_t at = 1; at < matches.size(); ++at) {
    const bool neighbours =
        matches[at].at == matches[at - 1].at + 1 && matches[at].term == matches[at - 1].term + 1;
    if (neighbours) side_by_side[matches[at].term] = true;
  }
  const double pairs = query.size() < 2
                           ? 0
                           : static_cast<double>(std::ranges::count(side_by_side, true)) /
                                 static_cast<double>(query.size() - 1);
  return static_cast<float>(0.7 * best_coverage / all + 0.1 * pairs);
}

}  // namespace

void rerank(const Library& library, std::span<const Chunk> chunks,
            std::span<const std::uint32_t> query_stems, std::vector<Hit>& hits) {
  constexpr std::size_t kDepth = 30;
  std::vector<double> idf;
  double all = 0;
  for (const std::uint32_t stem : query_stems) {
    idf.push_back(library.stem_idf(stem));
    all += idf.back();
  }
  if (all <= 0) return;
  const std::size_t depth = std::min(kDepth, hits.size());
  for (std::size_t at = 0; at < depth; ++at) {
    hits[at].score += closeness(library, chunks[hits[at].chunk], query_stems, idf, all);
  }
  std::sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(depth), better);
}

std::vector<Hit> diversify(std::span<const Hit> hits, double lambda, std::size_t count,
                           const std::function<float(std::uint32_t, std::uint32_t)>& likeness) {
  std::vector<Hit> left(hits.begin(), hits.end());
  std::vector<Hit> out;
  std::vector<float> most_like(left.size(), 0);
  const auto share = static_cast<float>(lambda);
  while (!left.empty() && out.size() < count) {
    std::size_t chosen = 0;
    float best_value = -std::numeric_limits<float>::infinity();
    for (std::size_t at = 0; at < left.size(); ++at) {
      const float value = share * left[at].score - (1 - share) * most_like[at];
      if (value > best_value) {
        best_value = value;
        chosen = at;
      }
    }
    out.push_back(left[chosen]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(chosen));
    most_like.erase(most_like.begin() + static_cast<std::ptrdiff_t>(chosen));
    if (lambda >= 1) continue;  // nothing is compared
    for (std::size_t at = 0; at < left.size(); ++at) {
      most_like[at] = std::max(most_like[at], likeness(left[at].chunk, out.back().chunk));
    }
  }
  return out;
}

}  // namespace mizan::rag
