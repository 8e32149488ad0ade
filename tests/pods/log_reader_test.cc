// Reading logs: tails, times, partial lines, rotations.
#include "pods/node/log_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "pods/shim/log_writer.h"
#include "tests/support/temp_dir.h"

namespace mizan::pods {
namespace {

class LogReaderTest : public ::testing::Test {
 protected:
  LogReaderTest() : directory(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  /// Lines with times of our own: second i for line i.
  void write(int from, int to, const std::string& file = "0.log") const {
    std::ofstream out(dir / file, std::ios::app);
    for (int i = from; i < to; ++i) out << time_of(i) << " stdout F line " << i << "\n";
  }
  static std::string time_of(int i) {
    return format_rfc3339_nano(Time(std::chrono::seconds(1'000'000'000 + i)));
  }
  static Time now() { return Time(std::chrono::seconds(1'000'000'100)); }
  LogReader reader(store::LogOptions options = {}) const {
    return LogReader(dir.path().string(), 0, std::move(options), now());
  }
  static std::string all(LogReader& reader) {
    std::string text;
    for (std::string some = reader.next(); !some.empty(); some = reader.next()) text += some;
    return text;
  }
  static std::string lines(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) text += "line " + std::to_string(i) + "\n";
    return text;
  }
  mizan::testing::TempDir dir;
  Fd directory;
};

TEST_F(LogReaderTest, GivesLinesWithoutTheirPrefix) {
  write(0, 3);
  LogReader log = reader();
  EXPECT_EQ(all(log), lines(0, 3));
  EXPECT_TRUE(log.exists());
}

TEST_F(LogReaderTest, JoinsPartialLines) {
  std::ofstream(dir / "0.log") << time_of(0) << " stdout P one \n"
                               << time_of(0) << " stdout F line\n";
  LogReader log = reader();
  EXPECT_EQ(all(log), "one line\n");
}

TEST_F(LogReaderTest, GivesOnlyWholeLinesAndGoesOnWhereItWas) {
  write(0, 2);
  LogReader log = reader();
  EXPECT_EQ(all(log), lines(0, 2));
  std::ofstream(dir / "0.log", std::ios::app) << time_of(2) << " stdout F li";
  EXPECT_EQ(log.next(), "");
  std::ofstream(dir / "0.log", std::ios::app) << "ne 2\n";
  EXPECT_EQ(log.next(), lines(2, 3));
}

TEST_F(LogReaderTest, ReadsRotatedFilesFromTheOldest) {
  write(0, 3, "0.log.2");
  write(3, 5, "0.log.1");
  write(5, 6, "0.log");
  LogReader log = reader();
  EXPECT_EQ(all(log), lines(0, 6));
}

TEST_F(LogReaderTest, LosesNothingWhenTheFileIsRotatedWhileItReads) {
  write(0, 2);
  LogReader log = reader();
  EXPECT_EQ(all(log), lines(0, 2));
  write(2, 4);
  std::filesystem::rename(dir / "0.log", dir / "0.log.1");
  write(4, 5);
  std::filesystem::rename(dir / "0.log.1", dir / "0.log.2");
  std::filesystem::rename(dir / "0.log", dir / "0.log.1");
  write(5, 6);

  EXPECT_EQ(all(log), lines(2, 6));
}

TEST_F(LogReaderTest, FollowsTheRealWriterThroughRotation) {
  LogWriter writer(directory.get(), 0, 2000, 100);
  LogReader log = reader();
  std::string got;
  for (int i = 0; i < 1000; ++i) {
    writer.write(Stream::kStdout, "line " + std::to_string(i) + "\n");
    if (i % 7 == 0) got += all(log);
  }
  got += all(log);
  EXPECT_EQ(got, lines(0, 1000));
}

TEST_F(LogReaderTest, GivesTheTailAcrossFiles) {
  write(0, 3, "0.log.1");
  write(3, 5, "0.log");
  for (const auto& [wanted, from] :
       std::map<std::int64_t, int>{{0, 5}, {1, 4}, {2, 3}, {3, 2}, {5, 0}, {99, 0}}) {
    store::LogOptions options;
    options.tail_lines = wanted;
    LogReader log = reader(options);
    EXPECT_EQ(all(log), lines(from, 5)) << wanted;
    EXPECT_EQ(log.next(), "");
  }
}

TEST_F(LogReaderTest, GivesTheTailOfAFileOfManyChunks) {
  write(0, 20'000);
  store::LogOptions options;
  options.tail_lines = 12'345;
  LogReader log = reader(options);
  EXPECT_EQ(all(log), lines(20'000 - 12'345, 20'000));
}

TEST_F(LogReaderTest, HonoursSinceTimestampsAndLimit) {
  write(0, 100);
  store::LogOptions since;
  since.since_seconds = 3;
  LogReader recent = reader(since);
  EXPECT_EQ(all(recent), lines(97, 100));

  store::LogOptions time;
  time.since_time = Time(std::chrono::seconds(1'000'000'098));
  time.timestamps = true;
  LogReader stamped = reader(time);
  EXPECT_EQ(all(stamped), time_of(98) + " line 98\n" + time_of(99) + " line 99\n");

  store::LogOptions limit;
  limit.limit_bytes = 10;
  LogReader limited = reader(limit);
  EXPECT_EQ(all(limited), "line 0\nlin");
  EXPECT_TRUE(limited.exhausted());
}

TEST_F(LogReaderTest, KnowsThatThereIsNoLog) {
  LogReader log = reader();
  EXPECT_FALSE(log.exists());
  EXPECT_EQ(log.next(), "");
}

}  // namespace
}  // namespace mizan::pods
