// Buckets of exponential size: the first 10 MB, each 5% wider than the one before.
#include "tests/bench/tuner/vpa.h"

#include <algorithm>
#include <cmath>

namespace mizan::bench {
namespace {

constexpr double kFirst = 1e7 / kMib, kGrowth = 1.05;
constexpr double kHalfLife = 24 * 3600;
constexpr double kMargin = 1.15, kLeast = 250;

double start_of(int bucket) { return kFirst * (std::pow(kGrowth, bucket) - 1) / (kGrowth - 1); }
int bucket_of(double mib) {
  return static_cast<int>(
      std::floor(std::log(mib * (kGrowth - 1) / kFirst + 1) / std::log(kGrowth)));
}

}  // namespace

double VpaRecommender::bucket_end(double mib) { return start_of(bucket_of(mib) + 1); }

void VpaRecommender::add(double mib, double at) {
  // Decay as a growing weight of what is new: the quotient is what counts.
  weights_[bucket_of(mib)] += std::exp2(at / kHalfLife);
}
void VpaRecommender::add_peak(double mib, double at) { add(mib, at); }
void VpaRecommender::add_oom(double used, double at) { add(std::max(used * 1.2, used + 100), at); }

double VpaRecommender::target() const {
  double total = 0;
  for (const auto& [bucket, weight] : weights_) total += weight;
  if (total == 0) return 0;
  double sum = 0;
  int chosen = weights_.rbegin()->first;
  for (const auto& [bucket, weight] : weights_) {
    sum += weight;
    if (sum < 0.9 * total) continue;
    chosen = bucket;
    break;
  }
  return std::max(start_of(chosen + 1) * kMargin, kLeast);
}

}  // namespace mizan::bench
