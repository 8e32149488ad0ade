// The objects that run trials, of whatever kind: created, watched and removed through the store.
//
// Jobs and Pods are watched from the start, other kinds from the first trial that needs them. Only
// objects with the label katib.kubeflow.org/trial are looked at.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "controller/informer.h"
#include "experiment/run_object.h"
#include "resources/definition.h"
#include "store/object_store.h"

namespace mizan::experiment {

/// Thread: io. `store` and `table` outlive it; stop() must have finished before it is destroyed.
class RunObjects {
 public:
  RunObjects(store::ObjectStore& store, const resources::ResourceTable& table);

  /// Told of each change, with the name of the Trial. Before start().
  void on_change(std::function<void(const std::string& ns, const std::string& trial)> tell) {
    tell_ = std::move(tell);
  }

  /// Resumes when Jobs and Pods are listed.
  Task<> start();
  Task<> stop();

  /// Resumes when objects of that kind are known. Errors: kInvalid when no such kind is served.
  Task<Result<>> watch(RunKind kind);

  /// Null: not there, as far as known. The kind must be watched.
  store::ObjectPtr get(const RunKind& kind, const std::string& ns, const std::string& name) const;

  /// False when it was there already. Errors: as the store's.
  Task<Result<bool>> create(RunKind kind, std::string ns, Json object);
  /// Also when it is gone already.
  Task<Result<>> remove(RunKind kind, std::string ns, std::string name, std::string uid);

 private:
  const resources::ResourceDefinition* definition(const RunKind& kind) const;

  store::ObjectStore& store_;
  const resources::ResourceTable& table_;
  std::function<void(const std::string&, const std::string&)> tell_;
  std::map<resources::ResourceId, std::unique_ptr<controller::Informer<Json>>> kinds_;
};

}  // namespace mizan::experiment
