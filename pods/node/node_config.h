// What the embedded node is told by its owner.
#pragma once

#include <chrono>
#include <string>

#include "pods/node/machine.h"

namespace mizan::pods {

struct NodeConfig {
  std::string data_dir;   // pods' folders are in data_dir/pods
  std::string node_name;  // empty: the hostname
  NodeSize size;
  std::string cgroup_root;  // empty: found
  bool use_cgroups = true;
  std::string shim_binary;  // has shim_main behind the argument `shim`; usually /proc/self/exe
  std::string search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  std::string version;  // shown by `kubectl get nodes`
  bool allow_host_path = false;
  bool allow_unisolated = false;  // run pods although the data directory can't be hidden from them
  /// A pod that ends sooner is never written as Running: one write less for each short trial.
  std::chrono::milliseconds running_delay{30};
  std::chrono::milliseconds restart_backoff{10'000};
  std::chrono::milliseconds retry_config{
      5'000};  // how soon a missing ConfigMap is looked for again
  /// How soon a resize is tried again whose memory limit was below usage.
  std::chrono::milliseconds retry_resize{1'000};
  std::chrono::seconds heartbeat{300};  // of the Node object
};

}  // namespace mizan::pods
