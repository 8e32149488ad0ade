// Runs an io_context until something is so; a test that waits in vain fails with a sentence instead
// of hanging.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <stdexcept>

namespace mizan::testing {

template <class Condition>
void run_until(boost::asio::io_context& io, Condition holds,
               std::chrono::seconds patience = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain");
    io.restart();
    io.run_one_for(std::chrono::milliseconds(20));
  }
}

}  // namespace mizan::testing
