// Wiring of the embedded-only controllers.
#include "cmd/mizan/embedded_cluster.h"

#include "cmd/mizan/tuning.h"
#include "controller/garbage_collector.h"
#include "controller/namespace_controller.h"
#include "pods/job/job_reconciler.h"

namespace mizan::cmd {
class NoLogs final : public store::PodLogs {
 public:
  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string, std::string, store::LogOptions) override {
    co_return fail(Code::kNotFound, "no node");
  }
};

struct EmbeddedCluster::Parts {
  explicit Parts(World world_)
      : world(std::move(world_)),
        garbage(world.io, world.store, world.table),
        namespaces(world.io, world.store, world.table),
        job_events(world.store, world.clock, "job-controller"),
        jobs(world.store, store::Selection({"batch", "jobs"}), {}),
        pods(world.store, store::Selection({"", "pods"}), {}, pods::controller_uid_index),
        job_reconciler(world.store, world.clock, job_events, jobs, pods),
        job_controller(world.io, job_reconciler, {.name = "job", .workers = 32, .on_error = {}}) {
    job_reconciler.listen([this](const controller::Request& request) { job_controller.enqueue(request); });
  }

  World world;
  NoLogs logs;
  controller::GarbageCollector garbage;
  controller::NamespaceController namespaces;
  controller::EventRecorder job_events;
  controller::Informer<Json> jobs, pods;
  pods::JobReconciler job_reconciler;
  controller::Controller job_controller;
};

EmbeddedCluster::EmbeddedCluster(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedCluster::~EmbeddedCluster() = default;

Result<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::create(World world) {
  return std::unique_ptr<EmbeddedCluster>(new EmbeddedCluster(std::make_unique<Parts>(std::move(world))));
}

void EmbeddedCluster::add_to(controller::Manager& manager) {
  Parts& parts = *parts_;
  manager.add(part_of("job events", parts.job_events, parts.world.io));
  manager.add("jobs", parts.jobs);
  manager.add("pods", parts.pods);
  manager.add(parts.job_controller);
  manager.add({.name = "garbage collector",
               .start = [&parts] { return parts.garbage.start(); },
               .stop = [&parts] { return parts.garbage.stop(); }});
  manager.add({.name = "namespaces",
               .start = [&parts] { return parts.namespaces.start(); },
               .stop = [&parts] { return parts.namespaces.stop(); }});
}

store::PodLogs& EmbeddedCluster::logs() { return parts_->logs; }

void EmbeddedCluster::kill_trials() {}

}  // namespace mizan::cmd
