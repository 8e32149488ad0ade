// Reads and writes of single objects, and the path of every committed change to cache and watchers.
#include "store/local_store.h"

#include <fmt/format.h>

#include "resources/field_error.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "store/local_watch.h"
#include "store/object_codec.h"
#include "store/object_key.h"
#include "store/patch.h"
#include "store/refusal.h"

namespace mizan::store {
namespace {

constexpr int kTries =
    16;  // of a write that names no resourceVersion, against others writing the same object

Written written(ObjectPtr object, bool created, std::vector<std::string> warnings) {
  Written made;
  made.object = std::move(object);
  made.created = created;
  made.warnings = std::move(warnings);
  return made;
}

/// What the backend says of bytes, said of the object.
Error write_error(Error error, const Key& key) {
  switch (error.code) {
    case Code::kAlreadyExists:
      return exists_already(key.id, key.name);
    case Code::kNotFound:
      return no_such_object(key.id, key.name);
    case Code::kConflict:
      return was_modified(key.id, key.name);
    default:
      return error;
  }
}

/// Takes an entry out of a map when the write is over, however it ends.
template <class Map>
class ErasedAtEnd {
 public:
  ErasedAtEnd(std::shared_ptr<Map> map, typename Map::key_type key)
      : map_(std::move(map)), key_(key) {}
  ~ErasedAtEnd() { map_->erase(key_); }
  ErasedAtEnd(const ErasedAtEnd&) = delete;
  ErasedAtEnd& operator=(const ErasedAtEnd&) = delete;

 private:
  std::shared_ptr<Map> map_;
  typename Map::key_type key_;
};

}  // namespace

LocalStore::LocalStore(boost::asio::any_io_executor io, Backend& backend,
                       const resources::ResourceTable& table,
                       const resources::AdmissionTable& admission, const Clock& clock,
                       LocalStoreOptions options)
    : io_(std::move(io)),
      backend_(backend),
      table_(table),
      admission_(admission),
      clock_(clock),
      options_(std::move(options)),
      cache_(options_.cache_bytes),
      hub_(std::make_shared<WatchHub>(backend, cache_, options_.watch_queue)) {
  hub_->set_delivered(backend.current());
  backend_.set_observer([this](const std::vector<Change>& changes) { on_changes(changes); });
}

LocalStore::~LocalStore() {
  close();
  backend_.set_observer({});
}

void LocalStore::close() { hub_->close(); }

Result<const resources::ResourceDefinition*> LocalStore::definition_of(
    const resources::ResourceId& id) const {
  const resources::ResourceDefinition* definition = table_.find(id);
  if (definition == nullptr) return fail(no_such_resource());
  return definition;
}

Rules LocalStore::rules_for(const resources::ResourceDefinition& definition) const {
  return {definition, table_, admission_, clock_.now()};
}

FieldWriter LocalStore::writer_for(const WriteOptions& options,
                                   const std::string& subresource) const {
  return {options.field_manager, subresource, clock_.now()};
}

void LocalStore::on_changes(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const std::string& key = change.entry.key;
    ObjectCache::Found cached = cache_.find(key);
    ObjectPtr before =
        cached.modified == change.previous_modified ? std::move(cached.object) : nullptr;
    ObjectPtr after;
    if (auto own = in_flight_->find(change.entry.value.get()); own != in_flight_->end()) {
      after = with_revision(std::move(own->second), change.revision);
      in_flight_->erase(own);
    }
    DecodedChange decoded(change, std::move(after), std::move(before));
    hub_->set_delivered(change.revision);
    hub_->publish(decoded);
    if (change.type == Change::Type::kDeleted) {
      cache_.erase(key);
    } else {
      cache_.put(key, decoded.after(), change.revision, change.entry.value->size());
    }
  }
}

Task<Result<LocalStore::Stored>> LocalStore::load(Key key) {
  const std::string at = storage_key(key);
  Stored stored;
  if (ObjectCache::Found cached = cache_.find(at); cached.object) {
    stored.object = std::move(cached.object);
    stored.modified = cached.modified;
    co_return stored;
  }
  const Revision before = hub_->delivered();
  CO_TRY(std::optional<Entry> entry, co_await backend_.get(at));
  if (!entry) co_return fail(no_such_object(key.id, key.name));
  stored.object = decode_object(*entry->value, entry->modified);
  stored.modified = entry->modified;
  // Only what can't have been overtaken by a change that was delivered while this was read.
  if (hub_->delivered() == before)
    cache_.put(at, stored.object, stored.modified, entry->value->size());
  co_return stored;
}

Task<Result<ObjectPtr>> LocalStore::get(Key key) {
  CO_TRY([[maybe_unused]] auto* definition, definition_of(key.id));
  CO_TRY(Stored stored, co_await load(std::move(key)));
  co_return std::move(stored.object);
}

