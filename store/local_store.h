// ObjectStore over a Backend: Kubernetes' semantics on one machine. The HTTP front and all
// controllers of an embedded cluster share one.
//
// Writes are read, decide (write_rules.h), compare-and-swap; a write without a resourceVersion
// tries again when another came first. Reads of hot objects come from a cache that every committed
// change goes through.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/time.h"
#include "resources/admission.h"
#include "resources/definition.h"
#include "store/backend.h"
#include "store/managed_fields.h"
#include "store/object_cache.h"
#include "store/object_store.h"
#include "store/watch_hub.h"
#include "store/write_rules.h"

namespace mizan::store {

struct LocalStoreOptions {
  std::size_t cache_bytes = 8 * 1024 * 1024;  // of JSON text; decoded it takes some four times that
  std::size_t watch_queue = 4096;             // events a watcher may be behind
  std::chrono::milliseconds bookmark_interval{60'000};
  boost::asio::any_io_executor
      pool;  // where long lists are decoded or written; empty: on the io thread
  LocalStoreOptions() {}
};

/// Thread: io. Owns nothing that it is given; all of it outlives the store. Becomes the backend's
/// observer.
class LocalStore final : public ObjectStore {
 public:
  LocalStore(boost::asio::any_io_executor io, Backend& backend,
             const resources::ResourceTable& table, const resources::AdmissionTable& admission,
             const Clock& clock, LocalStoreOptions options = {});
  ~LocalStore() override;
  LocalStore(const LocalStore&) = delete;
  LocalStore& operator=(const LocalStore&) = delete;

  Task<Result<ObjectPtr>> get(Key key) override;
  Task<Result<Page>> list(Selection selection, ListOptions options) override;
  Task<Result<Written>> create(resources::ResourceId id, std::string ns, Json object,
                               WriteOptions options) override;
  Task<Result<Written>> update(Key key, std::string subresource, Json object,
                               WriteOptions options) override;
  Task<Result<Written>> patch(Key key, std::string subresource, Patch patch,
                              WriteOptions options) override;
  Task<Result<Removed>> remove(Key key, RemoveOptions options) override;
  Task<Result<std::unique_ptr<Watch>>> watch(Selection selection, WatchOptions options) override;

  /// Ends every watch with kUnavailable. Before the backend is closed.
  void close();

  std::size_t watchers() const { return hub_->watchers(); }
  std::size_t cached_bytes() const { return cache_.bytes(); }

 private:
  struct Stored {
    ObjectPtr object;
    Revision modified = 0;
  };

  Result<const resources::ResourceDefinition*> definition_of(const resources::ResourceId& id) const;
  Rules rules_for(const resources::ResourceDefinition& definition) const;
  Task<Result<Stored>> load(Key key);
  Task<Result<>> check_namespace(resources::ResourceId id, std::string ns, std::string name);
  /// Writes `prepared` over what is at `expected` (0: creates), or removes it when it is finished.
  Task<Result<Written>> commit(Key key, Revision expected, Prepared prepared, bool dry_run);
  Task<Result<Written>> patch_once(Key key, std::string subresource, Patch patch,
                                   WriteOptions options);
  FieldWriter writer_for(const WriteOptions& options, const std::string& subresource) const;
  // server-side apply, in local_store_apply.cc
  Task<Result<Written>> apply_once(Key key, std::string subresource, Json applied,
                                   WriteOptions options);
  Task<Result<Written>> apply_new(Key key, Json applied, WriteOptions options);
  void on_changes(const std::vector<Change>& changes);

  // list, in local_store_list.cc
  struct Snapshot {
    Revision at = 0;
    std::size_t limit = 0;
    std::string after;  // key
    bool as_text = false;
  };
  Result<Snapshot> snapshot_of(const Selection& selection, const ListOptions& options) const;
  Task<Result<Page>> list_one(Selection selection, std::string ns, std::string name);
  Task<Result<Page>> list_snapshot(Selection selection, Snapshot snapshot);
  Task<Page> text_page(Range range, std::string prefix);
  Task<std::vector<ObjectPtr>> decode_all(std::vector<Entry> entries, Revision shown);

  boost::asio::any_io_executor io_;
  Backend& backend_;
  const resources::ResourceTable& table_;
  const resources::AdmissionTable& admission_;
  const Clock& clock_;
  LocalStoreOptions options_;
  ObjectCache cache_;
  std::shared_ptr<WatchHub> hub_;
  /// What is being written, by the address of its bytes: the observer need not parse it again.
  /// Shared with the writes themselves, whose frames may outlive the store when the program ends.
  using InFlight = std::unordered_map<const std::string*, Json>;
  std::shared_ptr<InFlight> in_flight_ = std::make_shared<InFlight>();
};

/// Errors: kBadRequest, "field label not supported: x", for a field that the kind can't be selected
/// by.
Result<> check_field_labels(const resources::ResourceDefinition& definition,
                            const Selection& selection);

}  // namespace mizan::store
