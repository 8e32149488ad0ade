// The verbs of the Kubernetes surface: get, list, watch, create, update, patch, delete,
// deletecollection, and the subresources. All meaning is the store's; this turns requests into
// calls and results into answers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/events_view.h"
#include "api/negotiate.h"
#include "api/render.h"
#include "api/router.h"
#include "api/server.h"
#include "api/usage_api.h"

namespace mizan::api {

/// A resource request that has been resolved, authenticated and authorized.
struct ResourceCall {
  Request request;
  Query query;
  ResourceRequest route;
  User user = {};
};

/// Thread: io.
class KubernetesApi {
 public:
  /// At most `max_watches` are open at once; more get 429 and are asked to come again.
  KubernetesApi(boost::asio::any_io_executor io, const Services& services, std::size_t max_watches);

  /// Errors become Status bodies at the caller's.
  Task<Result<Response>> handle(ResourceCall call);

 private:
  /// What is kept of a definition across suspension, since the table may change meanwhile.
  struct Kind {
    resources::ResourceId id;
    std::string version, kind, plural;
    bool builtin = false;
    Json scale;
  };
  using Definition = resources::ResourceDefinition;

  const Definition* resolve(const ResourceRequest& route) const;
  /// Where the objects of that group are.
  store::ObjectStore& store_of(const ResourceRequest& route);
  Result<Rendering> rendering_for(const ResourceCall& call, const Definition& definition) const;

  Task<Result<Response>> get(ResourceCall call, Kind kind, Rendering rendering);
  Task<Result<Response>> list(ResourceCall call, Rendering rendering);
  Task<Result<Response>> watch(ResourceCall call, Rendering rendering);
  Task<Result<Response>> create(ResourceCall call, Kind kind, Rendering rendering);
  Task<Result<Response>> update(ResourceCall call, Kind kind, Rendering rendering);
  Task<Result<Response>> patch(ResourceCall call, Kind kind, Rendering rendering);
  Task<Result<Response>> remove(ResourceCall call, Kind kind, Rendering rendering);
  Task<Result<Response>> remove_collection(ResourceCall call, Kind kind, Rendering rendering);
  Task<Result<Response>> pod_log(ResourceCall call);
  Task<Result<Response>> exec(ResourceCall call);
  Task<Result<Response>> review(ResourceCall call, Rendering rendering);
  Task<Result<Response>> usage(ResourceCall call, Rendering rendering);
  Response written(const store::Written& result, const std::string& subresource, const Kind& kind,
                   const Rendering& rendering, const std::vector<std::string>& warnings) const;

  boost::asio::any_io_executor io_;
  Services services_;
  UsageApi usage_;
  EventsView events_;
  std::size_t max_watches_;
  std::shared_ptr<std::size_t> watches_ = std::make_shared<std::size_t>(0);  // open now
};

/// autoscaling/v1 Scale of `object`, by the paths of a definition's `scale`.
Json scale_of(const Json& object, const Json& paths);

}  // namespace mizan::api
