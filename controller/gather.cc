// gather: a few runners share the list of tasks.
#include "controller/gather.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "controller/signal.h"

namespace mizan::controller {
namespace {

struct Gathering {
  std::vector<Task<>> tasks;
  std::size_t next = 0;
  std::size_t running = 0;
  std::exception_ptr broken;
  Signal ended;
};

Task<> run_some(Gathering* gathering) {
  while (gathering->next < gathering->tasks.size()) {
    Task<> task = std::move(gathering->tasks[gathering->next++]);
    try {
      co_await std::move(task);
    } catch (...) {
      if (!gathering->broken) gathering->broken = std::current_exception();
    }
  }
}

}  // namespace

Task<> gather(std::vector<Task<>> tasks, std::size_t limit) {
  Gathering gathering;
  gathering.tasks = std::move(tasks);
  const std::size_t runners = std::min(std::max<std::size_t>(limit, 1), gathering.tasks.size());
  const auto executor = co_await boost::asio::this_coro::executor;
  for (std::size_t i = 0; i < runners; ++i) {
    ++gathering.running;
    boost::asio::co_spawn(executor, run_some(&gathering), [&gathering](const std::exception_ptr&) {
      --gathering.running;
      gathering.ended.notify_all();
    });
  }
  while (gathering.running > 0) co_await gathering.ended.wait();
  if (gathering.broken) std::rethrow_exception(gathering.broken);
}

}  // namespace mizan::controller
