// Threads for long computations, which give way to all others of the program.
//
// Where a model's fit and the io thread want the same core, the io thread gets it at once: an
// answer that takes a millisecond must not wait for a computation that takes a hundred.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <thread>
#include <vector>

namespace mizan {

/// Work that throws ends the program, as in boost::asio::thread_pool.
class BackgroundThreads {
 public:
  explicit BackgroundThreads(std::size_t threads);
  ~BackgroundThreads() { join(); }
  BackgroundThreads(const BackgroundThreads&) = delete;
  BackgroundThreads& operator=(const BackgroundThreads&) = delete;

  boost::asio::any_io_executor get_executor() { return context_.get_executor(); }
  /// Does what was given to them, then ends them. Idempotent; not from one of them.
  void join();

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::vector<std::thread> threads_;
};

}  // namespace mizan
