// Controller: workers take keys, reconcile behind the fence, and settle what comes next.
#include "controller/controller.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "core/log.h"

namespace mizan::controller {
namespace asio = boost::asio;

namespace {

bool is_quiet(Code code) { return code == Code::kConflict || code == Code::kCancelled; }

}  // namespace

Controller::Controller(asio::any_io_executor executor, Reconciler& reconciler, Options options)
    : executor_(std::move(executor)),
      reconciler_(reconciler),
      options_(std::move(options)),
      queue_(executor_) {}

void Controller::start() {
  for (std::size_t i = 0; i < options_.workers; ++i) {
    ++running_;
    asio::co_spawn(executor_, work(), [this](const std::exception_ptr& broken) {
      --running_;
      if (broken) std::rethrow_exception(broken);
      worker_ended_.notify_all();
    });
  }
}

Task<> Controller::stop() {
  queue_.shut_down();
  while (running_ > 0) co_await worker_ended_.wait();
}

Task<> Controller::work() {
  while (true) {
    std::optional<Request> request = co_await queue_.next();
    if (!request) co_return;
    const Result<RequeueAfter> outcome = co_await guarded(*request);
    settle(*request, outcome);
    queue_.done(*request);
  }
}

Task<Result<RequeueAfter>> Controller::guarded(Request request) {
  ++stats_.reconciles;
  try {
    co_return co_await reconciler_.reconcile(request);
  } catch (const std::exception& broken) {
    ++stats_.exceptions;
    co_return fail(Code::kInternal, std::string("unexpected: ") + broken.what());
  }
}

void Controller::settle(const Request& request, const Result<RequeueAfter>& outcome) {
  if (outcome) {
    backoff_.succeeded(request);
    if (*outcome) queue_.add_after(request, **outcome);
    return;
  }
  const std::chrono::milliseconds delay = backoff_.failed(request);
  queue_.add_after(request, delay);
  if (is_quiet(outcome.error().code)) return;
  ++stats_.errors;
  log_warn(options_.name, "failed to reconcile",
           {{"object", request.ns + "/" + request.name},
            {"code", std::string(to_string(outcome.error().code))},
            {"error", outcome.error().message},
            {"again_in_ms", std::to_string(delay.count())}});
  if (options_.on_error) options_.on_error(request, outcome.error());
}

}  // namespace mizan::controller
