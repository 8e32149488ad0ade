// Manager: an ordered list of parts.
#include "controller/manager.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "core/log.h"

namespace mizan::controller {
namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

Task<> start_controller(Controller* controller) {
  controller->start();
  co_return;
}

/// Set when a stop has finished; shared, because the stop may outlive our patience.
struct Finished {
  bool done = false;
  Signal changed;
};

}  // namespace

Manager::Manager(asio::any_io_executor executor) : executor_(std::move(executor)) {}
Manager::~Manager() = default;

void Manager::add(Part part) { parts_.push_back(std::move(part)); }

void Manager::add(Controller& controller) {
  add(Part{controller.name(), [&controller] { return start_controller(&controller); },
           [&controller] { return controller.stop(); }});
}

void Manager::add_informer(std::string name, std::shared_ptr<InformerCore> core) {
  add(Part{std::move(name), [core] { return InformerCore::start(core); },
           [core = std::move(core)] { return InformerCore::finish(core); }});
}

Task<> Manager::start() {
  for (; started_ < parts_.size(); ++started_) {
    co_await parts_[started_].start();
  }
}

Task<std::vector<std::string>> Manager::stop(std::chrono::milliseconds patience) {
  const auto deadline = SteadyClock::now() + patience;
  std::vector<std::string> late;
  while (started_ > 0) {
    Part part = parts_[--started_];
    std::string name = part.name;
    const bool stopped = co_await stop_in_time(std::move(part), deadline);
    if (stopped) continue;
    log_warn("manager", "left behind a part that didn't stop in time", {{"part", name}});
    late.push_back(std::move(name));
  }
  co_return late;
}

Task<bool> Manager::stop_in_time(Part part, SteadyClock::time_point deadline) {
  auto finished = std::make_shared<Finished>();
  asio::co_spawn(executor_, part.stop(),
                 [finished, name = part.name](const std::exception_ptr& broken) {
                   if (broken) log_error("manager", "failed to stop a part", {{"part", name}});
                   finished->done = true;
                   finished->changed.notify_all();
                 });
  while (!finished->done) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) co_return false;
    co_await finished->changed.wait_for(left);
  }
  co_return true;
}

}  // namespace mizan::controller
