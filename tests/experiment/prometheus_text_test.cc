// The text form of Prometheus metrics, right and wrong.
#include "experiment/prometheus_text.h"

#include <gtest/gtest.h>

namespace mizan::experiment {
namespace {

std::string shown(std::string_view line) {
  const auto sample = read_prometheus_line(line);
  if (!sample) return "none";
  std::string text = sample->name;
  for (const auto& [name, value] : sample->labels) text += "[" + name + "=" + value + "]";
  text += " " + sample->value;
  return sample->time ? text + " " + format_rfc3339_micro(*sample->time) : text;
}

TEST(PrometheusLineTest, IsReadOrRefused) {
  const struct {
    const char* line;
    const char* sample;
  } cases[] = {
      {"loss 0.25", "loss 0.25"},
      {"loss\t1e-9\r", "loss 1e-9"},
      {"loss{} 3", "loss 3"},
      {R"(loss{phase="valid",fold="1",} 3)", "loss[fold=1][phase=valid] 3"},
      {R"(loss{ phase = "a\"b\\c\nd" } 3)", "loss[phase=a\"b\\c\nd] 3"},
      {"loss NaN", "loss NaN"},
      {"loss +Inf", "loss +Inf"},
      {"loss 1 1638422847250", "loss 1 2021-12-02T05:27:27.250000Z"},
      {"a:b_c1 2", "a:b_c1 2"},
      {"# HELP loss the loss", "none"},
      {"", "none"},
      {"loss", "none"},
      {"loss one", "none"},
      {"loss 1 soon", "none"},
      {"loss 1 2 3", "none"},
      {"loss{phase=\"a} 1", "none"},
      {"loss{phase} 1", "none"},
      {"1loss 1", "none"},
      {"<html>", "none"},
      {"\xff\xfe 1", "none"},
  };
  for (const auto& one : cases) EXPECT_EQ(shown(one.line), one.sample) << one.line;
}

TEST(PrometheusTest, FindsMetricsByNameAndLabels) {
  const char* page =
      "# TYPE loss gauge\n"
      "loss{phase=\"train\"} 1\n"
      "loss{phase=\"valid\"} 2\n"
      "acc{phase=\"train\"} 3\n"
      "acc 4\n"
      "python_info{version=\"3\"} 1\n"
      "oh no\n";
  MetricsNotes notes;
  const auto found = read_prometheus(page, {"loss", "loss{phase=\"valid\"}", "acc", "gone"}, notes);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].second.value, "1");  // the first series
  EXPECT_EQ(found[1].first, "loss{phase=\"valid\"}");
  EXPECT_EQ(found[1].second.value, "2");
  EXPECT_EQ(found[2].second.value, "4");  // the series without labels
  EXPECT_EQ(notes.other_names, std::vector<std::string>{"python_info"});
  EXPECT_EQ(notes.damage, "a line of it is no sample: \"oh no\"");
}

}  // namespace
}  // namespace mizan::experiment
