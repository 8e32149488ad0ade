// Puts the node's parts together and starts and stops them in order.
#include "pods/node/embedded_node.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <stdexcept>

#include "controller/controller.h"
#include "core/executors.h"
#include "core/log.h"
#include "pods/node/node_files.h"
#include "pods/node/node_logs.h"
#include "pods/node/node_object.h"
#include "pods/node/pod_keeper.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kWorkers = 32;

std::string canonical(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path + "/pods", error);
  const std::filesystem::path whole = std::filesystem::canonical(path, error);
  return error ? path : whole.string();
}

}  // namespace

struct EmbeddedNode::Parts {
  Parts(World world_, NodeConfig config_, Amounts capacity_)
      : world(std::move(world_)),
        config(std::move(config_)),
        capacity(std::move(capacity_)),
        machine(machine_info()),
        launcher(world.io, config.shim_binary),
        watcher(world.io),
        logs(world.files, world.pods, watcher, world.clock, config.data_dir),
        container_files(world.files, world.pods, watcher, config.data_dir) {
    if (config.node_name.empty()) config.node_name = machine.hostname;
    world.pods.on_change(
        [weak = std::weak_ptr<Parts*>(self)](const controller::Informer<Json>::Event& event) {
          const std::shared_ptr<Parts*> alive = weak.lock();  // the informer may outlive the node
          if (alive && (*alive)->keeper) (*alive)->keeper->pod_changed(event);
        });
  }

  std::shared_ptr<Parts*> self = std::make_shared<Parts*>(this);
  World world;
  NodeConfig config;
  Amounts capacity;
  MachineInfo machine;
  std::unique_ptr<Cgroups> cgroups;
  ShimLauncher launcher;
  FolderWatcher watcher;
  NodeLogs logs;
  NodeFiles container_files;
  std::unique_ptr<NodeUsage> usage;
  std::unique_ptr<PodKeeper> keeper;
  std::unique_ptr<controller::Controller> pods;
  Isolation isolation = Isolation::kNone;
  controller::Signal stopping;
  bool stopped = false, beating = false;

  NodeObjectFacts facts() const {
    NodeObjectFacts facts;
    facts.name = config.node_name;
    facts.version = config.version;
    facts.capacity = capacity;
    facts.machine = machine;
    facts.isolation = isolation;
    facts.limits_cpu = cgroups && cgroups->limits_cpu();
    facts.limits_memory = cgroups && cgroups->limits_memory();
    facts.cgroups = cgroups ? cgroups->description() : "";
    return facts;
  }

  Task<> find_means() {
    if (config.use_cgroups) {
      auto choose = [choice = CgroupChoice{config.cgroup_root, config.data_dir}] {
        return choose_cgroups(choice);
      };
      cgroups = co_await run_on(world.files, std::move(choose));
    }
    const auto probed = co_await launcher.probe();
    if (!probed)
      throw std::runtime_error("the embedded node can't start shims: " + probed.error().message);
    isolation = *probed;
    log_info("node", "found its means",
             {{"cgroups", cgroups ? cgroups->description() : "none"},
              {"isolation", std::string(to_string(isolation))}});
  }

  void build_keeper() {
    NodeFacts node;
    node.data_dir = config.data_dir;
    node.boot_id = machine.boot_id;
    node.search_path = config.search_path;
    node.isolation = isolation;
    node.allow_host_path = config.allow_host_path;
    node.allocatable = capacity;
    node.cgroups = cgroups.get();
    node.restart_backoff = config.restart_backoff;
    PodKeeper::World keeper_world{world.io,   world.files, world.store,
                                  world.pods, world.clock, world.recorder,
                                  launcher,   watcher,     cgroups.get()};
    keeper = std::make_unique<PodKeeper>(std::move(keeper_world), config, config.node_name,
                                         std::move(node));
    controller::Controller::Options options;
    options.name = "node";
    options.workers = kWorkers;
    pods = std::make_unique<controller::Controller>(world.io, *keeper, std::move(options));
    keeper->enqueue_with([this](const controller::Request& pod) { pods->enqueue(pod); });
    usage = std::make_unique<NodeUsage>(world.files, world.pods, cgroups.get(), config.data_dir);
  }

