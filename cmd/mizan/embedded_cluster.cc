// Wiring of the embedded-only controllers and the node.
#include "cmd/mizan/embedded_cluster.h"

#include "cmd/mizan/tuning.h"
#include "controller/garbage_collector.h"
#include "controller/namespace_controller.h"
#include "pods/job/job_reconciler.h"
#include "pods/node/embedded_node.h"
#include "pods/tuner/trial_tuner.h"
#include "resources/known_resources.h"

namespace mizan::cmd {
namespace {

constexpr const char* kTrainer = "trainer.kubeflow.org";

pods::NodeConfig node_config(const EmbeddedCluster::World& world) {
  pods::NodeConfig config;
  config.data_dir = world.data_dir.path().string();
  config.size.cpu = world.options.node_cpu.value_or("");
  config.size.memory = world.options.node_memory.value_or("");
  config.size.extra = world.options.node_resources;
  config.cgroup_root = world.options.cgroup_root;
  config.shim_binary = "/proc/self/exe";
  config.version = "v" MIZAN_VERSION;
  config.allow_host_path = world.options.allow_host_path;
  return config;
}

/// The node's process, as the API knows it.
class ExecBridge final : public api::ExecProcess {
 public:
  explicit ExecBridge(std::unique_ptr<pods::ExecRun> run) : run_(std::move(run)) {}

  Task<Result<api::ExecOutput>> next() override {
    pods::ExecChunk chunk = co_await run_->next();
    const auto stream =
        chunk.stream == pods::ExecChunk::Stream::kOut   ? api::ExecOutput::Stream::kOut
        : chunk.stream == pods::ExecChunk::Stream::kErr ? api::ExecOutput::Stream::kErr
                                                        : api::ExecOutput::Stream::kEnd;
    co_return api::ExecOutput{stream, std::move(chunk.bytes), chunk.exit_code, {}};
  }
  Task<bool> write(std::string input) override { return run_->write(std::move(input)); }
  void close_input() override { run_->close_input(); }
  void resize(std::uint16_t columns, std::uint16_t rows) override { run_->resize(columns, rows); }
  void cancel() override { run_->hang_up(); }

 private:
  std::unique_ptr<pods::ExecRun> run_;
};

pods::TrialSize size_of(const pods::Amounts& amounts) {
  const auto memory = amounts.find("memory"), cpu = amounts.find("cpu");
  return {.memory = memory == amounts.end() ? 0 : memory->second.units(),
          .cpu = cpu == amounts.end() ? 0 : cpu->second.milli()};
}

/// A class with start() and stop() as a part of a manager.
template <class Component>
controller::Manager::Part part_named(const char* name, Component& component) {
  return {.name = name,
          .start = [&component] { return component.start(); },
          .stop = [&component] { return component.stop(); }};
}

}  // namespace

struct EmbeddedCluster::Parts {
  explicit Parts(World world_)
      : world(std::move(world_)),
        garbage(world.io, world.store, world.table),
        namespaces(world.io, world.store, world.table),
        node_events(world.store, world.clock, "node"),
        job_events(world.store, world.clock, "job-controller"),
        tuner_events(world.store, world.clock, "resource-tuner"),
        jobs(world.store, store::Selection(resources::kJobs), {}, pods::controller_uid_index),
        pods(world.store, store::Selection(resources::kPods), {}, pods::controller_uid_index),
        job_reconciler(world.store, world.clock, job_events, jobs, pods),
        job_controller(world.io, job_reconciler, {.name = "job", .workers = 64, .on_error = {}}),
        train_events(world.store, world.clock, "trainjob-controller"),
        train_jobs(world.store, store::Selection(resources::kTrainJobs), {}),
        cluster_runtimes(world.store, store::Selection({kTrainer, "clustertrainingruntimes"}), {}),
        runtimes(world.store, store::Selection({kTrainer, "trainingruntimes"}), {}),
        train_reconciler({.store = world.store,
                          .clock = world.clock,
                          .recorder = train_events,
                          .train_jobs = train_jobs,
                          .cluster_runtimes = cluster_runtimes,
                          .runtimes = runtimes,
                          .jobs = jobs}),
        train_controller(world.io, train_reconciler,
                         {.name = "trainjob", .workers = 16, .on_error = {}}) {
    job_reconciler.listen(
        [this](const controller::Request& request) { job_controller.enqueue(request); });
    train_reconciler.listen(
        [this](const controller::Request& request) { train_controller.enqueue(request); });
  }

  /// The node is up: it knows whether pods can mount the token by which a training reports.
  Task<> start_trainings() {
    if (node->mounts_volumes()) train_reconciler.report_to(std::move(train_server));
    train_controller.start();
    co_return;
  }

  Task<> stop_node() {
    return node->stop(world.options.stop_trials ? pods::EmbeddedNode::Pods::kStop
                                                : pods::EmbeddedNode::Pods::kKeepRunning);
  }

