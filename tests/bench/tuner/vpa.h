// The Vertical Pod Autoscaler's recommendation of memory, written from its published constants: a
// decaying histogram of peaks, one sample for each container and day, the 90th percentile and 15%.
#pragma once

#include <map>

namespace mizan::bench {

inline constexpr double kMib = 1024.0 * 1024.0;  // bytes

class VpaRecommender {
 public:
  /// A finished container's peak. `at`: seconds since the start.
  void add_peak(double mib, double at);
  /// max(1.2 x used, used + 100 MiB), as a sample, `used` being the larger of request and peak.
  void add_oom(double used_mib, double at);
  /// The target in MiB; 0 while there is no sample.
  double target() const;

  /// The upper end of the bucket that holds `mib`.
  static double bucket_end(double mib);

 private:
  void add(double mib, double at);
  std::map<int, double> weights_;  // by bucket
};

}  // namespace mizan::bench
