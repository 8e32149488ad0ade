// Lines of warm pods: framed by the runner, found again for one trial; and what a worker says.
#include <gtest/gtest.h>
#include <unistd.h>

#include "pods/runner/framed_output.h"
#include "pods/runner/worker_protocol.h"
#include "pods/warm/trial_lines.h"

namespace mizan::pods {
namespace {

std::vector<std::string> cut(const std::vector<std::string>& pieces) {
  LineCutter cutter;
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) { lines.emplace_back(line); };
  for (const std::string& piece : pieces) cutter.feed(piece, take);
  cutter.finish(take);
  return lines;
}

TEST(LineCutter, AnySplitOfTheSameBytesGivesTheSameLines) {
  const std::string text = "one\n\ntwo three\nlast";
  const std::vector<std::string> whole{"one", "", "two three", "last"};
  EXPECT_EQ(cut({text}), whole);
  std::vector<std::string> letters;
  for (const char c : text) letters.emplace_back(1, c);
  EXPECT_EQ(cut(letters), whole);
}

TEST(LineCutter, ALineWithoutAnEndNeedsNoMoreMemory) {
  const auto lines = cut({std::string(150 * 1024, 'x'), "y\nz\n"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].size(), LineCutter::kLongest);
  EXPECT_EQ(lines[0].size() + lines[1].size() + lines[2].size(), 150U * 1024U + 1U);
  EXPECT_EQ(lines[3], "z");
}

TEST(FramedOutput, SaysWhoseEachLineIs) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  FramedOutput output(ends[1]);
  output.line("t/1", "loss=1\r");
  output.note("end t/1 exit code 0");
  output.drain();
  char text[200];
  const auto got = ::read(ends[0], text, sizeof text);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(got)),
            "t/1: loss=1\nrunner: end t/1 exit code 0\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

constexpr const char* kLog =
    "runner: begin t/1\nt/1: a=1\nrunner: end t/1 exit code 1\n"
    "runner: begin tt/1\ntt/1: b=1\nrunner: end tt/1 exit code 0\n"
    "runner: begin t/2\nt/2: a=2\nt/2: runner: end t/2 exit code 0\nrunner: end t/2 exit code "
    "0\nt/2: late\n";

std::string lines_of(const std::string& trial, const std::string& last, std::size_t step) {
  TrialLines lines(trial, false, last);
  const std::string log = kLog;
  std::string out;
  for (std::size_t at = 0; at < log.size(); at += step) out += lines.feed(log.substr(at, step));
  return out + lines.finish();
}

TEST(TrialLines, GivesOneTrialOrOneAttempt) {
  for (const std::size_t step : {1000UL, 1UL, 7UL}) {
    EXPECT_EQ(lines_of("t", "", step), "a=1\na=2\nrunner: end t/2 exit code 0\nlate\n");
    EXPECT_EQ(lines_of("t/1", "", step), "a=1\n");
    EXPECT_EQ(lines_of("tt", "", step), "b=1\n");
    EXPECT_EQ(lines_of("u", "", step), "");
  }
}

TEST(TrialLines, EndsWithTheTrialThatOnlyTheRunnerCanEnd) {
  TrialLines lines("t/2", false, "");
  EXPECT_EQ(lines.feed(kLog), "a=2\nrunner: end t/2 exit code 0\n");
  EXPECT_TRUE(lines.at_end());
  EXPECT_TRUE(lines.seen());
}

TEST(TrialLines, TimesStay) {
  TrialLines lines("t", true, "");
  EXPECT_EQ(lines.feed("2026-01-01T00:00:00Z t/1: a=1\n2026-01-01T00:00:01Z runner: ends\n"),
            "2026-01-01T00:00:00Z a=1\n");
}

TEST(WorkerProtocol, ReadsMetricsAndEnds) {
  EXPECT_EQ(read_worker_line(R"({"metric": "loss", "value": 0.25, "step": 3})").text, "loss=0.25");
  EXPECT_EQ(read_worker_line(R"({"metric": "loss", "value": "0.30"})").text, "loss=0.30");
  EXPECT_EQ(read_worker_line(R"({"metric": "m", "value": 0.1234567890123456789})").text,
            "m=0.12345678901234568");
  const WorkerLine done = read_worker_line(R"({"done": "t"})");
  EXPECT_EQ(done.kind, WorkerLine::Kind::kDone);
  EXPECT_EQ(done.trial, "t");
  EXPECT_EQ(done.error + done.infeasible, "");
  EXPECT_EQ(read_worker_line(R"({"done": "t", "error": "it broke"})").error, "it broke");
  EXPECT_EQ(read_worker_line(R"({"done": "t", "infeasible": ""})").infeasible, "it gave no reason");
  EXPECT_EQ(read_worker_line(R"({"done": "t", "error": null})").error, "");
  EXPECT_EQ(read_worker_line(R"({"done": "t", "error": {"code": 1}})").error, R"({"code":1})");
}

TEST(WorkerProtocol, EverythingElseIsText) {
  for (const char* line :
       {"", "hello", "{", "{}", "[1]", R"({"done": 7})", R"({"metric": "m"})",
        R"({"metric": "m", "value": []})", "{\"metric\": \"\xff\", \"value\": 1}"}) {
    const WorkerLine read = read_worker_line(line);
    EXPECT_EQ(read.kind, WorkerLine::Kind::kText) << line;
    EXPECT_EQ(read.text, line);
  }
  EXPECT_EQ(read_worker_line(R"({"metric": "a\nt/9: b", "value": 1})").text, "a t/9: b=1")
      << "a metric can't forge a line of another trial";
}

TEST(WorkerProtocol, AssignmentsGoByName) {
  resources::WarmLease lease;
  lease.trial = "t";
  lease.assignments = {{"lr", "0.01"}, {"layers", "3"}};
  EXPECT_EQ(trial_line(lease),
            "{\"assignments\":{\"layers\":\"3\",\"lr\":\"0.01\"},\"trial\":\"t\"}\n");
  EXPECT_EQ(stop_line("t"), "{\"stop\":\"t\"}\n");
}

}  // namespace
}  // namespace mizan::pods
