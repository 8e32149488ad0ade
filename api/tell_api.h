// REST: `:report` and `:tell`, by which clients that run trials themselves say how they go and how
// they ended.
#pragma once

#include "api/rest_api.h"

namespace mizan::api {

/// Thread: io.
class TellApi {
 public:
  explicit TellApi(const Services& services);

  /// Appends to the trial's curve and answers {"shouldStop": bool}.
  Task<Result<Response>> report(RestPlace place, Request request);
  /// Ends the trial; the same again is 200, another 409 (kConflict).
  Task<Result<Response>> tell(RestPlace place, Request request);

 private:
  Services services_;
};

}  // namespace mizan::api
