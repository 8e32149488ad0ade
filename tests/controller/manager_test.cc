// Order of starting and stopping.
#include "controller/manager.h"

#include <gtest/gtest.h>

#include "controller/signal.h"
#include "tests/support/run_task.h"

namespace mizan::controller {
namespace {

struct Diary {
  std::vector<std::string> lines;
  Signal never;
  Task<> write(std::string line) {
    lines.push_back(std::move(line));
    co_return;
  }
  Task<> hang() { co_await never.wait(); }
};

Manager::Part part(Diary& diary, const std::string& name) {
  return {name, [&diary, name] { return diary.write("start " + name); },
          [&diary, name] { return diary.write("stop " + name); }};
}

TEST(ManagerTest, StartsInOrderAndStopsInReverse) {
  boost::asio::io_context io;
  Diary diary;
  Manager manager(io.get_executor());
  manager.add(part(diary, "informer"));
  manager.add(part(diary, "controller"));

  testing::run_task(io, manager.start());
  const auto late = testing::run_task(io, manager.stop(std::chrono::seconds(5)));

  EXPECT_TRUE(late.empty());
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"start informer", "start controller",
                                                   "stop controller", "stop informer"}));
}

TEST(ManagerTest, LeavesBehindAndNamesAPartThatDoesNotStop) {
  boost::asio::io_context io;
  Diary diary;
  Manager manager(io.get_executor());
  manager.add(part(diary, "first"));
  manager.add({"stuck", [&] { return diary.write("start stuck"); }, [&] { return diary.hang(); }});
  testing::run_task(io, manager.start());

  const auto late = testing::run_task(io, manager.stop(std::chrono::milliseconds(10)));

  EXPECT_EQ(late.front(), "stuck");
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"start first", "start stuck", "stop first"}));
}

}  // namespace
}  // namespace mizan::controller
