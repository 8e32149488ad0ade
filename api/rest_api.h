// The REST surface: experiments, trials, ask and tell, events. Small and stable; errors are
// problem+json.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/auth.h"
#include "api/http.h"
#include "api/rest_router.h"
#include "api/server.h"
#include "api/target.h"
#include "resources/suggestion.h"

namespace mizan::api {

struct RestCall {
  Request request;
  Query query;
  std::vector<std::string> segments;  // after /rest/v1
  User user;
};

/// Where a request points: filled from the path's names; empty when the route has none of that
/// name.
struct RestPlace {
  std::string ns, experiment, trial;
};

/// Whether that is asked by the runner of a warm pod, whose token says so and no user's.
bool is_lease_path(const std::vector<std::string>& segments);

/// Thread: io.
class RestApi {
 public:
  RestApi(const boost::asio::any_io_executor& io, const ServerConfig& config,
          const Services& services);
  ~RestApi();

  /// Errors become problems at the caller's.
  Task<Result<Response>> handle(RestCall call);

  /// AskDesk::who_waits.
  std::string who_waits(const std::string& ns, const std::string& experiment,
                        const resources::TrialAssignment& draw);

  /// The server stops: waiting asks and event streams end.
  void close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mizan::api
