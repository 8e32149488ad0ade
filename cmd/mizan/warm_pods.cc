// The runner is this very program, and what it needs of this server goes into the pods.
#include "cmd/mizan/warm_pods.h"

#include <fcntl.h>

#include <filesystem>

#include "cmd/mizan/tuning.h"
#include "controller/controller.h"
#include "controller/event_recorder.h"
#include "core/executors.h"
#include "core/log.h"
#include "pods/shim/pod_folder.h"
#include "pods/warm/warm_reconciler.h"

namespace mizan::cmd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUrlFile = ".mizan-url";

/// Below the data directory, which pods don't see, but their own working directories they do.
std::string work_folder(const DataDir& dir, const std::string& uid, const std::string& container) {
  std::error_code unknown;
  fs::path root = fs::canonical(dir.path(), unknown);
  if (unknown) root = dir.path();
  return (root / "pods" / uid / "containers" / container / "work").string();
}

/// Blocks. A pod that is gone needs no news.
Result<> write_url(const std::string& folder, const std::string& url) {
  const pods::Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return {};
  return pods::write_file_at(directory.get(), kUrlFile, url + "\n", false);
}

}  // namespace

struct WarmPods::Parts {
  explicit Parts(World world_)
      : world(std::move(world_)),
        events(world.store, world.clock, "warm-pod-controller"),
        reconciler(reconciler_world()),
        controller(world.io, reconciler, {.name = "warm-pods", .workers = 8, .on_error = {}}) {
    std::error_code unknown;
    facts.runner = fs::read_symlink("/proc/self/exe", unknown).string();
    facts.url_file = work_folder(world.data_dir, "$(MIZAN_POD_UID)", "CONTAINER") + "/" + kUrlFile;
    reconciler.listen([this](const controller::Request& request) { controller.enqueue(request); });
  }

  pods::WarmReconciler::World reconciler_world() {
    return {
        .store = world.store,
        .clock = world.clock,
        .recorder = events,
        .experiments = world.experiments,
        .trials = world.trials,
        .jobs = world.jobs,
        .pods = world.pods,
        .sizer = world.sizer,
        .token = [this](const std::string& ns,
                        const std::string& pod) { return api::lease_token(lease_key, ns, pod); },
        .silent_for = [this](const std::string& uid) { return words.silent_for(uid); },
        .announce =
            [this](std::string uid, std::string container) {
              return announce(std::move(uid), std::move(container));
            },
        .facts = [this] { return facts; }};
  }

  Task<> announce(std::string uid, std::string container) {
    auto write = [folder = work_folder(world.data_dir, uid, container), url = facts.url] {
      return write_url(folder, url);
    };
    const Result<> written = co_await run_on(world.files, std::move(write));
    if (!written)
      log_warn("warm-pods", "could not tell a pod where the server is",
               {{"pod", uid}, {"error", written.error().message}});
  }

  World world;
  controller::EventRecorder events;
  api::RunnerWords words;
  std::string lease_key;
  pods::WarmPodFacts facts;
  pods::WarmReconciler reconciler;
  controller::Controller controller;
};

WarmPods::WarmPods(World world) : parts_(std::make_unique<Parts>(std::move(world))) {}
WarmPods::~WarmPods() = default;

void WarmPods::add_to(controller::Manager& manager) {
  manager.add(part_of("warm pod events", parts_->events, parts_->world.io));
  manager.add(parts_->controller);
}

void WarmPods::serve_at(std::string url, std::string lease_key) {
  parts_->facts.url = std::move(url);
  parts_->lease_key = std::move(lease_key);
}

api::RunnerWords& WarmPods::runner_words() { return parts_->words; }

Task<Result<std::unique_ptr<store::LogStream>>> WarmPods::open(std::string ns, std::string trial,
                                                               store::LogOptions options) {
  return parts_->world.logs.open_trial(std::move(ns), std::move(trial), std::move(options));
}

}  // namespace mizan::cmd
