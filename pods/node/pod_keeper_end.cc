// The pod keeper's other half: taking pods back after a restart, and ending them.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/executors.h"
#include "core/log.h"
#include "pods/node/pod_local.h"
#include "pods/node/pod_resources.h"
#include "pods/node/pod_status.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace asio = boost::asio;
using controller::RequeueAfter;

namespace {

struct FoundFolder {
  std::string uid;
  FolderState state;
};

std::vector<FoundFolder> inspect_all(const std::string& data_dir) {
  std::vector<FoundFolder> found;
  for (std::string& uid : list_folders(data_dir)) {
    FolderState state = inspect_folder(pod_folder_path(data_dir, uid));
    found.push_back({std::move(uid), std::move(state)});
  }
  return found;
}

}  // namespace

void PodKeeper::watch_exit(const LocalPtr& local, Fd pidfd) {
  local->exited = false;
  local->pidfd.emplace(world_.io, pidfd.release());
  asio::co_spawn(world_.io, await_exit(self_, local), asio::detached);
}

Task<> PodKeeper::await_exit(std::weak_ptr<PodKeeper*> self, LocalPtr local) {
  boost::system::error_code error;
  co_await local->pidfd->async_wait(asio::posix::stream_descriptor::wait_read, into(error));
  const std::shared_ptr<PodKeeper*> keeper = self.lock();
  if (error || !keeper) co_return;
  local->exited = true;
  // Taken out of the reactor by name: closing alone leaves it there for as long as the shim host
  // has its own copy open, and its last event would be taken for one of the next pidfd with this
  // number.
  const Fd done(local->pidfd->release());
  local->pidfd.reset();
  (*keeper)->exited_.notify_all();
  (*keeper)->enqueue_(local->key);
}

void PodKeeper::watch_folder(const LocalPtr& local) {
  if (local->watch) return;
  local->watch =
      world_.watcher.watch(local->folder, false, [this, weak = std::weak_ptr<Local>(local)] {
        if (const LocalPtr alive = weak.lock()) {
          alive->changed = true;
          enqueue_(alive->key);
        }
      });
}

/// A shim that this server did not start has the pod.
void PodKeeper::adopt(const LocalPtr& local, const FolderState& state) {
  local->stage = Local::Stage::kRunning;
  local->changed = true;
  local->exited = true;
  watch_folder(local);
  if (!state.claim || state.final) return;
  local->pid = state.claim->pid;
  if (!state.alive) return;
  Result<Fd> pidfd = open_pidfd(state.claim->pid);
  // The number may have passed to another process between looking and opening; now it can't any
  // more.
  if (pidfd && is_alive(*state.claim)) watch_exit(local, *std::move(pidfd));
}

Task<> PodKeeper::recover() {
  auto inspect = [data_dir = facts_.data_dir] { return inspect_all(data_dir); };
  const std::vector<FoundFolder> folders = co_await run_on(world_.files, std::move(inspect));
  std::map<std::string, PodPtr> unfinished;
  std::set<std::string> known;
  for (const PodPtr& pod : world_.pods.all()) {
    known.insert(resources::uid_of(*pod));
    if (!is_finished(*pod)) unfinished[resources::uid_of(*pod)] = pod;
  }
  std::size_t taken_back = 0;
  for (const FoundFolder& folder : folders) {
    const auto pod = unfinished.find(folder.uid);
    if (pod != unfinished.end() && folder.state.claimed) {
      const LocalPtr local = add(*pod->second);
      co_await recover_size(pod->second, local);
      local->running_written = string_at(*pod->second, "status.phase") == "Running";
      adopt(local, folder.state);
      ++taken_back;
    } else if (pod == unfinished.end() && folder.state.alive) {
      // Deleted while no server ran: a pod without an object, which discard() ends.
      const Json ghost{
          {"metadata", {{"namespace", ""}, {"name", folder.uid}, {"uid", folder.uid}}}};
      const LocalPtr local = add(ghost);
      adopt(local, folder.state);
      enqueue_(local->key);
    } else if (!known.contains(folder.uid)) {
      co_await clear_away(folder.uid);
    }
  }
  if (world_.cgroups != nullptr) {
    auto list = [cgroups = world_.cgroups] { return cgroups->pods(); };
    for (const std::string& uid : co_await run_on(world_.files, std::move(list))) {
      if (find(uid)) continue;
      auto remove = [cgroups = world_.cgroups, uid] { return cgroups->remove(uid); };
      (void)co_await run_on(world_.files, std::move(remove));
    }
  }
  for (const auto& [uid, pod] : unfinished) enqueue_(key_of(*pod));
  if (taken_back > 0) log_info("node", "took pods back", {{"pods", std::to_string(taken_back)}});
}

