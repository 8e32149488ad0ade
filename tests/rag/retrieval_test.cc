// Chunks, vectors, fusion, reranking and MMR.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "examples/rag/retrieval/glove.h"
#include "examples/rag/retrieval/lsa.h"
#include "examples/rag/retrieval/ranking.h"
#include "tests/rag/small_corpus.h"
#include "tests/support/temp_dir.h"

namespace mizan::rag {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::uint32_t> order(const std::vector<Hit>& hits) {
  std::vector<std::uint32_t> out;
  for (const Hit& hit : hits) out.push_back(hit.chunk);
  return out;
}

TEST(Chunks, OverlapAndEndWithTheDocument) {
  Dataset dataset;
  dataset.documents = {{"a", "1 2 3 4 5 6 7 8 9 10"}, {"b", ""}, {"c", "1 2"}};
  const Library library(dataset);
  const auto chunks = cut(library, 4, 0.5);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> runs;
  for (const Chunk& chunk : chunks) runs.emplace_back(chunk.tokens.begin, chunk.tokens.end);
  using Run = std::pair<std::uint32_t, std::uint32_t>;
  EXPECT_THAT(runs, ElementsAre(Run{0, 4}, Run{2, 6}, Run{4, 8}, Run{6, 10}, Run{0, 2}));
}

TEST(Chunks, EveryWordIsInOne) {
  const auto library = small_library();
  for (const std::uint32_t size : {10U, 17U, 40U, 400U}) {
    for (const double overlap : {0.0, 0.33, 0.5}) {
      std::vector<std::set<std::uint32_t>> seen(library->documents());
      for (const Chunk& chunk : cut(*library, size, overlap)) {
        EXPECT_LE(chunk.tokens.size(), size);
        for (std::uint32_t at = chunk.tokens.begin; at < chunk.tokens.end; ++at)
          seen[chunk.document].insert(at);
      }
      for (std::size_t at = 0; at < seen.size(); ++at) {
        EXPECT_EQ(seen[at].size(), library->document(at).tokens.size());
      }
    }
  }
}

TEST(Covers, HalfOfAGoldRunOrAnyOfAGoldDocument) {
  const GoldTokens run{.document = 1, .tokens = {10, 14}, .whole = false};
  EXPECT_TRUE(covers({1, {12, 30}}, run));
  EXPECT_FALSE(covers({1, {13, 30}}, run));
  EXPECT_FALSE(covers({2, {0, 30}}, run));
  EXPECT_TRUE(covers({1, {90, 91}}, {.document = 1, .tokens = {0, 10}, .whole = true}));
}

TEST(Lsa, WordsThatKeepTheSameCompanyAreNear) {
  // Six subjects whose articles share no word; "violin" and "cello" never stand together.
  const std::vector<std::vector<std::string>> subjects{
      {"orchestra concert melody bow strings", "violin", "cello"},
      {"engine wheel brake garage motor", "truck", "bus"},
      {"bread oven flour yeast dough", "rye", "wheat"},
      {"court judge verdict appeal lawyer", "trial", "plea"},
      {"harbour sail anchor mast deck", "sloop", "ketch"},
      {"pupil lesson school chalk desk", "exam", "essay"}};
  Dataset dataset;
  for (const auto& subject : subjects) {
    for (int at = 0; at < 15; ++at) {
      const std::string& word = subject[at % 2 ? 1 : 2];
      dataset.documents.push_back({fmt::format("{}{}", word, at), subject[0] + " " + word});
    }
  }
  const Library library(dataset);
  auto terms = train_lsa(library, 6);
  ASSERT_TRUE(terms) << terms.error().message;
  const auto embedding = term_embedding(library, *std::move(terms));
  const auto violin = embedding->query("violin").value();
  const auto cello = embedding->query("cello").value();
  const auto truck = embedding->query("truck").value();
  EXPECT_NEAR(dot(violin.data(), violin.data(), 6), 1, 1e-4);
  EXPECT_GT(dot(violin.data(), cello.data(), 6), 0.8);
  EXPECT_LT(std::abs(dot(violin.data(), truck.data(), 6)), 0.3);
}

TEST(Lsa, IsTheSameEveryTime) {
  const auto library = small_library();
  const auto one = train_lsa(*library, 5);
  const auto two = train_lsa(*library, 5);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->vectors, two->vectors);
}

TEST(Lsa, RefusesMoreDimensionsThanTheCorpusHas) {
  const auto terms = train_lsa(*small_library(), 512);
  ASSERT_FALSE(terms);
  EXPECT_EQ(terms.error().code, Code::kInvalid);
  EXPECT_THAT(terms.error().message,
              HasSubstr("embedding_dim 512 is more than this corpus can tell apart"));
}

TEST(Embedding, ChunksAreTheSameOnAnyNumberOfThreads) {
  const auto library = small_library();
  const auto embedding = term_embedding(*library, train_lsa(*library, 6).value());
  const auto chunks = cut(*library, 12, 0.5);
  std::vector<float> one(chunks.size() * 6);
  std::vector<float> three(chunks.size() * 6);
  ASSERT_TRUE(embedding->chunks(chunks, 1, one.data()));
  ASSERT_TRUE(embedding->chunks(chunks, 3, three.data()));
  EXPECT_EQ(one, three);
}