Task<Result<>> LocalStore::check_namespace(resources::ResourceId id, std::string ns,
                                           std::string name) {
  if (table_.find(resources::kNamespaces) == nullptr) co_return Result<>();
  Key key(resources::kNamespaces, "", ns);
  Result<Stored> found = co_await load(std::move(key));
  if (!found && found.error().code == Code::kNotFound) co_return fail(namespace_missing(ns));
  if (!found) co_return fail(std::move(found).error());
  if (resources::is_being_deleted(*found->object))
    co_return fail(namespace_terminating(id, name, ns));
  co_return Result<>();
}

Task<Result<Written>> LocalStore::commit(Key key, Revision expected, Prepared prepared,
                                         bool dry_run) {
  const std::string at = storage_key(key);
  const bool creates = expected == 0;
  if (dry_run) {
    if (creates) {
      CO_TRY(std::optional<Entry> there, co_await backend_.get(at));
      if (there) co_return fail(exists_already(key.id, key.name));
    }
    co_return written(std::make_shared<const Json>(std::move(prepared.object)), creates,
                      std::move(prepared.warnings));
  }
  if (prepared.finished) {
    Result<Revision> gone = co_await backend_.remove(at, expected);
    if (!gone) co_return fail(write_error(std::move(gone).error(), key));
    // What was taken off the dying object is in the answer only: it leaves the store as it was.
    co_return written(std::make_shared<const Json>(std::move(prepared.object)), false,
                      std::move(prepared.warnings));
  }
  CO_TRY(Value value, encode_object(prepared.object));
  in_flight_->insert_or_assign(value.get(), std::move(prepared.object));
  ErasedAtEnd erased(in_flight_, value.get());
  Result<Revision> revision;
  if (creates) {
    revision = co_await backend_.create(at, value);
  } else {
    revision = co_await backend_.update(at, value, expected);
  }
  if (!revision) co_return fail(write_error(std::move(revision).error(), key));
  // The observer has put it into the cache; unless it was pushed out, or replaced, before this
  // resumed.
  ObjectCache::Found cached = cache_.find(at);
  ObjectPtr object = cached.object && cached.modified == *revision
                         ? std::move(cached.object)
                         : decode_object(*value, *revision);
  Written made = written(std::move(object), creates, std::move(prepared.warnings));
  made.text = std::move(value);
  made.revision = *revision;
  co_return made;
}

Task<Result<Written>> LocalStore::create(resources::ResourceId id, std::string ns, Json object,
                                         WriteOptions options) {
  CO_TRY(const auto* definition, definition_of(id));
  const bool generates = string_at(object, "metadata.name").empty() &&
                         !string_at(object, "metadata.generateName").empty();
  const bool namespaced = definition->namespaced;
  if (namespaced) {
    if (ns.empty()) ns = string_at(object, "metadata.namespace");
    if (ns.empty())
      co_return fail(Code::kBadRequest, "a namespace must be given to create this resource");
    auto there = co_await check_namespace(id, ns, string_at(object, "metadata.name"));
    if (!there) co_return fail(std::move(there).error());
  }
  for (int attempt = 1;; ++attempt) {
    CO_TRY(definition, definition_of(id));  // the table may have changed while this was suspended
    // Only a generated name may have to be drawn again.
    Json wanted = generates ? object : std::move(object);
    CO_TRY(Prepared prepared,
           prepare_create(rules_for(*definition), ns, std::move(wanted), options));
    track_write(*definition, nullptr, prepared.object, writer_for(options, ""));
    Key key(id, namespaced ? ns : std::string(), resources::name_of(prepared.object));
    Result<Written> made = co_await commit(std::move(key), 0, std::move(prepared), options.dry_run);
    const bool taken = !made && made.error().code == Code::kAlreadyExists;
    if (!taken || !generates || attempt == kTries) co_return made;
  }
}

Task<Result<Written>> LocalStore::update(Key key, std::string subresource, Json object,
                                         WriteOptions options) {
  CO_TRY(const auto* definition, definition_of(key.id));
  if (auto checked = check_address(object, key.ns, key.name); !checked)
    co_return fail(std::move(checked).error());
  const std::string version = string_at(object, "metadata.resourceVersion");
  const bool unconditional = version.empty();
  if (unconditional && !definition->builtin && subresource != "scale") {
    co_return fail(invalid_object(
        qualified_resource(key.id), key.name,
        {resources::invalid("metadata.resourceVersion", 0, "must be specified for an update")}));
  }
  for (int attempt = 1;; ++attempt) {
    CO_TRY(Stored current, co_await load(key));
    if (!unconditional && version != std::to_string(current.modified))
      co_return fail(was_modified(key.id, key.name));
    CO_TRY(definition, definition_of(key.id));
    CO_TRY(Prepared prepared,
           prepare_update(rules_for(*definition), *current.object, subresource, object, options));
    if (!prepared.changed && !prepared.finished) {
      co_return written(std::move(current.object), false, std::move(prepared.warnings));
    }
    track_write(*definition, current.object.get(), prepared.object,
                writer_for(options, subresource));
    Result<Written> made =
        co_await commit(key, current.modified, std::move(prepared), options.dry_run);
    const bool overtaken = !made && made.error().code == Code::kConflict;
    if (!overtaken || !unconditional || attempt == kTries) co_return made;
  }
}

