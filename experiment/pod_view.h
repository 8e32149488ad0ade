// A pod as the Trial controller needs it: which trial it runs, how far it is, how its containers
// ended.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/time.h"

namespace mizan::experiment {

struct ContainerView {
  enum class State { kWaiting, kRunning, kTerminated };
  std::string name;
  State state = State::kWaiting;
  std::string reason, message;  // of that state
  std::int64_t exit_code = 0;   // terminated
  std::int64_t signal = 0;
  std::int64_t restarts = 0;
};

struct PodView {
  std::string ns, name, uid;
  std::string trial;  // label katib.kubeflow.org/trial
  std::map<std::string, std::string> labels;
  std::optional<Time> created;
  std::string address;  // its IP address; of a pod without one, its node's
  std::string phase, reason, message;
  /// On a warm pod: TRIAL/ATTEMPT of its lease for that trial, and when it was given. Then `uid` is
  /// of the pod and the lease, and phase and containers are as far as the trial is: it ends, the
  /// pod goes on.
  std::string lease;
  std::optional<Time> lease_since;
  std::string unscheduled;  // why it has no node, from its condition PodScheduled
  std::vector<ContainerView> containers;

  bool has_ended() const { return phase == "Succeeded" || phase == "Failed"; }
  /// The named container; the only or first one when the name is empty or unknown. Null: none has a
  /// status yet.
  const ContainerView* container(std::string_view wanted) const;
};

PodView read_pod_view(const Json& pod);

}  // namespace mizan::experiment
