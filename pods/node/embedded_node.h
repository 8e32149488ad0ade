// The embedded cluster's one node: registers itself, runs its pods through shims, gives their logs
// and what they use.
//
// Its parts meet in folders and in the store; it may be destroyed and built anew while pods run.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "controller/informer.h"
#include "controller/recorder.h"
#include "core/time.h"
#include "pods/exec/exec_process.h"
#include "pods/node/capacity_ledger.h"
#include "pods/node/node_config.h"
#include "pods/node/node_usage.h"
#include "store/object_store.h"
#include "store/pod_files.h"
#include "store/pod_logs.h"

namespace mizan::pods {

/// Thread: io; `files` is for what waits for disks. Everything given to it outlives it.
class EmbeddedNode {
 public:
  struct World {
    boost::asio::any_io_executor io, files;
    store::ObjectStore& store;
    controller::Informer<Json>& pods;  // all pods; not running yet when the node is made
    const Clock& clock;
    controller::Recorder& recorder;
  };

  /// Errors: kInvalid for sizes that can't be read.
  static Result<std::unique_ptr<EmbeddedNode>> create(World world, NodeConfig config);
  ~EmbeddedNode();

  /// After the informer of pods is synced. Takes back the pods of an earlier server. Throws when
  /// the Node object can't be written.
  Task<> start();

  enum class Pods { kKeepRunning, kStop };
  /// kStop: SIGTERM, and SIGKILL after `grace`; pods that a controller made are removed, to be made
  /// again.
  Task<> stop(Pods pods, std::chrono::milliseconds grace = std::chrono::seconds(3));
  /// No grace any more for what stop() waits for.
  void kill();

  store::PodLogs& logs();
  store::PodFiles& files();
  Task<Result<std::vector<ContainerUse>>> usage(std::string ns, std::string pod);

  /// A further process in a running container; `order.folder` is filled in here, and an empty
  /// container means the pod's only one. Errors: kNotFound, kBadRequest when it doesn't run.
  Task<Result<std::unique_ptr<ExecRun>>> exec(std::string ns, std::string pod, ExecOrder order);

  const std::string& name() const;
  const Amounts& capacity() const;
  std::size_t running_pods() const;
  /// After start(): whether pods that mount volumes can run on this host.
  bool mounts_volumes() const;

 private:
  struct Parts;
  explicit EmbeddedNode(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mizan::pods
