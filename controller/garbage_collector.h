// Garbage collection by owner references, as kube-controller-manager does it; only for the embedded
// store.
//
// An object goes when the last of its owners is gone, also when an owner never existed. Deletion of
// an owner is background (dependents go after it), foreground (it waits for those that block it) or
// orphan (dependents lose the reference and stay). Every kind in the table is watched, those that
// are added later too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include "controller/controller.h"
#include "controller/informer.h"
#include "controller/owner_graph.h"
#include "resources/definition.h"

namespace mizan::controller {

/// Thread: io. `store` and `table` outlive it; stop() must have finished before it is destroyed.
class GarbageCollector final : public Reconciler {
 public:
  GarbageCollector(boost::asio::any_io_executor executor, store::ObjectStore& store,
                   const resources::ResourceTable& table);
  ~GarbageCollector() override;

  /// Resumes when every kind is listed and the workers run.
  Task<> start();
  Task<> stop();

  /// Takes up kinds that the table has by now and drops those that it has lost. Also done every few
  /// seconds.
  Task<> refresh_kinds();

  /// `request.name` is a uid, `request.ns` unused.
  Task<Result<RequeueAfter>> reconcile(Request request) override;

  bool idle() const { return controller_.idle(); }

 private:
  using Kind = Informer<OwnedObject>;

  void watch(const resources::ResourceDefinition& definition);
  void changed(const Kind::Event& event);
  void gone(const OwnedObject& object);
  void enqueue(const std::string& uid) { controller_.enqueue(Request("", uid)); }
  Task<> keep_refreshing();

  Task<Result<>> orphan_dependents(OwnerGraph::Ptr owner);
  Task<Result<>> delete_dependents_first(OwnerGraph::Ptr owner);
  Task<Result<>> collect(OwnerGraph::Ptr object);
  Task<Result<bool>> exists(resources::OwnerReference owner, std::string ns);
  Task<Result<>> drop_references(OwnerGraph::Ptr object,
                                 std::unordered_set<std::string> owner_uids);
  Task<Result<>> drop_finalizer(OwnerGraph::Ptr object, std::string finalizer);
  Task<Result<>> remove(OwnerGraph::Ptr object, store::Propagation propagation);

  boost::asio::any_io_executor executor_;
  store::ObjectStore& store_;
  const resources::ResourceTable& table_;
  Controller controller_;
  OwnerGraph graph_;
  std::map<resources::ResourceId, std::unique_ptr<Kind>> kinds_;
  std::unordered_set<std::string>
      absent_;           // uids that are known to be gone; a uid never comes back
  bool listed_ = false;  // every kind has been listed once
  bool stopping_ = false;
  bool refreshing_ = false;
  Signal stop_asked_;
};

}  // namespace mizan::controller