/// What is left of a pod that nobody knows any more: its groups and its folder.
Task<> PodKeeper::clear_away(std::string uid) {
  auto remove = [cgroups = world_.cgroups, uid, folder = pod_folder_path(facts_.data_dir, uid)] {
    if (cgroups != nullptr) (void)cgroups->remove(uid);
    remove_folder(folder);
  };
  co_await run_on(world_.files, std::move(remove));
}

Task<bool> PodKeeper::discard(LocalPtr local) {
  if (local->runs()) {
    if (local->pidfd && local->stop_grace != 0) {
      local->stop_grace = 0;
      send_stop(local->pidfd->native_handle(), 0);
    }
    co_return false;
  }
  const std::string uid = local->uid;
  local->watch.reset();
  forget(local);
  co_await clear_away(uid);
  co_return true;
}

Task<PodKeeper::Outcome> PodKeeper::end_deleted(PodPtr pod, LocalPtr local) {
  ledger_.stop_waiting(key_of(*pod));
  if (local && local->runs()) {
    const std::int64_t grace = resources::integer_field(resources::object_field(*pod, "metadata"),
                                                        "deletionGracePeriodSeconds")
                                   .value_or(30);
    if (local->pidfd && (!local->stop_grace || grace < *local->stop_grace)) {
      if (!local->stop_grace) {
        for (const Json* container : all_containers(*pod))
          world_.recorder.record(*pod, controller::EventType::kNormal, "Killing",
                                 "Stopping container " + resources::text_field(*container, "name"));
      }
      local->stop_grace = grace;
      send_stop(local->pidfd->native_handle(), grace * 1000);
    }
    co_return RequeueAfter{};
  }
  if (local && local->exited && !is_finished(*pod)) {
    auto inspect = [folder = local->folder] { return inspect_folder(folder); };
    FolderState state = co_await run_on(world_.files, std::move(inspect));
    if (state.claimed) {
      auto concluded = co_await conclude(pod, local, std::move(state));
      if (!concluded || find(resources::uid_of(*pod))) co_return concluded;
    }
  }
  if (auto removed = co_await remove_object(pod); !removed) co_return fail(removed.error());
  co_return RequeueAfter{};
}

Task<Result<>> PodKeeper::remove_object(PodPtr pod) {
  store::Key key(resources::kPods, resources::namespace_of(*pod), resources::name_of(*pod));
  store::RemoveOptions options;
  options.uid = resources::uid_of(*pod);
  options.grace_period_seconds = 0;
  auto removed = co_await world_.store.remove(std::move(key), std::move(options));
  if (!removed && removed.error().code != Code::kNotFound &&
      removed.error().code != Code::kConflict)
    co_return fail(removed.error());
  co_return Result<>{};
}

Task<> PodKeeper::stop_all(std::chrono::milliseconds grace) {
  for (const auto& [uid, local] : locals_) {
    if (local->runs() && local->pidfd) send_stop(local->pidfd->native_handle(), grace.count());
  }
  const auto patience = std::chrono::steady_clock::now() + grace + std::chrono::seconds(2);
  while (running() > 0 && std::chrono::steady_clock::now() < patience)
    (void)co_await exited_.wait_for(std::chrono::milliseconds(100));

  const std::map<std::string, LocalPtr> all = locals_;
  for (const auto& [uid, local] : all) {
    if (local->runs()) continue;
    if (world_.cgroups != nullptr) {  // the next start reads the rest from the folder
      auto remove = [cgroups = world_.cgroups, uid] { return cgroups->remove(uid); };
      (void)co_await run_on(world_.files, std::move(remove));
    }
    const PodPtr pod = world_.pods.get(local->key.ns, local->key.name);
    if (!pod || resources::uid_of(*pod) != uid || !resources::controller_of(*pod)) continue;
    if (!co_await remove_object(pod)) continue;
    local->watch.reset();
    forget(local);
    co_await clear_away(uid);
  }
}

void PodKeeper::kill_all() {
  for (const auto& [uid, local] : locals_) {
    if (local->runs() && local->pidfd) send_stop(local->pidfd->native_handle(), 0);
  }
}

}  // namespace mizan::pods
