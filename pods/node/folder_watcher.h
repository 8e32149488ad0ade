// Tells when something changes in a folder, without polling: one inotify descriptor for all of the
// node.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mizan::pods {

/// Thread: io. Subscriptions may outlive it.
class FolderWatcher {
 public:
  explicit FolderWatcher(boost::asio::any_io_executor executor);
  ~FolderWatcher();
  FolderWatcher(const FolderWatcher&) = delete;
  FolderWatcher& operator=(const FolderWatcher&) = delete;

  /// `notify` runs on the io thread when a file was renamed to a place in the folder (how the shim
  /// reports), with `writes` also when one was made or written to, until the handle is dropped; it
  /// may be told of changes that were none. Several may watch one folder. Null when the folder
  /// isn't there.
  std::shared_ptr<void> watch(const std::string& folder, bool writes, std::function<void()> notify);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mizan::pods
