// The text parser: tables of lines, and that no split of the bytes matters.
#include "experiment/text_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace mizan::experiment {
namespace {

using store::Measurement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TextMetricsParser parser(std::vector<std::string> metrics, std::vector<std::string> filters = {},
                         bool stamped = false) {
  auto made = TextMetricsParser::create({std::move(metrics), std::move(filters), stamped});
  if (!made) throw std::runtime_error(made.error().message);
  return *std::move(made);
}

std::vector<std::string> read(TextMetricsParser& parser, std::string_view text) {
  std::vector<Measurement> rows;
  parser.feed(text, rows);
  parser.finish(rows);
  std::vector<std::string> found;
  for (const Measurement& row : rows) found.push_back(row.metric + "=" + row.value);
  return found;
}

struct Case {
  const char* line;
  std::vector<std::string> found;
};

class DefaultFilterTest : public ::testing::TestWithParam<Case> {};

TEST_P(DefaultFilterTest, FindsTheWantedMetrics) {
  TextMetricsParser made = parser({"loss", "acc", "val-acc", "a|b"});
  EXPECT_EQ(read(made, GetParam().line), GetParam().found) << GetParam().line;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, DefaultFilterTest,
    ::testing::Values(
        Case{"loss=0.5", {"loss=0.5"}}, Case{"loss = 0.5", {"loss=0.5"}},
        Case{"loss\t=\t0.5", {"loss=0.5"}},
        Case{"epoch 3: loss=0.5, acc=.98", {"loss=0.5", "acc=.98"}},
        Case{"loss=-7.53e-05", {"loss=-7.53e-05"}}, Case{"loss=+1E0", {"loss=+1E0"}},
        Case{"loss=1e", {"loss=1"}}, Case{"loss=1e+", {"loss=1"}}, Case{"loss=1.", {"loss=1"}},
        Case{"loss=1.5.3", {"loss=1.5"}}, Case{"loss=5%", {"loss=5"}},
        Case{"loss=nan", {"loss=nan"}}, Case{"loss=NaN;", {"loss=NaN"}},
        Case{"loss=-inf", {"loss=-inf"}}, Case{"loss=Infinity", {"loss=Infinity"}},
        Case{"loss=nano", {}}, Case{"loss=info", {}}, Case{"loss=", {}}, Case{"loss=-", {}},
        Case{"loss=.", {}}, Case{"loss=e5", {}}, Case{"loss=None", {}}, Case{"loss", {}},
        Case{"val_loss=0.5", {}}, Case{"loss2=0.5", {}}, Case{"xloss=1 loss=2", {"loss=2"}},
        Case{"val-acc=1 acc=2", {"val-acc=1", "acc=2"}}, Case{"a|b=3", {"a|b=3"}},
        Case{"x.loss=3", {"loss=3"}}, Case{"loss=acc=3", {"acc=3"}}, Case{"loss==3", {}},
        Case{"loss=1loss=2", {"loss=1", "loss=2"}}, Case{"loss=1 loss=2", {"loss=1", "loss=2"}},
        Case{"=3", {}}, Case{"loss=1\r", {"loss=1"}}, Case{"\xff\xfe loss=1 \x01", {"loss=1"}}));

TEST(TextMetricsTest, ReadsALeadingTime) {
  TextMetricsParser made = parser({"loss"});
  std::vector<Measurement> rows;

  made.feed("2026-11-23T20:00:00.5Z loss=1\nnow loss=2\n2026-99-23T20:00:00Z loss=3\n", rows);

  ASSERT_EQ(rows.size(), 3U);
  ASSERT_TRUE(rows[0].time);
  EXPECT_EQ(format_rfc3339_micro(*rows[0].time), "2026-11-23T20:00:00.500000Z");
  EXPECT_FALSE(rows[1].time);
  EXPECT_FALSE(rows[2].time);
}

TEST(TextMetricsTest, OfStampedLinesTheTrialsOwnTimeCountsMore) {
  TextMetricsParser made = parser({"loss"}, {}, true);
  std::vector<Measurement> rows;

  made.feed("2026-11-23T20:00:00Z loss=1\n2026-11-23T20:00:00Z 2025-01-01T00:00:00Z loss=2\n",
            rows);

  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(format_rfc3339(*rows[0].time), "2026-11-23T20:00:00Z");
  EXPECT_EQ(format_rfc3339(*rows[1].time), "2025-01-01T00:00:00Z");
}

TEST(TextMetricsTest, CustomFiltersReplaceTheDefault) {
  TextMetricsParser made =
      parser({"validation-auc", "train rmse"},
             {R"(([\w-]+):(\d+\.\d+))", R"((\w+\s\w+)\s:\s((-?\d+)(\.\d+)?))"});

  EXPECT_THAT(read(made, "[3]\tvalidation-auc:0.91 validation-auc=7\ntrain rmse : -1.5\n"),
              ElementsAre("validation-auc=0.91", "train rmse=-1.5"));
}

TEST(TextMetricsTest, AFilterMayTakeTextThatIsNoNumber) {
  TextMetricsParser made = parser({"Best-Genotype"}, {R"(([\w-]+)=(Genotype.*))"});

  EXPECT_THAT(read(made, "Best-Genotype=Genotype(normal=[1])\n"),
              ElementsAre("Best-Genotype=Genotype(normal=[1])"));
}

TEST(TextMetricsTest, AFilterThatMatchesNothingAtAllDoesNotHang) {
  TextMetricsParser made = parser({"loss"}, {"(x*)(y*)"});

  EXPECT_TRUE(read(made, std::string(1000, 'z')).empty());
}

TEST(TextMetricsTest, SaysWhatIsWrongWithAFilter) {
  const auto errors = check_filters({R"((\w+)=(\d+))", "(", R"((\w+)=\d+)"});

  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].path, "spec.metricsCollectorSpec.source.filter.metricsFormat[1]");
  EXPECT_THAT(errors[0].message, HasSubstr("missing )"));
  EXPECT_EQ(errors[1].path, "spec.metricsCollectorSpec.source.filter.metricsFormat[2]");
  EXPECT_THAT(errors[1].message, HasSubstr("must have two groups"));
  EXPECT_FALSE(TextMetricsParser::create({{"loss"}, {"("}, false}));
}

