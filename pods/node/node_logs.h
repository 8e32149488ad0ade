// The output of this node's pods, for the log API and the metrics collectors: read from the shims'
// files, followed without polling.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "controller/informer.h"
#include "pods/node/folder_watcher.h"
#include "store/pod_logs.h"

namespace mizan::pods {

/// Thread: io; reading is done on `files`. Everything given to it outlives it and its streams.
class NodeLogs final : public store::PodLogs {
 public:
  NodeLogs(boost::asio::any_io_executor files, const controller::Informer<Json>& pods,
           FolderWatcher& watcher, const Clock& clock, std::string data_dir);

  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string ns, std::string pod,
                                                       store::LogOptions options) override;

 private:
  boost::asio::any_io_executor files_;
  const controller::Informer<Json>& pods_;
  FolderWatcher& watcher_;
  const Clock& clock_;
  std::string data_dir_;
};

/// The container that a log request means. Errors: kBadRequest in the API server's words.
Result<std::string> choose_container(const Json& pod, const std::string& wanted);

}  // namespace mizan::pods
