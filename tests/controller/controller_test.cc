// Workers, the exception fence, and what comes after a failure.
#include "controller/controller.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <stdexcept>

#include "tests/support/run_task.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

/// Does what the test says, by turns.
class ScriptedReconciler final : public Reconciler {
 public:
  enum class Turn { kDone, kError, kConflict, kThrow, kAgain };
  std::vector<Turn> script;
  std::size_t calls = 0, at_once = 0, most_at_once = 0;
  int dwell = 0;

  Task<Result<RequeueAfter>> reconcile(Request) override {
    const Turn turn = calls < script.size() ? script[calls] : Turn::kDone;
    ++calls;
    most_at_once = std::max(most_at_once, ++at_once);
    for (int i = 0; i < dwell; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
    --at_once;
    switch (turn) {
      case Turn::kError:
        co_return fail(Code::kInternal, "no luck");
      case Turn::kConflict:
        co_return fail(Code::kConflict, "someone was faster");
      case Turn::kThrow:
        throw std::runtime_error("broken world");
      case Turn::kAgain:
        co_return RequeueAfter(std::chrono::milliseconds(1));
      case Turn::kDone:
        break;
    }
    co_return RequeueAfter();
  }
};
using Turn = ScriptedReconciler::Turn;

class ControllerTest : public ::testing::Test {
 protected:
  void start(std::size_t workers = 1) {
    Controller::Options options{"test", workers, [this](const Request&, const Error& error) {
                                  said.push_back(error.message);
                                }};
    controller.emplace(io.get_executor(), reconciler, std::move(options));
    controller->start();
  }
  void run_until_calls(std::size_t calls) {
    testing::run_until(io, [&] { return reconciler.calls >= calls && controller->idle(); });
  }
  ~ControllerTest() override {
    if (controller) testing::run_task(io, controller->stop());
  }

  boost::asio::io_context io;
  ScriptedReconciler reconciler;
  std::optional<Controller> controller;
  std::vector<std::string> said;
};

TEST_F(ControllerTest, TriesAgainAfterAnErrorUntilItGoesWell) {
  reconciler.script = {Turn::kError, Turn::kError, Turn::kDone};
  start();

  controller->enqueue({"ns", "a"});
  run_until_calls(3);

  EXPECT_EQ(controller->stats().errors, 2U);
  EXPECT_EQ(said, (std::vector<std::string>{"no luck", "no luck"}));
}

TEST_F(ControllerTest, SurvivesAnExceptionAndCountsIt) {
  reconciler.script = {Turn::kThrow, Turn::kDone};
  start();

  controller->enqueue({"ns", "a"});
  run_until_calls(2);

  EXPECT_EQ(controller->stats().exceptions, 1U);
  EXPECT_EQ(said, (std::vector<std::string>{"unexpected: broken world"}));
}

TEST_F(ControllerTest, TriesAgainQuietlyAfterAConflict) {
  reconciler.script = {Turn::kConflict, Turn::kDone};
  start();

  controller->enqueue({"ns", "a"});
  run_until_calls(2);

  EXPECT_EQ(controller->stats().errors, 0U);
  EXPECT_TRUE(said.empty());
}

TEST_F(ControllerTest, LooksAgainWhenTheReconcilerAsksForIt) {
  reconciler.script = {Turn::kAgain, Turn::kAgain, Turn::kDone};
  start();

  controller->enqueue({"ns", "a"});
  run_until_calls(3);

  EXPECT_EQ(reconciler.calls, 3U);
}

TEST_F(ControllerTest, WorksOnAsManyKeysAtOnceAsItHasWorkers) {
  reconciler.dwell = 5;
  start(3);

  for (int i = 0; i < 10; ++i) controller->enqueue({"ns", std::to_string(i)});
  run_until_calls(10);

  EXPECT_EQ(reconciler.most_at_once, 3U);
}

TEST_F(ControllerTest, StoppingWaitsForWhatIsInHandAndDropsTheRest) {
  reconciler.dwell = 5;
  start(2);
  for (int i = 0; i < 10; ++i) controller->enqueue({"ns", std::to_string(i)});
  io.restart();
  while (reconciler.at_once < 2) io.run_one();

  testing::run_task(io, controller->stop());

  EXPECT_EQ(reconciler.at_once, 0U);
  EXPECT_EQ(reconciler.calls, 2U);
}

}  // namespace
}  // namespace mizan::controller
