// events.k8s.io/v1 on the Events of core/v1: the same objects under their newer names, as on a real
// server, for the clients that ask for them there.
#pragma once

#include "store/object_store.h"

namespace mizan::api {

inline const resources::ResourceId kNewEvents{"events.k8s.io", "events"};

/// Thread: io. `store` outlives it and its watches. Knows that one kind alone.
class EventsView final : public store::ObjectStore {
 public:
  explicit EventsView(store::ObjectStore& store) : store_(store) {}

  Task<Result<store::ObjectPtr>> get(store::Key key) override;
  Task<Result<store::Page>> list(store::Selection selection, store::ListOptions options) override;
  Task<Result<store::Written>> create(resources::ResourceId id, std::string ns, Json object,
                                      store::WriteOptions options) override;
  Task<Result<store::Written>> update(store::Key key, std::string subresource, Json object,
                                      store::WriteOptions options) override;
  Task<Result<store::Written>> patch(store::Key key, std::string subresource, store::Patch patch,
                                     store::WriteOptions options) override;
  Task<Result<store::Removed>> remove(store::Key key, store::RemoveOptions options) override;
  Task<Result<std::unique_ptr<store::Watch>>> watch(store::Selection selection,
                                                    store::WatchOptions options) override;

 private:
  store::ObjectStore& store_;
};

/// An Event of core/v1 as one of events.k8s.io/v1, and back. Fields that are not told apart stay.
Json to_new_event(const Json& event);
Json to_old_event(Json event);

}  // namespace mizan::api
