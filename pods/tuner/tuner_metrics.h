// What the tuner did, for Prometheus.
#pragma once

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace mizan::pods {

/// Thread: io.
class TunerMetrics {
 public:
  /// Null: nobody asks. The registry outlives it.
  explicit TunerMetrics(prometheus::Registry* registry);
  ~TunerMetrics();

  /// requested, completed, deferred, infeasible, taken_back, replaced.
  void count_resize(const std::string& what);
  void count_oom_retry();
  void set_savings(const std::string& ns, const std::string& experiment, double memory_gib_hours,
                   double cpu_core_hours);
  void forget(const std::string& ns, const std::string& experiment);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace mizan::pods