TEST(TextMetricsTest, TakesTimeLinearInTheLineWhateverTheFilter) {
  TextMetricsParser made =
      parser({"loss"}, {R"((a*)*b(c*)*d)"});  // exponential for a backtracking engine

  EXPECT_TRUE(read(made, std::string(60'000, 'a')).empty());
}

TEST(TextMetricsTest, OfALineTheFirst64KiBCount) {
  TextMetricsParser made = parser({"loss"});

  EXPECT_THAT(read(made, "loss=1 " + std::string(3'000'000, 'x') + " loss=2\nloss=3"),
              ElementsAre("loss=1", "loss=3"));
}

TEST(TextMetricsTest, NotesWhatElseWasThere) {
  TextMetricsParser made = parser({"loss"});

  read(made, "accuracy=0.9 f1=0.8\nloss=oops\n\nbye now\n   \n");

  EXPECT_THAT(made.notes().other_names, ElementsAre("accuracy", "f1"));
  EXPECT_EQ(made.notes().not_a_number, "loss=oops");
  EXPECT_EQ(made.notes().last_line, "bye now");
}

std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> pieces = {"loss", "acc",
                                                  "=",    " = ",
                                                  "0.5",  "-1e-3",
                                                  "nan",  "\n",
                                                  "\n",   "\r\n",
                                                  " ",    "|",
                                                  "x",    "2026-11-23T20:00:00Z ",
                                                  "\xff", std::string(1, '\0'),
                                                  "1.",   "e"};
  std::string text;
  for (unsigned i = random() % 60; i > 0; --i) text += pieces[random() % pieces.size()];
  if (random() % 20 == 0) text += std::string(70'000, 'y') + " loss=9\nloss=8";
  return text;
}

std::vector<std::string> describe(const std::vector<Measurement>& rows) {
  std::vector<std::string> lines;
  for (const Measurement& row : rows)
    lines.push_back(row.metric + "=" + row.value +
                    (row.time ? "@" + format_rfc3339(*row.time) : ""));
  return lines;
}

TEST(TextMetricsTest, AnySplitOfTheSameBytesGivesTheSameMeasurements) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 400; ++round) {
    const std::string text = random_text(random);
    const bool stamped = random() % 2 == 0;
    const std::vector<std::string> filters = random() % 3 == 0
                                                 ? std::vector<std::string>{R"((\w+)\s*=\s*(\S+))"}
                                                 : std::vector<std::string>{};
    TextMetricsParser whole = parser({"loss", "acc"}, filters, stamped);
    TextMetricsParser parts = parser({"loss", "acc"}, filters, stamped);
    std::vector<Measurement> expected;
    std::vector<Measurement> found;

    whole.feed(text, expected);
    whole.finish(expected);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(text.size() - at, random() % 9);
      parts.feed(std::string_view(text).substr(at, size), found);
      at += size;
    }
    parts.finish(found);

    ASSERT_EQ(describe(found), describe(expected))
        << "round " << round << ": " << text.substr(0, 300);
    ASSERT_EQ(parts.notes().last_line, whole.notes().last_line);
  }
}

}  // namespace
}  // namespace mizan::experiment
