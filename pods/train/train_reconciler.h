// Runs trainer.kubeflow.org/v1alpha1 TrainJobs in the embedded cluster: reads, plans (train_plan),
// applies.
#pragma once

#include <functional>
#include <string>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "pods/train/train_plan.h"
#include "store/object_store.h"

namespace mizan::pods {

/// How trainings reach this server to tell how far they are. Empty address: they can't.
struct TrainServer {
  std::string address;         // "https://127.0.0.1:8080"
  std::string ca_certificate;  // PEM
  /// A token good for telling the status of that TrainJob, and for nothing else.
  std::function<std::string(const std::string& ns, const std::string& name, const std::string& uid)>
      token;
};

/// Thread: io. Everything given to it outlives it.
class TrainReconciler final : public controller::Reconciler {
 public:
  struct World {
    store::ObjectStore& store;
    const Clock& clock;
    controller::Recorder& recorder;
    controller::Informer<Json>& train_jobs;
    controller::Informer<Json>& cluster_runtimes;
    controller::Informer<Json>& runtimes;
    controller::Informer<Json>& jobs;  // indexed by controller_uid_index
  };
  explicit TrainReconciler(World world);

  /// Before the first reconcile.
  void report_to(TrainServer server) { server_ = std::move(server); }
  /// Listens to all informers, before they run.
  void listen(const std::function<void(const controller::Request&)>& enqueue);

  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

 private:
  using ObjectPtr = std::shared_ptr<const Json>;
  ObjectPtr runtime_of(const Json& train_job) const;
  TrainReporting reporting_for(const Json& train_job) const;
  Task<Result<>> apply(ObjectPtr train_job, TrainPlan plan, std::string secret);
  Task<Result<>> create_job(ObjectPtr train_job, Json job);
  Task<Result<>> create_secret(ObjectPtr train_job, std::string name);
  Task<Result<>> suspend_job(std::string ns, std::string name, bool suspend);

  World world_;
  TrainServer server_;
};

}  // namespace mizan::pods
