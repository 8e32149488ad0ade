// inotify on the pods' folders, read on the io thread.
#include "pods/node/folder_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <list>
#include <map>
#include <stdexcept>
#include <vector>

namespace mizan::pods {
namespace asio = boost::asio;

struct FolderWatcher::State : std::enable_shared_from_this<State> {
  using Notify = std::function<void()>;
  struct Subscriber {
    bool writes = false;
    std::shared_ptr<Notify> notify;
  };

  explicit State(const asio::any_io_executor& executor) : descriptor(executor, open()) {}

  static int open() {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) throw std::runtime_error("no inotify instance (fs.inotify.max_user_instances)");
    return fd;
  }

  void wait() {
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [self = weak_from_this()](const boost::system::error_code& error) {
                            const std::shared_ptr<State> state = self.lock();
                            if (error || !state) return;
                            state->read();
                            state->wait();
                          });
  }

  void read() {
    alignas(inotify_event) char buffer[16 * 1024];
    ssize_t got = 0;
    while ((got = ::read(descriptor.native_handle(), buffer, sizeof buffer)) > 0) {
      for (ssize_t at = 0; at < got;) {
        inotify_event event{};
        std::copy_n(buffer + at, sizeof event, reinterpret_cast<char*>(&event));
        at += static_cast<ssize_t>(sizeof event + event.len);
        tell(event.wd, (event.mask & IN_MOVED_TO) == 0);
        if ((event.mask & IN_IGNORED) != 0) subscribers.erase(event.wd);
      }
    }
  }

  void tell(int watch, bool written) {
    std::vector<std::shared_ptr<Notify>> now;  // a subscriber may drop itself or others
    if (watch == -1) {                         // the queue overflowed: anything may have changed
      for (const auto& [wd, all] : subscribers) {
        for (const Subscriber& each : all) now.push_back(each.notify);
      }
    } else if (const auto found = subscribers.find(watch); found != subscribers.end()) {
      for (const Subscriber& each : found->second) {
        if (each.writes || !written) now.push_back(each.notify);
      }
    }
    for (const std::shared_ptr<Notify>& notify : now) {
      if (*notify) (*notify)();
    }
  }

  void drop(int watch, const std::shared_ptr<Notify>& notify) {
    *notify = nullptr;
    const auto found = subscribers.find(watch);
    if (found == subscribers.end()) return;
    std::erase_if(found->second, [&](const Subscriber& each) { return each.notify == notify; });
    if (!found->second.empty()) return;
    subscribers.erase(found);
    ::inotify_rm_watch(descriptor.native_handle(), watch);
  }

  asio::posix::stream_descriptor descriptor;
  std::map<int, std::vector<Subscriber>> subscribers;
};

FolderWatcher::FolderWatcher(asio::any_io_executor executor)
    : state_(std::make_shared<State>(executor)) {
  state_->wait();
}

FolderWatcher::~FolderWatcher() {
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

std::shared_ptr<void> FolderWatcher::watch(const std::string& folder, bool writes,
                                           std::function<void()> notify) {
  // The kernel has one watch for a folder, however often it is asked for; its mask is widened,
  // never narrowed.
  const std::uint32_t mask =
      IN_MOVED_TO | IN_ONLYDIR | IN_MASK_ADD | (writes ? std::uint32_t{IN_MODIFY | IN_CREATE} : 0U);
  const int watch = ::inotify_add_watch(state_->descriptor.native_handle(), folder.c_str(), mask);
  if (watch < 0) return nullptr;
  auto shared = std::make_shared<State::Notify>(std::move(notify));
  state_->subscribers[watch].push_back({writes, shared});
  return {shared.get(), [state = std::weak_ptr<State>(state_), watch, shared](void*) {
            if (const std::shared_ptr<State> alive = state.lock()) alive->drop(watch, shared);
          }};
}

}  // namespace mizan::pods
