// The output of pods through a cluster's API: pods/NAME/log.
#pragma once

#include "kubernetes/https_client.h"
#include "store/pod_logs.h"

namespace mizan::kubernetes {

/// Thread: io. `client` outlives it and its streams.
class ApiPodLogs final : public store::PodLogs {
 public:
  explicit ApiPodLogs(HttpsClient& client) : client_(client) {}

  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string ns, std::string pod,
                                                       store::LogOptions options) override;

 private:
  HttpsClient& client_;
};

}  // namespace mizan::kubernetes
