// Both observation logs, and the kept logs of trials.
#include <gmock/gmock.h>

#include "store/kept_logs.h"
#include "store/memory_observation_log.h"
#include "store/sqlite_observation_log.h"
#include "tests/support/run_task.h"
#include "tests/support/temp_dir.h"

namespace mizan::testing {
namespace {

using store::Measurement;
using ::testing::HasSubstr;

Measurement measured(const std::string& metric, const std::string& value,
                     std::optional<std::int64_t> step = {}) {
  Measurement row;
  row.metric = metric;
  row.value = value;
  row.step = step;
  return row;
}

std::vector<std::string> told(const Result<std::vector<Measurement>>& rows) {
  std::vector<std::string> found;
  for (const Measurement& row : rows.value()) {
    found.push_back(row.metric + "=" + row.value +
                    (row.step ? "#" + std::to_string(*row.step) : ""));
  }
  return found;
}
using Rows = std::vector<std::string>;

constexpr std::size_t kLimit = 45'000;  // more than one step of a removal

class ObservationLogTest : public ::testing::TestWithParam<bool> {
 protected:
  ObservationLogTest() {
    if (GetParam()) {
      database_ = store::SqliteDatabase::open(dir_ / "mizan.db", io_.get_executor()).value();
      log_ = std::make_unique<store::SqliteObservationLog>(*database_, kLimit);
    } else {
      log_ = std::make_unique<store::MemoryObservationLog>(kLimit);
    }
  }
  template <class T>
  T run(Task<T> task) {
    return run_task(io_, std::move(task));
  }
  store::ObservationLog& log() { return *log_; }

  TempDir dir_;
  boost::asio::io_context io_;
  std::unique_ptr<store::SqliteDatabase> database_;
  std::unique_ptr<store::ObservationLog> log_;
};
INSTANTIATE_TEST_SUITE_P(Logs, ObservationLogTest, ::testing::Bool(), [](const auto& info) {
  return std::string(info.param ? "Sqlite" : "Memory");
});

TEST_P(ObservationLogTest, GivesBackRowsInTheOrderOfArrivalWordForWord) {
  Measurement timed = measured("loss", "0.50e0");
  timed.time = parse_rfc3339("2026-11-23T20:19:10.123456789Z");
  run(log().append("t1", {timed, measured("acc", "NaN", 1)})).value();
  run(log().append("t2", {measured("loss", "9")})).value();
  run(log().append("t1", {measured("loss", "0.25", 2)})).value();

  EXPECT_EQ(told(run(log().read("t1", ""))), (Rows{"loss=0.50e0", "acc=NaN#1", "loss=0.25#2"}));
  EXPECT_EQ(told(run(log().read("t1", "loss"))), (Rows{"loss=0.50e0", "loss=0.25#2"}));
  EXPECT_EQ(run(log().read("t1", "loss")).value()[0].time, timed.time);
  EXPECT_EQ(run(log().read("t1", "acc")).value()[0].time, std::nullopt);
  EXPECT_EQ(told(run(log().read("t3", ""))), Rows{});
}

TEST_P(ObservationLogTest, RemovesTheRowsOfOneTrial) {
  run(log().append("t1", {measured("loss", "1")})).value();
  run(log().append("t2", {measured("loss", "2")})).value();

  run(log().remove("t1")).value();
  run(log().remove("nosuch")).value();

  EXPECT_EQ(told(run(log().read("t1", ""))), Rows{});
  EXPECT_EQ(told(run(log().read("t2", ""))), Rows{"loss=2"});
}

TEST_P(ObservationLogTest, RefusesRowsPastTheLimitAndKeepsNothingOfThatCall) {
  run(log().append("t1", std::vector<Measurement>(kLimit - 1, measured("m", "1")))).value();

  const auto refused = run(log().append("t1", {measured("m", "2"), measured("m", "3")}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
  run(log().append("t1", {measured("m", "4")})).value();

  const auto rows = run(log().read("t1", "m")).value();
  EXPECT_EQ(rows.size(), kLimit);
  EXPECT_EQ(rows.back().value, "4");
  run(log().remove("t1")).value();
  EXPECT_EQ(told(run(log().read("t1", ""))), Rows{});
}

TEST_P(ObservationLogTest, TellsSubscribersOfEachAppendWhileTheyHoldTheHandle) {
  Rows first;
  Rows second;
  const auto into = [](Rows& rows) {
    return [&rows](const std::string& trial, const std::vector<Measurement>& added) {
      rows.push_back(trial + ":" + std::to_string(added.size()));
    };
  };
  auto one = log().subscribe(into(first));
  auto two = log().subscribe(into(second));

  run(log().append("t1", {measured("m", "1"), measured("m", "2")})).value();
  one.reset();
  run(log().append("t2", {measured("m", "1")})).value();

  EXPECT_EQ(first, Rows{"t1:2"});
  EXPECT_EQ(second, (Rows{"t1:2", "t2:1"}));
}

class KeptLogsTest : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return run_task(io_, std::move(task));
  }
  TempDir dir_;
  boost::asio::io_context io_;
  std::unique_ptr<store::SqliteDatabase> database_ =
      store::SqliteDatabase::open(dir_ / "mizan.db", io_.get_executor()).value();
};

TEST_F(KeptLogsTest, GivesBackAShortLogWhole) {
  store::KeptLogs logs(*database_);
  using std::string_literals::operator""s;
  const std::string text = "line one\n\xff binary \0 too\n"s;
  run(logs.keep("t1", "older")).value();
  run(logs.keep("t1", text)).value();
  run(logs.keep("t2", "")).value();

  const auto kept = run(logs.find("t1")).value();

  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->text, text);
  EXPECT_FALSE(kept->cut);
  EXPECT_EQ(run(logs.find("t2")).value()->text, "");
  EXPECT_FALSE(run(logs.find("t3")).value());
}

TEST_F(KeptLogsTest, CutsTheMiddleOutOfALongLogAtLines) {
  store::KeptLogs logs(*database_, 100);
  std::string text;
  for (int i = 100; i < 200; ++i) text += "line " + std::to_string(i) + "\n";
  run(logs.keep("t1", text)).value();

  const auto kept = run(logs.find("t1")).value();

  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->cut);
  EXPECT_EQ(kept->bytes, 900U);
  EXPECT_TRUE(kept->text.starts_with("line 100\n"));
  EXPECT_TRUE(kept->text.ends_with("line 199\n"));
  EXPECT_THAT(kept->text, HasSubstr("line 104\n... 810 bytes are not kept ...\nline 195\n"));
}

TEST_F(KeptLogsTest, ForgetsARemovedLog) {
  store::KeptLogs logs(*database_);
  run(logs.keep("t1", "text")).value();

  run(logs.remove("t1")).value();

  EXPECT_FALSE(run(logs.find("t1")).value());
}

}  // namespace
}  // namespace mizan::testing
