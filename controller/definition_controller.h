// Serves the kinds that users bring as CustomResourceDefinitions; only for the embedded store.
//
// A definition that was stored goes into the table, and its conditions say so; one that is deleted
// takes its objects with it, as its finalizer promises. Kinds that ship with mizan stay as they
// are: their definitions may be applied (GitOps tools do), and have no effect.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <set>
#include <string>

#include "controller/controller.h"
#include "controller/informer.h"
#include "core/time.h"
#include "resources/definition.h"

namespace mizan::controller {

/// Thread: io. `store`, `table` and `clock` outlive it; stop() must have finished before it is
/// destroyed.
class DefinitionController final : public Reconciler {
 public:
  /// What is in `table` now is what ships with mizan.
  DefinitionController(boost::asio::any_io_executor executor, store::ObjectStore& store,
                       resources::ResourceTable& table, const Clock& clock);

  /// Resumes when every stored definition is served.
  Task<> start();
  Task<> stop();

  Task<Result<RequeueAfter>> reconcile(Request request) override;  // by name of the definition

 private:
  Task<Result<>> say_served(store::ObjectPtr crd, bool ours);
  Task<Result<>> add_finalizer(store::ObjectPtr crd);
  Task<Result<bool>> empty(resources::ResourceId id);
  Task<Result<RequeueAfter>> let_go(store::ObjectPtr crd, resources::ResourceId id);
  void serve(const Json& crd);

  store::ObjectStore& store_;
  resources::ResourceTable& table_;
  const Clock& clock_;
  std::set<resources::ResourceId> shipped_;
  Informer<Json> definitions_;
  Controller controller_;
};

}  // namespace mizan::controller
