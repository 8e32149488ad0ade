// BM25 by hand, and against SQLite's FTS5, which has the same formula with k1 1.2 and b 0.75.
#include "examples/rag/retrieval/bm25.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cmath>
#include <memory>
#include <set>

#include "examples/rag/retrieval/ranking.h"
#include "examples/rag/trial/random.h"
#include "tests/rag/small_corpus.h"

namespace mizan::rag {
namespace {

TEST(Bm25, IsTheFormula) {
  Dataset dataset;
  dataset.documents = {{"a", "red red fish"}, {"b", "blue fish pond water still"}, {"c", "tree"}};
  const Library library(dataset);
  const auto chunks = cut(library, 100, 0);
  const Bm25Index index(library, chunks, false);
  std::vector<float> scores(3);
  const auto terms = library.query_words("red fish");
  index.scores(terms, 2.0, 0.5, scores);
  const double idf_red = std::log(1 + (3 - 1 + 0.5) / 1.5);
  const double idf_fish = std::log(1 + (3 - 2 + 0.5) / 2.5);
  const auto part = [](double idf, double count, double length) {
    return idf * count * 3.0 / (count + 2.0 * (0.5 + 0.5 * length / 3.0));
  };
  EXPECT_NEAR(scores[0], part(idf_red, 2, 3) + part(idf_fish, 1, 3), 1e-5);
  EXPECT_NEAR(scores[1], part(idf_fish, 1, 5), 1e-5);
  EXPECT_EQ(scores[2], 0.0F);
}

TEST(Bm25, StemsMeetOtherForms) {
  const auto library = small_library();
  const auto chunks = cut(*library, 100, 0);
  const auto count = [&](bool stems, const std::vector<std::uint32_t>& terms) {
    std::vector<float> scores(chunks.size());
    Bm25Index(*library, chunks, stems).scores(terms, 1.2, 0.75, scores);
    return std::ranges::count_if(scores, [](float score) { return score > 0; });
  };
  EXPECT_GT(count(true, library->query_stems("migrations")), 0);
  EXPECT_EQ(count(false, library->query_words("migrations")), 0);
}

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

Database open_memory() {
  sqlite3* raw = nullptr;
  sqlite3_open(":memory:", &raw);
  return {raw, &sqlite3_close};
}

void execute(const Database& database, const std::string& sql) {
  ASSERT_EQ(sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database.get());
}

std::vector<std::uint32_t> fts5_top5(const Database& database, const std::string& match) {
  sqlite3_stmt* statement = nullptr;
  const std::string sql =
      "SELECT rowid FROM t WHERE t MATCH '" + match + "' ORDER BY rank, rowid LIMIT 5";
  EXPECT_EQ(sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database.get());
  std::vector<std::uint32_t> out;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    out.push_back(static_cast<std::uint32_t>(sqlite3_column_int(statement, 0)));
  }
  sqlite3_finalize(statement);
  return out;
}

TEST(Bm25, AgreesWithFts5) {
  // Documents and queries of made-up words, some frequent and some rare.
  Random random(7, 1);
  const auto word = [&] {
    const double u = random.uniform();
    return fmt::format("w{}", static_cast<int>(300 * u * u * u));
  };
  Dataset dataset;
  const Database database = open_memory();
  execute(database, "CREATE VIRTUAL TABLE t USING fts5(body)");
  for (int at = 0; at < 400; ++at) {
    std::string text;
    const int length = 20 + static_cast<int>(random.uniform() * 80);
    for (int n = 0; n < length; ++n) text += word() + " ";
    execute(database, fmt::format("INSERT INTO t(rowid, body) VALUES ({}, '{}')", at, text));
    dataset.documents.push_back({std::to_string(at), text});
  }
  const Library library(dataset);
  const auto chunks = cut(library, 1000, 0);
  ASSERT_EQ(chunks.size(), 400U);
  const Bm25Index index(library, chunks, false);
  std::vector<float> scores(chunks.size());
  double shared = 0;
  double all = 0;
  for (int query = 0; query < 60; ++query) {
    std::set<std::string> terms;
    while (terms.size() < 4)
      terms.insert(fmt::format("w{}", 10 + static_cast<int>(random.uniform() * 280)));
    std::string match;
    std::string plain;
    for (const std::string& term : terms) {
      match += (match.empty() ? "" : " OR ") + term;
      plain += term + " ";
    }
    index.scores(library.query_words(plain), 1.2, 0.75, scores);
    std::set<std::uint32_t> ours;
    for (const Hit& hit : fuse_convex(scores, {}, 0, 5)) ours.insert(hit.chunk);
    for (const std::uint32_t document : fts5_top5(database, match)) {
      ++all;
      shared += ours.contains(document) ? 1 : 0;
    }
  }
  ASSERT_GT(all, 250);
  // FTS5's idf is ln((N - n + 0.5) / (n + 0.5)) without the 1 and never below 1e-6.
  EXPECT_GE(shared / all, 0.9);
}

}  // namespace
}  // namespace mizan::rag
