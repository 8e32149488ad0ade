// What a real cluster brings itself and the embedded one must: garbage collection, namespace
// deletion, Jobs, the node.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "api/ports.h"
#include "cmd/mizan/data_dir.h"
#include "cmd/mizan/options.h"
#include "controller/informer.h"
#include "controller/manager.h"
#include "core/time.h"
#include "pods/job/pod_sizer.h"
#include "pods/train/train_reconciler.h"
#include "pods/warm/warm_logs.h"
#include "resources/definition.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/object_store.h"
#include "store/pod_files.h"
#include "store/pod_logs.h"

namespace prometheus {
class Registry;
}

namespace mizan::cmd {

/// Thread: io. Everything referred to outlives it.
class EmbeddedCluster final : public api::PodUsage, public api::PodExec, public api::PodResizes {
 public:
  struct World {
    boost::asio::any_io_executor io, files;
    store::ObjectStore& store;
    const resources::ResourceTable& table;
    const Clock& clock;
    prometheus::Registry& metrics;
    const DataDir& data_dir;
    const ServerOptions& options;
  };

  /// Errors: kInvalid for node quantities that can't be read.
  static Result<std::unique_ptr<EmbeddedCluster>> create(World world);
  ~EmbeddedCluster() override;

  void add_to(controller::Manager& manager);
  /// Sizes the pods of trials. The informers are parts of `manager` already and outlive this.
  void size_trials(controller::Informer<resources::Experiment>& experiments,
                   controller::Informer<resources::Trial>& trials, controller::Manager& manager);
  /// As pods::TrialTuner has it; nullopt before size_trials().
  std::optional<std::int64_t> trials_at_once(const resources::Experiment& experiment,
                                             std::int64_t completed) const;
  /// How trainings (TrainJobs) reach this server, before it starts.
  void let_trainings_report(pods::TrainServer server);
  /// For warm pods: the informers of this cluster, and who sizes trials (null before
  /// size_trials()).
  controller::Informer<Json>& jobs();
  controller::Informer<Json>& pods();
  pods::PodSizer* sizer();
  pods::WarmLogs& warm_logs();
  store::PodLogs& logs();
  store::PodFiles& files();
  Task<Result<std::vector<api::ContainerUsage>>> usage(std::string ns, std::string pod) override;

  std::optional<Json> resizes(const std::string& ns, const std::string& pod) const override;

  Task<Result<std::unique_ptr<api::ExecProcess>>> start(std::string ns, std::string pod,
                                                        api::ExecRequest request) override;

  /// No grace for the trials that are being stopped.
  void kill_trials();

 private:
  struct Parts;
  explicit EmbeddedCluster(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mizan::cmd