  Task<Result<>> write_node() {
    const store::Key key({"", "nodes"}, "", config.node_name);
    auto stored = co_await world.store.get(key);
    if (!stored && stored.error().code != Code::kNotFound) co_return fail(stored.error());
    Json node = node_object(facts(), world.clock.now(), stored ? **stored : Json());
    if (!stored) {
      auto created = co_await world.store.create({"", "nodes"}, "", node);
      if (!created && created.error().code != Code::kAlreadyExists) co_return fail(created.error());
    }
    Json body{{"status", node["status"]}};
    store::Patch patch(store::PatchType::kMerge, std::move(body));
    auto written = co_await world.store.patch(key, "status", std::move(patch));
    if (!written) co_return fail(written.error());
    co_return Result<>{};
  }

  Task<> beat() {
    while (!stopped) {
      (void)co_await stopping.wait_for(config.heartbeat);
      if (stopped) break;
      if (auto written = co_await write_node(); !written)
        log_warn("node", "could not write its heartbeat", {{"error", written.error().message}});
    }
    beating = false;
    stopping.notify_all();
  }
};

EmbeddedNode::EmbeddedNode(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedNode::~EmbeddedNode() = default;

Result<std::unique_ptr<EmbeddedNode>> EmbeddedNode::create(World world, NodeConfig config) {
  TRY(Amounts capacity, node_capacity(config.size));
  config.data_dir = canonical(config.data_dir);
  auto parts = std::make_unique<Parts>(std::move(world), std::move(config), std::move(capacity));
  return std::unique_ptr<EmbeddedNode>(new EmbeddedNode(std::move(parts)));
}

Task<> EmbeddedNode::start() {
  Parts& parts = *parts_;
  co_await parts.find_means();
  if (auto written = co_await parts.write_node(); !written)
    throw std::runtime_error("the Node object can't be written: " + written.error().message);
  parts.build_keeper();
  co_await parts.keeper->recover();
  parts.pods->start();
  parts.beating = true;
  asio::co_spawn(parts.world.io, parts.beat(), asio::detached);
}

Task<> EmbeddedNode::stop(Pods pods, std::chrono::milliseconds grace) {
  Parts& parts = *parts_;
  parts.stopped = true;
  parts.stopping.notify_all();
  if (!parts.pods) co_return;
  co_await parts.pods->stop();
  while (parts.beating) co_await parts.stopping.wait();
  if (pods == Pods::kStop) co_await parts.keeper->stop_all(grace);
  if (parts.cgroups) {
    auto tidy = [cgroups = parts.cgroups.get()] {
      cgroups->remove_root();
    };  // stays where pods are
    co_await run_on(parts.world.files, std::move(tidy));
  }
}

void EmbeddedNode::kill() {
  if (parts_->keeper) parts_->keeper->kill_all();
}

store::PodLogs& EmbeddedNode::logs() { return parts_->logs; }
store::PodFiles& EmbeddedNode::files() { return parts_->container_files; }

Task<Result<std::vector<ContainerUse>>> EmbeddedNode::usage(std::string ns, std::string pod) {
  if (!parts_->usage) co_return fail(Code::kUnavailable, "the node has not started yet");
  co_return co_await parts_->usage->usage(std::move(ns), std::move(pod));
}

Task<Result<std::unique_ptr<ExecRun>>> EmbeddedNode::exec(std::string ns, std::string pod,
                                                          ExecOrder order) {
  const auto object = parts_->world.pods.get(ns, pod);
  if (!object) co_return fail(Code::kNotFound, "pods \"" + pod + "\" not found");
  if (string_at(*object, "status.phase") != "Running") {
    co_return fail(Code::kBadRequest,
                   "cannot exec into a container in a completed pod; current "
                   "phase is " +
                       string_at(*object, "status.phase"));
  }
  const Json& containers = object->at("spec").at("containers");
  if (order.container.empty() && containers.size() == 1)
    order.container = string_at(containers[0], "name");
  if (order.container.empty()) {
    co_return fail(Code::kBadRequest,
                   "a container name must be specified for pod " + pod + ": it has several");
  }
  order.folder = parts_->config.data_dir + "/pods/" + resources::uid_of(*object);
  co_return ExecRun::start(parts_->world.io, parts_->config.shim_binary, std::move(order));
}

const std::string& EmbeddedNode::name() const { return parts_->config.node_name; }
bool EmbeddedNode::mounts_volumes() const {
  return parts_->isolation == Isolation::kMounts || parts_->isolation == Isolation::kUserMounts;
}

const Amounts& EmbeddedNode::capacity() const { return parts_->capacity; }
std::size_t EmbeddedNode::running_pods() const {
  return parts_->keeper ? parts_->keeper->running() : 0;
}

}  // namespace mizan::pods