Task<Result<Written>> LocalStore::patch_once(Key key, std::string subresource, Patch patch,
                                             WriteOptions options) {
  CO_TRY(Stored current, co_await load(key));
  CO_TRY(const auto* definition, definition_of(key.id));
  CO_TRY(Json wanted, apply_patch(*definition, *current.object, patch));
  const std::string version = string_at(wanted, "metadata.resourceVersion");
  if (!version.empty() && version != std::to_string(current.modified))
    co_return fail(was_modified(key.id, key.name));
  CO_TRY(Prepared prepared, prepare_update(rules_for(*definition), *current.object, subresource,
                                           std::move(wanted), options));
  if (!prepared.changed && !prepared.finished) {
    co_return written(std::move(current.object), false, std::move(prepared.warnings));
  }
  track_write(*definition, current.object.get(), prepared.object, writer_for(options, subresource));
  co_return co_await commit(std::move(key), current.modified, std::move(prepared), options.dry_run);
}

Task<Result<Written>> LocalStore::patch(Key key, std::string subresource, Patch patch,
                                        WriteOptions options) {
  // A patch that names a resourceVersion fails by itself on the next try; others are applied to the
  // newer object.
  const bool conditional =
      patch.body.is_object() && !string_at(patch.body, "metadata.resourceVersion").empty();
  const bool applies = patch.type == PatchType::kApply;
  for (int attempt = 1;; ++attempt) {
    Result<Written> made = applies ? co_await apply_once(key, subresource, patch.body, options)
                                   : co_await patch_once(key, subresource, patch, options);
    const Code code = made ? Code::kInternal : made.error().code;
    const bool overtaken = (code == Code::kConflict && made.error().fields.empty()) ||
                           (applies && code == Code::kAlreadyExists);
    if (made || !overtaken || conditional || attempt == kTries) co_return made;
  }
}

Task<Result<Removed>> LocalStore::remove(Key key, RemoveOptions options) {
  for (int attempt = 1;; ++attempt) {
    CO_TRY(Stored current, co_await load(key));
    CO_TRY(const auto* definition, definition_of(key.id));
    CO_TRY(Removal removal, prepare_remove(rules_for(*definition), *current.object, options));
    Removed removed;
    if (removal.outcome == Removal::Outcome::kGone) {
      Result<Revision> gone;
      if (!options.dry_run) gone = co_await backend_.remove(storage_key(key), current.modified);
      removed.object = removal.changed ? std::make_shared<const Json>(*std::move(removal.changed))
                                       : current.object;
      removed.gone = true;
      if (gone) co_return removed;
      if (gone.error().code == Code::kNotFound) co_return fail(no_such_object(key.id, key.name));
      if (gone.error().code != Code::kConflict) co_return fail(std::move(gone).error());
      if (attempt == kTries) co_return fail(was_modified(key.id, key.name));
      continue;
    }
    removed.object = current.object;
    if (removal.outcome == Removal::Outcome::kUnchanged) co_return removed;
    Prepared marked;
    marked.object = *std::move(removal.changed);
    Result<Written> made =
        co_await commit(key, current.modified, std::move(marked), options.dry_run);
    if (made) {
      removed.object = std::move(made->object);
      co_return removed;
    }
    if (made.error().code != Code::kConflict || attempt == kTries)
      co_return fail(std::move(made).error());
  }
}

Task<Result<std::unique_ptr<Watch>>> LocalStore::watch(Selection selection, WatchOptions options) {
  CO_TRY(const auto* definition, definition_of(selection.id));
  if (auto checked = check_field_labels(*definition, selection); !checked)
    co_return fail(std::move(checked).error());
  LocalWatch::Start start;
  start.api_version = definition->api_version();
  start.kind = definition->kind;
  start.bookmarks = options.bookmarks;
  start.bookmark_interval = options_.bookmark_interval;
  const bool from_now = options.resource_version.empty() || options.resource_version == "0";
  if (!from_now) {
    const std::optional<Revision> revision = parse_revision(options.resource_version);
    if (!revision) {
      co_return fail(Code::kBadRequest,
                     fmt::format("invalid resource version: resourceVersion: Invalid value: "
                                 "\"{}\": strconv.ParseUint: "
                                 "parsing \"{}\": invalid syntax",
                                 options.resource_version, options.resource_version));
    }
    start.revision = *revision;
  }
  if (from_now || options.send_initial_events) {
    CO_TRY(Page page, co_await list(selection, {}));
    start.initial = std::move(page.items);
    start.revision = parse_revision(page.resource_version).value_or(0);
    // A real server sends this bookmark unasked to clients that take bookmarks and name no version.
    start.initial_end =
        options.send_initial_events || (options.bookmarks && options.resource_version.empty());
  }
  co_return std::make_unique<LocalWatch>(hub_, io_, std::move(selection), std::move(start));
}

}  // namespace mizan::store
