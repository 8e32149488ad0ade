// The Pod of a warm pool, and the lease by which it runs one trial. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "core/json.h"
#include "core/time.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "resources/warm_lease.h"

namespace mizan::pods {

/// On pods of a pool: "SLOT.GENERATION", from which its name is made.
inline constexpr const char* kWarmSlotAnnotation = "mizan.kubeflow.org/warm-slot";

/// Which place of the pool, and which pod in it.
struct WarmSlot {
  std::int64_t slot = 0, generation = 1;
};
WarmSlot slot_of(const Json& pod);

/// What pods of this server's pools need to know.
struct WarmPodFacts {
  std::string runner;    // the program, as pods see it
  std::string url;       // of this server, as pods reach it
  std::string url_file;  // in a pod: a file that names the server's present address.
                         // $(MIZAN_POD_UID) and CONTAINER stand for themselves; empty: none
};

/// The same at every call, so that a crash makes no pod twice.
std::string warm_pod_name(const resources::Experiment& experiment, WarmSlot place);

/// The pod spec of `job`'s template with the runner as its primary container's command, owned by
/// the experiment. Variables with values are of the lease; those from elsewhere stay the pod's.
Json build_warm_pod(const resources::Experiment& experiment, const Json& job,
                    const std::string& primary, WarmSlot place, const WarmPodFacts& facts);

/// The Secret of the pod's name that holds its token.
Json build_token_secret(const resources::Experiment& experiment, const std::string& pod,
                        std::string token);

/// What runs `trial` as `job` says. `attempt`: see WarmLease.
resources::WarmLease lease_for(const Json& job, const resources::Trial& trial, std::int64_t attempt,
                               Time now);

/// The primary container in a pod spec: the one of that name, else the first. Null: none.
const Json* primary_container(const Json& pod_spec, const std::string& primary);

}  // namespace mizan::pods
