// See background_threads.h. On Linux a priority is a thread's, not the process's.
#include "core/background_threads.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/log.h"

namespace mizan {
namespace {

// A tenth of the share of the program's other threads, and hardly ever in their way when they wake
// up.
constexpr int kNicer = 10, kNicest = 19;

void give_way() {
  const auto thread = static_cast<id_t>(gettid());
  const int nice = std::min(getpriority(PRIO_PROCESS, thread) + kNicer, kNicest);
  if (setpriority(PRIO_PROCESS, thread, nice) != 0)
    log_warn("threads", "computations run at full priority",
             {{"error", std::system_category().message(errno)}});
}

}  // namespace

BackgroundThreads::BackgroundThreads(std::size_t threads) : guard_(context_.get_executor()) {
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this] {
      give_way();
      context_.run();
    });
}

void BackgroundThreads::join() {
  guard_.reset();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace mizan
