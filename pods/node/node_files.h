// The files that this node's containers write, for the metrics collectors: read where the volumes
// lie on the host.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "controller/informer.h"
#include "pods/node/folder_watcher.h"
#include "store/pod_files.h"

namespace mizan::pods {

/// Thread: io; reading is done on `files`. Everything given to it outlives it and its streams.
class NodeFiles final : public store::PodFiles {
 public:
  NodeFiles(boost::asio::any_io_executor files, const controller::Informer<Json>& pods,
            FolderWatcher& watcher, std::string data_dir);

  Task<Result<std::unique_ptr<store::FileStream>>> open(std::string ns, std::string pod,
                                                        store::FileRequest request) override;

 private:
  boost::asio::any_io_executor files_;
  const controller::Informer<Json>& pods_;
  FolderWatcher& watcher_;
  std::string data_dir_;
};

}  // namespace mizan::pods
