// What trials need, made up: memory as a function of hyperparameters that a sampler draws, in the
// shapes that real training has. Fixed by family and seed; written before the tuner was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mizan::bench {

struct TraceTrial {
  std::vector<double> numbers;          // numeric hyperparameters, as the tuner sees them
  std::vector<std::string> categories;  // categorical ones
  double peak_mib = 0;                  // anonymous memory at its highest
  double seconds = 0;                   // of a run that is not killed
};

struct Trace {
  std::string family;
  std::uint64_t seed = 0;
  std::vector<TraceTrial> trials;
};

/// linear, quadratic, stepwise, categorical, noisy, wrong: see traces.cc.
std::vector<std::string> trace_families();
Trace make_trace(const std::string& family, std::uint64_t seed, std::size_t trials);

}  // namespace mizan::bench
