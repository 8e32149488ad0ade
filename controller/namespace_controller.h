// Empties namespaces that are being deleted, then lets them go; only for the embedded store.
//
// Every kind of the table is listed in the namespace and its objects are removed; pods may take
// their grace period, so it looks again until nothing is left, and takes the finalizer "kubernetes"
// away.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "controller/controller.h"
#include "controller/informer.h"
#include "resources/definition.h"

namespace mizan::controller {

/// Thread: io. `store` and `table` outlive it; stop() must have finished before it is destroyed.
class NamespaceController final : public Reconciler {
 public:
  NamespaceController(boost::asio::any_io_executor executor, store::ObjectStore& store,
                      const resources::ResourceTable& table);

  Task<> start();
  Task<> stop();

  Task<Result<RequeueAfter>> reconcile(
      Request request) override;  // `request.name` is the namespace

 private:
  struct Namespace {
    std::string name;
    bool being_deleted = false;
  };

  Task<Result<std::size_t>> empty_kind(resources::ResourceId id, std::string ns);
  Task<> remove(store::Key key);

  store::ObjectStore& store_;
  const resources::ResourceTable& table_;
  Informer<Namespace> namespaces_;
  Controller controller_;
};

}  // namespace mizan::controller