  World world;
  controller::GarbageCollector garbage;
  controller::NamespaceController namespaces;
  controller::EventRecorder node_events, job_events, tuner_events;
  controller::Informer<Json> jobs, pods;
  std::unique_ptr<pods::EmbeddedNode> node;
  std::unique_ptr<pods::WarmLogs> warm_logs;  // of `node`, and of single trials on warm pods
  pods::JobReconciler job_reconciler;
  controller::Controller job_controller;
  controller::EventRecorder train_events;
  controller::Informer<Json> train_jobs, cluster_runtimes, runtimes;
  pods::TrainReconciler train_reconciler;
  controller::Controller train_controller;
  pods::TrainServer train_server;
  std::unique_ptr<pods::TrialTuner> tuner;
  std::unique_ptr<controller::Controller> tuner_controller;
};

EmbeddedCluster::EmbeddedCluster(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedCluster::~EmbeddedCluster() = default;

Result<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::create(World world) {
  auto parts = std::make_unique<Parts>(std::move(world));
  pods::EmbeddedNode::World node_world{.io = parts->world.io,
                                       .files = parts->world.files,
                                       .store = parts->world.store,
                                       .pods = parts->pods,
                                       .clock = parts->world.clock,
                                       .recorder = parts->node_events};
  TRY(parts->node, pods::EmbeddedNode::create(std::move(node_world), node_config(parts->world)));
  parts->warm_logs = std::make_unique<pods::WarmLogs>(parts->node->logs(), parts->pods);
  return std::unique_ptr<EmbeddedCluster>(new EmbeddedCluster(std::move(parts)));
}

void EmbeddedCluster::add_to(controller::Manager& manager) {
  Parts& parts = *parts_;
  manager.add(part_of("node events", parts.node_events, parts.world.io));
  manager.add(part_of("job events", parts.job_events, parts.world.io));
  manager.add("pods", parts.pods);
  manager.add("jobs", parts.jobs);
  // The node before the Job controller: stopped after it, so that pods it ends are not made again
  // at once.
  manager.add({.name = "node",
               .start = [&parts] { return parts.node->start(); },
               .stop = [&parts] { return parts.stop_node(); }});
  manager.add(parts.job_controller);
  manager.add(part_of("trainjob events", parts.train_events, parts.world.io));
  manager.add("training runtimes", parts.runtimes);
  manager.add("cluster training runtimes", parts.cluster_runtimes);
  manager.add("trainjobs", parts.train_jobs);
  manager.add({.name = "trainjob",
               .start = [&parts] { return parts.start_trainings(); },
               .stop = [&parts] { return parts.train_controller.stop(); }});
  manager.add(part_named("garbage collector", parts.garbage));
  manager.add(part_named("namespaces", parts.namespaces));
}

void EmbeddedCluster::size_trials(controller::Informer<resources::Experiment>& experiments,
                                  controller::Informer<resources::Trial>& trials,
                                  controller::Manager& manager) {
  Parts& parts = *parts_;
  pods::TrialTuner::World world{.store = parts.world.store,
                                .experiments = experiments,
                                .trials = trials,
                                .pods = parts.pods,
                                .recorder = parts.tuner_events,
                                .clock = parts.world.clock,
                                .usage =
                                    [&parts](std::string ns, std::string pod) {
                                      return parts.node->usage(std::move(ns), std::move(pod));
                                    },
                                .node = [&parts] { return size_of(parts.node->capacity()); },
                                .metrics = &parts.world.metrics};
  parts.tuner = std::make_unique<pods::TrialTuner>(std::move(world));
  controller::Controller::Options options{.name = "tuner", .workers = 8, .on_error = {}};
  parts.tuner_controller =
      std::make_unique<controller::Controller>(parts.world.io, *parts.tuner, std::move(options));
  parts.tuner->listen(
      [&parts](const controller::Request& pod) { parts.tuner_controller->enqueue(pod); });
  parts.job_reconciler.size_with(*parts.tuner);
  manager.add(part_of("tuner events", parts.tuner_events, parts.world.io));
  manager.add(*parts.tuner_controller);
}

void EmbeddedCluster::let_trainings_report(pods::TrainServer server) {
  parts_->train_server = std::move(server);
}

std::optional<std::int64_t> EmbeddedCluster::trials_at_once(const resources::Experiment& experiment,
                                                            std::int64_t completed) const {
  return parts_->tuner ? parts_->tuner->trials_at_once(experiment, completed) : std::nullopt;
}

std::optional<Json> EmbeddedCluster::resizes(const std::string& ns, const std::string& pod) const {
  return parts_->tuner ? parts_->tuner->history().of(ns, pod) : std::nullopt;
}

controller::Informer<Json>& EmbeddedCluster::jobs() { return parts_->jobs; }
controller::Informer<Json>& EmbeddedCluster::pods() { return parts_->pods; }
pods::PodSizer* EmbeddedCluster::sizer() { return parts_->tuner.get(); }
pods::WarmLogs& EmbeddedCluster::warm_logs() { return *parts_->warm_logs; }
store::PodLogs& EmbeddedCluster::logs() { return *parts_->warm_logs; }
store::PodFiles& EmbeddedCluster::files() { return parts_->node->files(); }

Task<Result<std::vector<api::ContainerUsage>>> EmbeddedCluster::usage(std::string ns,
                                                                      std::string pod) {
  CO_TRY(const auto used, co_await parts_->node->usage(std::move(ns), std::move(pod)));
  std::vector<api::ContainerUsage> containers;
  for (const pods::ContainerUse& use : used) {
    containers.push_back({.container = use.container,
                          .cpu_nanocores = use.cpu_nanocores,
                          .memory_bytes = use.memory_bytes});
  }
  co_return containers;
}

Task<Result<std::unique_ptr<api::ExecProcess>>> EmbeddedCluster::start(std::string ns,
                                                                       std::string pod,
                                                                       api::ExecRequest request) {
  pods::ExecOrder order{.folder = {},
                        .container = std::move(request.container),
                        .command = std::move(request.command),
                        .input = request.input,
                        .terminal = request.terminal};
  CO_TRY(auto run, co_await parts_->node->exec(std::move(ns), std::move(pod), std::move(order)));
  co_return std::make_unique<ExecBridge>(std::move(run));
}

void EmbeddedCluster::kill_trials() { parts_->node->kill(); }

}  // namespace mizan::cmd
