// The embedded kubelet's heart: brings each Pod of this node from the store to processes, and what
// becomes of the processes back to the store.
//
// A Pod is taken in when its requests fit; its folder and cgroup are made, a shim is launched, and
// from then on the folder is the truth: this class may be destroyed and built again at any moment.
// At most one reconcile of a pod runs at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "controller/signal.h"
#include "pods/node/capacity_ledger.h"
#include "pods/node/folder_watcher.h"
#include "pods/node/node_config.h"
#include "pods/node/pod_files.h"
#include "pods/node/pod_planner.h"
#include "pods/node/shim_launcher.h"
#include "store/object_store.h"

namespace mizan::pods {

/// Thread: io. Everything given to it outlives it. Reconciles must have ended before it is
/// destroyed.
class PodKeeper final : public controller::Reconciler {
 public:
  struct World {
    boost::asio::any_io_executor io, files;
    store::ObjectStore& store;
    controller::Informer<Json>& pods;
    const Clock& clock;
    controller::Recorder& recorder;
    ShimLauncher& launcher;
    FolderWatcher& watcher;
    Cgroups* cgroups = nullptr;  // null: none
  };

  PodKeeper(World world, const NodeConfig& config, std::string node_name, NodeFacts facts);
  ~PodKeeper() override;

  /// Where pods go that have to be looked at. Before anything else.
  void enqueue_with(std::function<void(const controller::Request&)> enqueue) {
    enqueue_ = std::move(enqueue);
  }
  /// From the informer's handler.
  void pod_changed(const controller::Informer<Json>::Event& event);

  /// Takes back the pods of an earlier server and clears away what belongs to none. The informer is
  /// synced; nothing is reconciled yet.
  Task<> recover();
  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

  /// Ends every pod, SIGKILL after `grace`, and removes those that a controller will make again:
  /// their work is to be done anew. No reconcile may be running.
  Task<> stop_all(std::chrono::milliseconds grace);
  /// SIGKILL for what stop_all() still waits for.
  void kill_all();

  const CapacityLedger& ledger() const { return ledger_; }
  std::size_t running() const;

 private:
  struct Local;
  using LocalPtr = std::shared_ptr<Local>;
  using PodPtr = std::shared_ptr<const Json>;
  using Outcome = Result<controller::RequeueAfter>;

  LocalPtr find(const std::string& uid) const;
  LocalPtr add(const Json& pod);
  void adopt(const LocalPtr& local, const FolderState& state);
  void watch_folder(const LocalPtr& local);
  void watch_exit(const LocalPtr& local, Fd pidfd);
  static Task<> await_exit(std::weak_ptr<PodKeeper*> self, LocalPtr local);
  void wake_waiting();

  Task<Outcome> admit(PodPtr pod);
  Task<Outcome> start(PodPtr pod, LocalPtr local);
  Task<Outcome> refuse(PodPtr pod, LocalPtr local, PlanRefusal refusal);
  Task<Result<PodSources>> fetch_sources(PodPtr pod);
  Task<Outcome> launch(LocalPtr local);
  Task<Outcome> follow(PodPtr pod, LocalPtr local);
  Task<Outcome> follow_running(PodPtr pod, LocalPtr local);
  // resizing, in pod_keeper_resize.cc
  bool wants_resize(const Json& pod, const Local& local) const;
  static controller::RequeueAfter resize_due(const Local& local);
  void account(const Json& pod, const LocalPtr& local);
  ResizeState::Change grant(const Json& pod, const LocalPtr& local);
  // each: whether the status has to be written
  Task<Result<bool>> resize(PodPtr pod, LocalPtr local, PodReport report);
  Task<Result<bool>> bring_into_force(PodPtr pod, LocalPtr local, PodReport report);
  Task<Result<bool>> restart_for_resize(PodPtr pod, LocalPtr local, PodReport report,
                                        std::vector<std::string> names);
  Task<> recover_size(PodPtr pod, LocalPtr local);
  Task<Outcome> conclude(PodPtr pod, LocalPtr local, FolderState state);
  Task<Outcome> end_deleted(PodPtr pod, LocalPtr local);
  Task<Result<>> remove_object(PodPtr pod);
  Task<bool> discard(
      LocalPtr local);  // false: its processes are being killed; again when they are gone
  Task<> clear_away(std::string uid);
  Task<Result<>> write_status(PodPtr pod, Json status);
  void forget(const LocalPtr& local);
  void tell_story(const Json& pod, const PodReport& report, bool final);
  void note_image(const Json& pod);

  World world_;
  const NodeConfig& config_;
  std::string node_name_;
  NodeFacts facts_;
  CapacityLedger ledger_;
  std::function<void(const controller::Request&)> enqueue_;
  std::map<std::string, LocalPtr> locals_;                       // by uid
  std::map<controller::Request, std::set<std::string>> by_key_;  // uids of locals
  std::map<controller::Request, std::vector<std::string>>
      departed_;                  // uids of pods that left the store
  std::set<std::string> images_;  // those that were spoken of
  controller::Signal exited_;
  std::shared_ptr<PodKeeper*> self_;  // exit watchers hold it weakly
};

}  // namespace mizan::pods
