// Starts informers and controllers in order, and stops them in the reverse order.
//
// What is added first is started first and stopped last: informers before the controllers that read
// them. A part that doesn't stop within the patience is named in the log and left behind.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/controller.h"
#include "controller/informer.h"

namespace mizan::controller {

/// Thread: io. What was added outlives it.
class Manager {
 public:
  explicit Manager(boost::asio::any_io_executor executor);
  ~Manager();

  struct Part {
    std::string name;
    std::function<Task<>()> start;  // resumes when the part is up
    std::function<Task<>()> stop;   // resumes when nothing of it runs any more
  };
  void add(Part part);
  void add(Controller& controller);
  template <class T>
  void add(std::string name, Informer<T>& informer) {
    add_informer(std::move(name), informer.core());
  }

  /// Each part in the order of add(). Parts that failed to start throw.
  Task<> start();
  /// In reverse. Returns the names of those that didn't stop in time.
  Task<std::vector<std::string>> stop(std::chrono::milliseconds patience);

 private:
  struct State;
  void add_informer(std::string name, std::shared_ptr<InformerCore> core);
  Task<bool> stop_in_time(Part part, std::chrono::steady_clock::time_point deadline);

  boost::asio::any_io_executor executor_;
  std::vector<Part> parts_;
  std::size_t started_ = 0;
};

}  // namespace mizan::controller
