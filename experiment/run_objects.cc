// RunObjects: one informer per kind.
#include "experiment/run_objects.h"

#include <fmt/format.h>

#include "resources/meta.h"

namespace mizan::experiment {

using controller::Informer;
using controller::InformerCore;

RunObjects::RunObjects(store::ObjectStore& store, const resources::ResourceTable& table)
    : store_(store), table_(table) {}

Task<> RunObjects::start() {
  const std::vector<RunKind> usual{{"batch/v1", "Job"}, {"v1", "Pod"}};
  for (const RunKind& kind : usual) {
    if (definition(kind) != nullptr) co_await watch(kind);
  }
}

Task<> RunObjects::stop() {
  for (const auto& [id, kind] : kinds_) co_await InformerCore::finish(kind->core());
}

const resources::ResourceDefinition* RunObjects::definition(const RunKind& kind) const {
  return table_.find_kind(kind.api_version, kind.kind);
}

Task<Result<>> RunObjects::watch(RunKind kind) {
  const Error not_served{
      Code::kInvalid,
      fmt::format("no kind {} of {} is served here: apply its CustomResourceDefinition first",
                  kind.kind, kind.api_version),
      {}};
  const resources::ResourceDefinition* found = definition(kind);
  if (found == nullptr) co_return fail(not_served);
  if (!kinds_.contains(found->id())) {
    // A cluster need not have every kind that ships with mizan, and a watch would wait for ever.
    store::ListOptions one;
    one.limit = 1;
    store::Selection all(found->id());
    const auto listed = co_await store_.list(std::move(all), std::move(one));
    if (!listed && listed.error().code == Code::kNotFound) co_return fail(not_served);
    if (!listed) co_return fail(listed.error());
    found = definition(kind);  // the table may have changed meanwhile
    if (found == nullptr) co_return fail(not_served);
  }
  std::unique_ptr<Informer<Json>>& slot = kinds_[found->id()];
  if (slot) {
    co_await slot->wait_until_synced();
    co_return Result<>();
  }
  store::Selection selection(found->id());
  store::LabelRequirement labelled;
  labelled.key = resources::kTrialLabel;
  labelled.op = store::LabelRequirement::Operator::kExists;
  selection.labels.push_back(std::move(labelled));
  slot = std::make_unique<Informer<Json>>(store_, std::move(selection),
                                          std::function<Json(const Json&)>());
  slot->on_change([this](const Informer<Json>::Event& event) {
    const Json& object = event.after ? *event.after : *event.before;
    if (tell_) tell_(resources::namespace_of(object), resources::name_of(object));
  });
  co_await InformerCore::start(slot->core());
  co_return Result<>();
}

store::ObjectPtr RunObjects::get(const RunKind& kind, const std::string& ns,
                                 const std::string& name) const {
  const resources::ResourceDefinition* found = definition(kind);
  if (found == nullptr) return nullptr;
  const auto informer = kinds_.find(found->id());
  return informer == kinds_.end() ? nullptr : informer->second->get(ns, name);
}

Task<Result<bool>> RunObjects::create(RunKind kind, std::string ns, Json object) {
  Result<> watched = co_await watch(kind);
  if (!watched) co_return fail(std::move(watched).error());
  const resources::ResourceId id = definition(kind)->id();
  const Result<store::Written> written =
      co_await store_.create(id, std::move(ns), std::move(object));
  if (!written) {
    if (written.error().code == Code::kAlreadyExists) co_return false;
    co_return fail(written.error());
  }
  kinds_[id]->observe(written->object);
  co_return true;
}

Task<Result<>> RunObjects::remove(RunKind kind, std::string ns, std::string name, std::string uid) {
  const resources::ResourceDefinition* found = definition(kind);
  if (found == nullptr) co_return Result<>();
  store::RemoveOptions options;
  options.uid = std::move(uid);
  store::Key key(found->id(), std::move(ns), std::move(name));
  const Result<store::Removed> removed = co_await store_.remove(std::move(key), std::move(options));
  // kConflict: another object of that name, which is not ours to remove.
  if (removed || removed.error().code == Code::kNotFound || removed.error().code == Code::kConflict)
    co_return Result<>();
  co_return fail(removed.error());
}

}  // namespace mizan::experiment
