// DefinitionController: table, finalizer, conditions, in this order.
#include "controller/definition_controller.h"

#include <algorithm>

#include "core/log.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::controller {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAgain = 250ms;
constexpr std::size_t kPage = 500;
constexpr const char* kFinalizer = "customresourcecleanup.apiextensions.k8s.io";
using resources::kDefinitions;

resources::ResourceId kind_of(const Json& crd) {
  return {string_at(crd, "spec.group"), string_at(crd, "spec.names.plural")};
}

bool has_finalizer(const Json& crd) {
  const auto finalizers = resources::finalizers_of(crd);
  return std::find(finalizers.begin(), finalizers.end(), kFinalizer) != finalizers.end();
}

store::Patch with_finalizers(const Json& crd, const std::vector<std::string>& finalizers) {
  Json change;
  change["metadata"]["resourceVersion"] = resources::resource_version_of(crd);
  change["metadata"]["finalizers"] = finalizers;
  return {store::PatchType::kMerge, std::move(change)};
}

/// The names as they are served, and the versions that objects may be stored in.
Json status_of(const Json& crd, Time now, bool ours) {
  Json names = crd["spec"]["names"];
  const std::string kind = string_at(names, "kind");
  std::string lower = kind;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!names.contains("singular")) names["singular"] = lower;
  if (!names.contains("listKind")) names["listKind"] = kind + "List";
  Json stored = Json::array();
  for (const Json& version : crd["spec"]["versions"]) {
    if (version.value("storage", false)) stored.push_back(version["name"]);
  }
  const auto condition = [&](const char* type, const char* reason, const char* message) {
    return Json{{"type", type},
                {"status", "True"},
                {"reason", reason},
                {"message", message},
                {"lastTransitionTime", format_rfc3339(now)}};
  };
  return {{"acceptedNames", std::move(names)},
          {"storedVersions", std::move(stored)},
          {"conditions",
           {condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted",
                      ours ? "this kind ships with mizan and is served as it ships; this "
                             "definition is kept and has no effect"
                           : "the initial names have been accepted")}}};
}

bool is_established(const Json& crd) {
  const Json* conditions = find(crd, "status.conditions");
  if (conditions == nullptr || !conditions->is_array()) return false;
  return std::ranges::any_of(*conditions, [](const Json& condition) {
    return string_at(condition, "type") == "Established" &&
           string_at(condition, "status") == "True";
  });
}

std::set<resources::ResourceId> ids_of(const resources::ResourceTable& table) {
  std::set<resources::ResourceId> ids;
  for (const auto* definition : table.all()) ids.insert(definition->id());
  return ids;
}

}  // namespace

DefinitionController::DefinitionController(boost::asio::any_io_executor executor,
                                           store::ObjectStore& store,
                                           resources::ResourceTable& table, const Clock& clock)
    : store_(store),
      table_(table),
      clock_(clock),
      shipped_(ids_of(table)),
      definitions_(store, store::Selection(kDefinitions), {}),
      controller_(std::move(executor), *this, {"definitions", 2, {}}) {
  definitions_.on_change([this](const Informer<Json>::Event& event) {
    if (event.before && !event.after && !shipped_.contains(kind_of(*event.before)))
      table_.remove(kind_of(*event.before));
    if (!event.after) return;
    // At once, so that what was stored by an earlier server is served before it is ready.
    if (!resources::is_being_deleted(*event.after)) serve(*event.after);
    controller_.enqueue(Request("", resources::name_of(*event.after)));
  });
}

Task<> DefinitionController::start() {
  co_await InformerCore::start(definitions_.core());
  controller_.start();
}

Task<> DefinitionController::stop() {
  co_await controller_.stop();
  co_await InformerCore::finish(definitions_.core());
}

void DefinitionController::serve(const Json& crd) {
  const resources::ResourceId id = kind_of(crd);
  if (shipped_.contains(id)) return;
  auto definitions = resources::ResourceTable::from_crd(crd);
  if (!definitions) {  // admission lets none of these in; a newer mizan may be stricter
    log_warn("definitions", "can't serve a stored definition",
             {{"definition", resources::name_of(crd)}, {"error", definitions.error().message}});
    return;
  }
  const auto* before = table_.find(id);
  const bool same_storage =
      before != nullptr && !definitions->empty() && before->version == definitions->front().version;
  if (before != nullptr && !same_storage) table_.remove(id);
  for (auto& definition : *definitions) table_.add(std::move(definition));
}

Task<Result<RequeueAfter>> DefinitionController::reconcile(Request request) {
  auto found = co_await store_.get(store::Key(kDefinitions, "", request.name));
  if (!found && found.error().code == Code::kNotFound) co_return RequeueAfter();
  if (!found) co_return fail(found.error());
  const store::ObjectPtr& crd = *found;
  const resources::ResourceId id = kind_of(*crd);
  if (resources::is_being_deleted(*crd)) co_return co_await let_go(crd, id);
  const bool ours = shipped_.contains(id);
  Result<> done;
  if (!ours && !has_finalizer(*crd)) {
    done = co_await add_finalizer(crd);
  } else if (!is_established(*crd)) {
    done = co_await say_served(crd, ours);
  }
  if (!done) co_return fail(done.error());
  co_return RequeueAfter();
}

Task<Result<>> DefinitionController::add_finalizer(store::ObjectPtr crd) {
  std::vector<std::string> finalizers = resources::finalizers_of(*crd);
  finalizers.emplace_back(kFinalizer);
  const auto written = co_await store_.patch(store::Key(kDefinitions, "", resources::name_of(*crd)),
                                             "", with_finalizers(*crd, finalizers));
  if (!written) co_return fail(written.error());
  co_return Result<>();
}

Task<Result<>> DefinitionController::say_served(store::ObjectPtr crd, bool ours) {
  Json change;
  change["status"] = status_of(*crd, clock_.now(), ours);
  store::Patch patch(store::PatchType::kMerge, std::move(change));
  const auto written = co_await store_.patch(store::Key(kDefinitions, "", resources::name_of(*crd)),
                                             "status", std::move(patch));
  if (!written) co_return fail(written.error());
  co_return Result<>();
}

Task<Result<RequeueAfter>> DefinitionController::let_go(store::ObjectPtr crd,
                                                        resources::ResourceId id) {
  if (!has_finalizer(*crd)) co_return RequeueAfter();
  if (!shipped_.contains(id) && table_.find(id) != nullptr) {
    CO_TRY(const bool is_empty, co_await empty(id));
    if (!is_empty) co_return RequeueAfter(kLookAgain);
  }
  std::vector<std::string> finalizers = resources::finalizers_of(*crd);
  std::erase(finalizers, kFinalizer);
  const auto written = co_await store_.patch(store::Key(kDefinitions, "", resources::name_of(*crd)),
                                             "", with_finalizers(*crd, finalizers));
  if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
  co_return RequeueAfter();
}

/// Removes what there is of a kind; true when there was nothing.
Task<Result<bool>> DefinitionController::empty(resources::ResourceId id) {
  store::ListOptions options;
  options.limit = kPage;
  CO_TRY(const store::Page page, co_await store_.list(store::Selection(id), options));
  for (const store::ObjectPtr& object : page.items) {
    if (resources::is_being_deleted(*object)) continue;
    store::Key key(id, resources::namespace_of(*object), resources::name_of(*object));
    const auto removed = co_await store_.remove(std::move(key));
    if (!removed && removed.error().code != Code::kNotFound) co_return fail(removed.error());
  }
  const bool was_empty = page.items.empty();
  co_return was_empty;
}

}  // namespace mizan::controller
