// Server-side apply: the client says all that it wants of an object; what it doesn't say is other
// clients' business.
#include "resources/field_error.h"
#include "store/intake.h"
#include "store/local_store.h"
#include "store/refusal.h"

namespace mizan::store {

Task<Result<Written>> LocalStore::apply_new(Key key, Json applied, WriteOptions options) {
  CO_TRY(const auto* definition, definition_of(key.id));
  applied["metadata"]["name"] = key.name;
  if (definition->namespaced) {
    auto there = co_await check_namespace(key.id, key.ns, key.name);
    if (!there) co_return fail(std::move(there).error());
  }
  CO_TRY(definition, definition_of(key.id));
  CO_TRY(Prepared prepared, prepare_create(rules_for(*definition), key.ns, applied, options));
  track_applied_create(*definition, applied, prepared.object, writer_for(options, ""));
  co_return co_await commit(std::move(key), 0, std::move(prepared), options.dry_run);
}

Task<Result<Written>> LocalStore::apply_once(Key key, std::string subresource, Json applied,
                                             WriteOptions options) {
  if (options.field_manager.empty()) {
    co_return fail(
        invalid_object("PatchOptions.meta.k8s.io", "",
                       {resources::required("fieldManager", "is required for apply patch")}));
  }
  CO_TRY(const auto* definition, definition_of(key.id));
  std::vector<std::string> warnings;
  if (auto read = read_shape(rules_for(*definition), applied, options, warnings); !read) {
    co_return fail(std::move(read).error());
  }
  if (auto checked = check_address(applied, key.ns, key.name); !checked)
    co_return fail(std::move(checked).error());
  if (applied["metadata"].contains("managedFields")) {
    co_return fail(Code::kBadRequest, "metadata.managedFields must be nil");
  }
  Result<Stored> current = co_await load(key);
  Result<Written> made;
  if (!current && current.error().code == Code::kNotFound && subresource.empty()) {
    made = co_await apply_new(key, std::move(applied), options);
  } else if (!current) {
    co_return fail(std::move(current).error());
  } else {
    const std::string version = string_at(applied, "metadata.resourceVersion");
    if (!version.empty() && version != std::to_string(current->modified))
      co_return fail(was_modified(key.id, key.name));
    CO_TRY(definition, definition_of(key.id));
    const FieldWriter writer = writer_for(options, subresource);
    CO_TRY(Json next, apply_over(*definition, *current->object, applied, writer, options.force));
    const Json managers = next["metadata"].value("managedFields", Json::array());
    CO_TRY(Prepared prepared, prepare_update(rules_for(*definition), *current->object, subresource,
                                             std::move(next), options));
    prepared.object["metadata"]["managedFields"] = managers;
    if (prepared.object == *current->object) {
      made.emplace().object = std::move(current->object);
    } else {
      made =
          co_await commit(std::move(key), current->modified, std::move(prepared), options.dry_run);
    }
  }
  if (made) made->warnings.insert(made->warnings.begin(), warnings.begin(), warnings.end());
  co_return made;
}

}  // namespace mizan::store
