// Where code runs.
//
//   io       one thread: sockets, timers, watches, all reconcilers. Nothing blocks it for more than
//            5 ms.
//   numbers  cores - 1 threads (at least one) that give way to all others (background_threads.h):
//            model fits, and draws that learn from results.
//   light    one thread: draws that don't, so that they never wait for a fit.
//   files    two threads: log files, directories, anything that may wait for a disk.
// SQLite's writer and its checkpoints have threads of their own inside store/.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/task.h"

namespace mizan {

/// Runs `work()` on `executor` and resumes on the executor the caller came from, with its value or
/// exception. The caller must outlive nothing: `work` is moved into the pool and owns what it
/// needs.
template <class Executor, class Work>
Task<std::invoke_result_t<Work>> run_on(Executor executor, Work work) {
  using Value = std::invoke_result_t<Work>;
  // A plain coroutine on the other executor: co_spawn brings the value or the exception back to
  // ours.
  auto body = [](Work inner) -> Task<Value> { co_return inner(); };
  co_return co_await boost::asio::co_spawn(std::move(executor), body(std::move(work)),
                                           boost::asio::use_awaitable);
}

}  // namespace mizan
