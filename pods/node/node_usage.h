// What pods use now: for metrics.k8s.io, `kubectl top` and the dashboard.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "controller/informer.h"
#include "pods/node/cgroup.h"

namespace mizan::pods {

struct ContainerUse {
  std::string container;
  std::int64_t cpu_nanocores = 0;  // since the last question, or since the start
  std::int64_t memory_bytes = 0;
  std::int64_t anonymous_bytes = 0;   // what of it can't be dropped
  std::uint64_t cpu_nanoseconds = 0;  // since the start; likewise what its CPU limit did to it:
  std::uint64_t cpu_periods = 0, throttled_periods = 0, throttled_nanoseconds = 0;
};

/// Thread: io; reading is done on `files`.
class NodeUsage {
 public:
  NodeUsage(boost::asio::any_io_executor files, const controller::Informer<Json>& pods,
            const Cgroups* cgroups, std::string data_dir);

  /// The running containers. Errors: kNotFound when there is no such pod or it doesn't run.
  Task<Result<std::vector<ContainerUse>>> usage(std::string ns, std::string pod);

 private:
  struct Sample {
    std::chrono::steady_clock::time_point at;
    std::uint64_t cpu_nanoseconds = 0;
  };

  boost::asio::any_io_executor files_;
  const controller::Informer<Json>& pods_;
  const Cgroups* cgroups_;
  std::string data_dir_;
  std::map<std::string, std::map<std::string, Sample>>
      last_;  // pod uid -> container; of running pods only
};

}  // namespace mizan::pods
