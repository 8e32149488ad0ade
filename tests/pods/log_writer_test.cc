// Writing logs: CRI lines, rotation, long lines.
#include "pods/shim/log_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace mizan::pods {
namespace {

class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() : directory(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
  std::string text(const std::string& name) const {
    std::ifstream in(dir / name);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  /// `stdout F words` for each line, without the time.
  std::vector<std::string> lines(const std::string& name = "0.log") const {
    std::vector<std::string> found;
    std::istringstream in(text(name));
    for (std::string line; std::getline(in, line);)
      found.push_back(line.substr(line.find(' ') + 1));
    return found;
  }
  mizan::testing::TempDir dir;
  Fd directory;
};

TEST_F(LogWriterTest, WritesLinesInTheFormatOfContainerRuntimes) {
  LogWriter log(directory.get(), 0, 1 << 20, 5);

  log.write(Stream::kStdout, "one\ntwo");
  log.write(Stream::kStderr, "three\n");
  log.finish(Stream::kStdout);

  EXPECT_EQ(lines(), (std::vector<std::string>{"stdout F one", "stderr F three", "stdout F two"}));
  EXPECT_TRUE(std::regex_search(
      text("0.log"), std::regex(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F one\n)")));
}

TEST_F(LogWriterTest, GivesTheSameLinesForEveryCutOfTheStream) {
  const std::string stream = "a\n\nbc\n" + std::string(40'000, 'x') + "\nend";
  std::vector<std::string> first;
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{16'384}, std::size_t{100'000}}) {
    const auto attempt = static_cast<std::uint32_t>(piece);
    LogWriter log(directory.get(), attempt, 1 << 20, 5);

    for (std::size_t at = 0; at < stream.size(); at += piece)
      log.write(Stream::kStdout, stream.substr(at, piece));
    log.finish(Stream::kStdout);

    const std::vector<std::string> got = lines(std::to_string(attempt) + ".log");
    if (first.empty()) first = got;
    EXPECT_EQ(got, first) << piece;
  }
  ASSERT_EQ(first.size(), 7U);
  EXPECT_EQ(first[3], "stdout P " + std::string(16'384, 'x'));
  EXPECT_EQ(first[5], "stdout F " + std::string(40'000 - 2 * 16'384, 'x'));
}

TEST_F(LogWriterTest, RotatesAtItsSizeAndKeepsTheNewestFiles) {
  LogWriter log(directory.get(), 0, 1000, 3);
  for (int i = 0; i < 200; ++i) log.write(Stream::kStdout, "line " + std::to_string(i) + "\n");

  EXPECT_TRUE(std::filesystem::exists(dir / "0.log.2"));
  EXPECT_FALSE(std::filesystem::exists(dir / "0.log.3"));
  std::vector<std::string> all;
  for (const char* name : {"0.log.2", "0.log.1", "0.log"}) {
    EXPECT_LE(std::filesystem::file_size(dir / name), 1100U);
    for (const std::string& line : lines(name)) all.push_back(line);
  }
  ASSERT_GT(all.size(), 20U);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i], "stdout F line " + std::to_string(200 - all.size() + i));
}

TEST_F(LogWriterTest, GivesTheTailAsATerminationMessage) {
  LogWriter log(directory.get(), 0, 1 << 20, 5);
  for (int i = 0; i < 500; ++i) log.write(Stream::kStdout, "line " + std::to_string(i) + "\n");

  EXPECT_EQ(LogWriter::tail(directory.get(), 0, 2, 2048), "line 498\nline 499\n");
  EXPECT_EQ(LogWriter::tail(directory.get(), 0, 80, 12), "98\nline 499\n");
  EXPECT_EQ(LogWriter::tail(directory.get(), 7, 80, 12), "");
}

}  // namespace
}  // namespace mizan::pods
