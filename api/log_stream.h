// A pod's log as the body of an answer.
#pragma once

#include <memory>

#include "api/http.h"
#include "store/pod_logs.h"

namespace mizan::api {

class LogBody final : public BodyStream {
 public:
  explicit LogBody(std::unique_ptr<store::LogStream> log) : log_(std::move(log)) {}
  Task<Result<std::string>> next() override { co_return co_await log_->next(); }
  void cancel() override { log_->cancel(); }

 private:
  std::unique_ptr<store::LogStream> log_;
};

}  // namespace mizan::api
