// Warm trial pods, wired: their controller, what the API knows of their runners, their logs.
#pragma once

#include <memory>
#include <string>

#include "api/lease_api.h"
#include "api/ports.h"
#include "cmd/mizan/data_dir.h"
#include "controller/informer.h"
#include "controller/manager.h"
#include "core/time.h"
#include "pods/job/pod_sizer.h"
#include "pods/warm/warm_logs.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/object_store.h"

namespace mizan::cmd {

/// Thread: io. Everything referred to outlives it.
class WarmPods final : public api::TrialLogs {
 public:
  struct World {
    boost::asio::any_io_executor io, files;
    store::ObjectStore& store;
    const Clock& clock;
    const DataDir& data_dir;
    controller::Informer<resources::Experiment>& experiments;
    controller::Informer<resources::Trial>& trials;
    controller::Informer<Json>& jobs;
    controller::Informer<Json>& pods;
    pods::PodSizer* sizer;
    pods::WarmLogs& logs;
  };
  explicit WarmPods(World world);
  ~WarmPods() override;

  /// After the informers.
  void add_to(controller::Manager& manager);
  /// Where runners find this server, as http://…, and the key of their tokens. Before it starts.
  void serve_at(std::string url, std::string lease_key);
  api::RunnerWords& runner_words();

  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string ns, std::string trial,
                                                       store::LogOptions options) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mizan::cmd
