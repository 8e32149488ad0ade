// JSON lines: what Katib's file collector takes, and what it loses.
#include "experiment/json_metrics.h"

#include <gtest/gtest.h>

#include <random>

namespace mizan::experiment {
namespace {

using store::Measurement;

std::vector<Measurement> read(std::string_view text, JsonMetricsParser* kept = nullptr,
                              std::size_t step = 1'000'000) {
  JsonMetricsParser parser({"loss", "acc"});
  std::vector<Measurement> rows;
  for (std::size_t at = 0; at < text.size(); at += step) parser.feed(text.substr(at, step), rows);
  parser.finish(rows);
  if (kept != nullptr) *kept = std::move(parser);
  return rows;
}

std::string said(std::string_view text) {
  std::string all;
  for (const Measurement& row : read(text)) {
    if (!all.empty()) all += ' ';
    all += row.metric + "=" + row.value;
    if (row.time) all += "@" + format_rfc3339_micro(*row.time);
  }
  return all;
}

TEST(JsonMetricsTest, ReadsTextsAndNumbersWithTheirTimes) {
  const struct {
    const char* line;
    const char* rows;
  } cases[] = {
      {R"({"loss": "0.3"})", "loss=0.3"},
      {R"({"loss": 0.3, "acc": 1})", "acc=1 loss=0.3"},
      {R"({"loss": 1e-7})", "loss=1e-07"},
      {R"({"loss": "-7.53e-05"})", "loss=-7.53e-05"},
      {R"({"loss": NaN, "acc": -Infinity})", "acc=-Infinity loss=NaN"},
      {R"({"note": "NaN is not \" a {number}", "loss": Infinity})", "loss=Infinity"},
      {R"({"loss": 1, "timestamp": "2026-11-23T20:19:10.5Z"})",
       "loss=1@2026-11-23T20:19:10.500000Z"},
      {R"({"loss": 1, "timestamp": "yesterday"})", "loss=1"},
      {R"({"loss": 1, "timestamp": true})", "loss=1"},
      {R"({"loss": null})", ""},
      {R"({"loss": {"value": 1}})", ""},
      {R"({"epoch": 1})", ""},
      {"", ""},
      {"\r", ""},
      {"[1, 2]", ""},
      {"epoch 1", ""},
  };
  for (const auto& one : cases) EXPECT_EQ(said(one.line), one.rows) << one.line;
}

TEST(JsonMetricsTest, ATimestampsFractionIsAFractionNotNanoseconds) {
  // Katib reads the digits after the point as a whole number of nanoseconds.
  EXPECT_EQ(said(R"({"loss": 1, "timestamp": 1638422847.28721})"),
            "loss=1@2021-12-02T05:27:27.287210Z");
  EXPECT_EQ(said(R"({"loss": 1, "timestamp": 1638422847})"), "loss=1@2021-12-02T05:27:27.000000Z");
  EXPECT_EQ(said(R"({"loss": 1, "timestamp": 1e300})"), "loss=1");
}

TEST(JsonMetricsTest, ALineThatIsNoObjectDoesNotEndTheCollection) {
  JsonMetricsParser parser({});
  const auto rows =
      read("{\"loss\": 1}\nTraceback (most recent call last):\n{\"loss\": 2}\n", &parser);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].value, "2");
  EXPECT_EQ(parser.notes().damage,
            "a line of it is no JSON object: \"Traceback (most recent call last):\"");
}

TEST(JsonMetricsTest, NotesWhatElseWasThere) {
  JsonMetricsParser parser({});
  read(R"({"epoch": 1, "timestamp": 3, "val_loss": "2", "loss": [1]})", &parser);
  EXPECT_EQ(parser.notes().other_names, (std::vector<std::string>{"epoch", "val_loss"}));
  EXPECT_EQ(parser.notes().not_a_number, "loss: [1]");
}

TEST(JsonMetricsTest, AnySplitOfTheSameBytesGivesTheSameMeasurements) {
  std::mt19937 random(6);
  const std::string pieces[] = {"{",        "}",
                                "\"loss\"", ":",
                                "1.5",      "\n",
                                "NaN",      ",",
                                "\"acc\"",  " ",
                                "\\",       "\"",
                                "\xff",     "{\"loss\": 3}\n",
                                "\r\n",     "{\"acc\": \"1\", \"timestamp\": 1638422847.5}\n"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += pieces[random() % std::size(pieces)];
    const auto whole = read(text);
    const auto cut = read(text, nullptr, 1 + random() % 7);
    ASSERT_EQ(whole.size(), cut.size()) << text;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(whole[i].metric, cut[i].metric);
      EXPECT_EQ(whole[i].value, cut[i].value);
      EXPECT_EQ(whole[i].time, cut[i].time);
    }
  }
}

TEST(JsonMetricsTest, AGigabyteWithoutANewlineTakesAMebibyte) {
  JsonMetricsParser parser({"loss"});
  std::vector<Measurement> rows;
  const std::string piece(1'000'000, 'x');
  for (int i = 0; i < 200; ++i) parser.feed(piece, rows);
  parser.feed("\n{\"loss\": 4}\n", rows);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].value, "4");
}

}  // namespace
}  // namespace mizan::experiment
