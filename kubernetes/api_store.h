// The ObjectStore of a real cluster: the same interface as LocalStore, over the Kubernetes API.
#pragma once

#include <memory>
#include <string>

#include "kubernetes/https_client.h"
#include "store/object_store.h"

namespace mizan::kubernetes {

/// Thread: io. `client` and `table` outlive it; `table` says where each kind is served.
/// Honours 429 with Retry-After (up to three times); everything else is the caller's to repeat.
class ApiStore final : public store::ObjectStore {
 public:
  ApiStore(HttpsClient& client, const resources::ResourceTable& table);

  Task<Result<store::ObjectPtr>> get(store::Key key) override;
  Task<Result<store::Page>> list(store::Selection selection,
                                 store::ListOptions options = {}) override;
  Task<Result<store::Written>> create(resources::ResourceId id, std::string ns, Json object,
                                      store::WriteOptions options = {}) override;
  Task<Result<store::Written>> update(store::Key key, std::string subresource, Json object,
                                      store::WriteOptions options = {}) override;
  Task<Result<store::Written>> patch(store::Key key, std::string subresource, store::Patch patch,
                                     store::WriteOptions options = {}) override;
  Task<Result<store::Removed>> remove(store::Key key, store::RemoveOptions options = {}) override;
  Task<Result<std::unique_ptr<store::Watch>>> watch(store::Selection selection,
                                                    store::WatchOptions options = {}) override;

 private:
  Task<Result<HttpResponse>> send(HttpRequest request);
  Task<Result<store::Written>> write(HttpRequest request);
  Result<std::string> path(const resources::ResourceId& id, const std::string& ns,
                           const std::string& name, const std::string& subresource) const;

  HttpsClient& client_;
  const resources::ResourceTable& table_;
};

}  // namespace mizan::kubernetes
