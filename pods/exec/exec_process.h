// The node's side of `kubectl exec`: starts the process that joins the container, and carries its
// input and output.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"

namespace mizan::pods {

struct ExecOrder {
  std::string folder, container;
  std::vector<std::string> command;
  bool input = false, terminal = false;
};

struct ExecChunk {
  enum class Stream { kOut, kErr, kEnd };
  Stream stream = Stream::kEnd;
  std::string bytes;
  int exit_code = 0;  // kEnd: 128 + the signal for a process that a signal ended
};

/// Thread: io. Destroying it kills the process and all of its session.
class ExecRun {
 public:
  /// `binary`: the program that has exec_main, called as `binary exec …`. Errors: kInternal.
  static Result<std::unique_ptr<ExecRun>> start(const boost::asio::any_io_executor& executor,
                                                const std::string& binary, ExecOrder order);
  ~ExecRun();

  /// Some output, at most 16 KiB, or the end once the process has ended and its output is read.
  Task<ExecChunk> next();
  Task<bool> write(std::string input);
  void close_input();
  void resize(std::uint16_t columns, std::uint16_t rows);
  /// SIGHUP to its session, as when a terminal goes away.
  void hang_up();

 private:
  struct State;
  explicit ExecRun(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mizan::pods
