// NamespaceController: list, remove, look again, let go.
#include "controller/namespace_controller.h"

#include <algorithm>

#include "controller/gather.h"
#include "core/log.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::controller {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPage = 500;
constexpr auto kLookAgain = 250ms;
using resources::kNamespaces;

bool can(const resources::ResourceDefinition& definition, std::string_view verb) {
  return definition.verbs.empty() || std::find(definition.verbs.begin(), definition.verbs.end(),
                                               verb) != definition.verbs.end();
}

}  // namespace

NamespaceController::NamespaceController(boost::asio::any_io_executor executor,
                                         store::ObjectStore& store,
                                         const resources::ResourceTable& table)
    : store_(store),
      table_(table),
      namespaces_(store, store::Selection(kNamespaces),
                  [](const Json& object) {
                    return Namespace{resources::name_of(object),
                                     resources::is_being_deleted(object)};
                  }),
      controller_(std::move(executor), *this, {"namespaces", 2, {}}) {
  namespaces_.on_change([this](const Informer<Namespace>::Event& event) {
    if (event.after && event.after->being_deleted)
      controller_.enqueue(Request("", event.after->name));
  });
}

Task<> NamespaceController::start() {
  co_await InformerCore::start(namespaces_.core());
  controller_.start();
}

Task<> NamespaceController::stop() {
  co_await controller_.stop();
  co_await InformerCore::finish(namespaces_.core());
}

Task<Result<RequeueAfter>> NamespaceController::reconcile(Request request) {
  const auto known = namespaces_.get("", request.name);
  if (!known || !known->being_deleted) co_return RequeueAfter();

  std::vector<resources::ResourceId> ids;
  for (const resources::ResourceDefinition* definition : table_.all()) {
    if (!definition->namespaced || !can(*definition, "list") || !can(*definition, "delete"))
      continue;
    if (ids.empty() || ids.back() != definition->id()) ids.push_back(definition->id());
  }
  std::size_t left = 0;
  for (const resources::ResourceId& id : ids) {
    CO_TRY(const std::size_t found, co_await empty_kind(id, request.name));
    left += found;
  }
  if (left > 0)
    co_return RequeueAfter(kLookAgain);  // what was found may need grace or finalizers: look again

  Json nothing_holds_it;
  nothing_holds_it["spec"]["finalizers"] = Json::array();
  const Result<store::Written> written =
      co_await store_.patch(store::Key(kNamespaces, "", request.name), "finalize",
                            store::Patch(store::PatchType::kMerge, std::move(nothing_holds_it)));
  if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
  log_info("namespaces", "emptied a namespace", {{"namespace", request.name}});
  co_return RequeueAfter();
}

Task<Result<std::size_t>> NamespaceController::empty_kind(resources::ResourceId id,
                                                          std::string ns) {
  std::size_t found = 0;
  store::ListOptions options;
  options.limit = kPage;
  do {
    store::Selection selection(id, ns);
    CO_TRY(store::Page page, co_await store_.list(std::move(selection), options));
    std::vector<Task<>> removals;
    for (const store::ObjectPtr& object : page.items) {
      ++found;
      if (!resources::is_being_deleted(*object))
        removals.push_back(remove(store::Key(id, ns, resources::name_of(*object))));
    }
    co_await gather(std::move(removals));
    options.continue_token = page.continue_token;
  } while (!options.continue_token.empty());
  co_return found;
}

Task<> NamespaceController::remove(store::Key key) {
  const std::string name = key.ns + "/" + key.name;
  const Result<store::Removed> removed = co_await store_.remove(std::move(key));
  if (removed || removed.error().code == Code::kNotFound) co_return;
  log_debug("namespaces", "failed to remove an object",
            {{"object", name}, {"error", removed.error().message}});
}

}  // namespace mizan::controller