std::string glove_json(const std::vector<std::string>& words) {
  std::string out = "{\"description\":\"x\",\"vectors\":{";
  for (std::size_t word = 0; word < words.size(); ++word) {
    out += fmt::format("{}\"{}\":[", word ? "," : "", words[word]);
    for (std::size_t at = 0; at < 102; ++at)
      out += fmt::format("{}{}", at ? "," : "", at == word ? "0.5" : "-1e-3");
    out += "]";
  }
  return out + "}}";
}

TEST(Glove, IsConvertedLoadedAndProjected) {
  const mizan::testing::TempDir folder;
  const std::string json = (folder / "g.json").string();
  const std::string file = (folder / "g.bin").string();
  std::ofstream(json) << glove_json({"heron", "viper", "otter", "unheardof", "river", "crab"});
  EXPECT_EQ(convert_glove(json, file).value(), 6U);
  const auto library = small_library();
  const auto terms = load_glove(*library, file, 100);
  ASSERT_TRUE(terms) << terms.error().message;
  EXPECT_FALSE(terms->stems);
  EXPECT_EQ(terms->vectors.size(), 500U) << "the corpus has five of the six words";
  const auto small = load_glove(*library, file, 3);
  ASSERT_TRUE(small);
  EXPECT_EQ(small->vectors.size(), 15U);
  const auto wide = load_glove(*library, file, 101);
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().code, Code::kInvalid);
}

TEST(Glove, AMissingFileNamesItsMaker) {
  const auto terms = load_glove(*small_library(), "/nowhere.bin", 100);
  ASSERT_FALSE(terms);
  EXPECT_THAT(terms.error().message, HasSubstr("examples/rag/prepare --glove"));
  const mizan::testing::TempDir folder;
  std::ofstream(folder / "x") << "no vectors";
  EXPECT_FALSE(load_glove(*small_library(), (folder / "x").string(), 100));
}

TEST(Fusion, ConvexMixesSpreadScores) {
  const std::vector<float> lexical{0, 10, 5};
  const std::vector<float> dense{0.9F, 0.1F, 0.8F};
  EXPECT_THAT(order(fuse_convex(lexical, dense, 0, 3)), ElementsAre(1, 2, 0));
  EXPECT_THAT(order(fuse_convex(lexical, dense, 1, 3)), ElementsAre(0, 2, 1));
  const auto mixed = fuse_convex(lexical, dense, 0.5, 3);
  EXPECT_THAT(order(mixed), ElementsAre(2, 0, 1));
  EXPECT_NEAR(mixed[0].score, 0.5 * 0.5 + 0.5 * 0.875, 1e-6);
  EXPECT_THAT(order(fuse_convex(lexical, {}, 0, 2)), ElementsAre(1, 2));
}

TEST(Fusion, ReciprocalCountsRanks) {
  const std::vector<float> lexical{0, 9, 8, 7};
  const std::vector<float> dense{0.1F, 0.4F, 0.2F, 0.9F};
  const auto hits = fuse_reciprocal(lexical, dense, 4);
  EXPECT_THAT(order(hits), ElementsAre(1, 3, 2, 0)) << "0 has no word in common: one list only";
  EXPECT_FLOAT_EQ(hits[0].score, 1);
  EXPECT_NEAR(hits[3].score, (1.0 / 64) / (1.0 / 61 + 1.0 / 62), 1e-5);
}

TEST(Rerank, PutsTheQuestionsWordsSideBySideFirst) {
  Dataset dataset;
  std::string apart = "garden ";
  for (int at = 0; at < 60; ++at) apart += "filler ";
  dataset.documents = {
      {"a", apart + "gate"}, {"b", "the garden gate is open"}, {"c", "filler words alone"}};
  const Library library(dataset);
  const auto chunks = cut(library, 200, 0);
  std::vector<Hit> hits{{0, 0.5F}, {1, 0.45F}, {2, 0.4F}};
  rerank(library, chunks, library.query_stems("garden gate"), hits);
  EXPECT_THAT(order(hits), ElementsAre(1, 0, 2));
  EXPECT_NEAR(hits[0].score, 0.45 + 0.7 + 0.1, 1e-5);
  EXPECT_NEAR(hits[1].score, 0.5 + 0.35, 1e-5) << "half of the idf in any window of 25";
}

TEST(Diversify, TakesWhatDiffers) {
  const std::vector<Hit> hits{{0, 1.0F}, {1, 0.9F}, {2, 0.5F}};
  const auto alike = [](std::uint32_t a, std::uint32_t b) { return a + b == 1 ? 1.0F : 0.0F; };
  EXPECT_THAT(order(diversify(hits, 1, 2, alike)), ElementsAre(0, 1));
  EXPECT_THAT(order(diversify(hits, 0.5, 2, alike)), ElementsAre(0, 2));
  EXPECT_THAT(order(diversify(hits, 0.5, 9, alike)), SizeIs(3));
}

}  // namespace
}  // namespace mizan::rag
