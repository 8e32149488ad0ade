// Runs coroutines from a test: on an io_context that the test owns, in the test's own thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "core/task.h"

namespace mizan::testing {

/// Runs `io` until `task` is done; gives its value or throws its exception. Throws when nothing is
/// left to run although the task waits: such a test would hang.
template <class T>
T run_task(boost::asio::io_context& io, Task<T> task) {
  bool done = false;
  std::exception_ptr thrown;
  std::conditional_t<std::is_void_v<T>, bool, std::optional<T>> value{};
  const auto finish = [&]<class... Values>(std::exception_ptr problem, Values... values) {
    done = true;
    thrown = problem;
    if constexpr (!std::is_void_v<T>) {
      if (!problem) (value.emplace(std::move(values)), ...);
    }
  };
  boost::asio::co_spawn(io, std::move(task), finish);
  io.restart();
  while (!done && io.run_one() > 0) {
  }
  if (!done) throw std::logic_error("the task waits for something that nobody will do");
  if (thrown) std::rethrow_exception(thrown);
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}

/// Runs what is ready, without waiting for timers or other threads.
inline void run_ready(boost::asio::io_context& io) {
  io.restart();
  io.poll();
}

}  // namespace mizan::testing
