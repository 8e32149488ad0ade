// The families of traces.
#include "tests/bench/tuner/traces.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <stdexcept>

namespace mizan::bench {
namespace {

using Random = std::mt19937_64;

/// The standard's distributions differ between libraries; these don't.
double uniform(Random& random) { return static_cast<double>(random() >> 11U) * 0x1p-53; }
double between(Random& random, double low, double high) {
  return low + (high - low) * uniform(random);
}
double normal(Random& random) {
  const double a = std::max(uniform(random), 1e-12), b = uniform(random);
  return std::sqrt(-2 * std::log(a)) * std::cos(2 * 3.14159265358979323846 * b);
}
double one_of(Random& random, std::initializer_list<double> values) {
  return *(values.begin() + random() % values.size());
}

/// Batch size and width, as of a network; their product is what its activations take.
TraceTrial linear(Random& random) {
  const double batch = one_of(random, {8, 16, 32, 64, 128, 256}), width = between(random, 64, 1024);
  return {{batch, width}, {}, 400 + 2.0 * batch + 0.9 * width, 0};
}
TraceTrial quadratic(Random& random) {
  const double batch = one_of(random, {8, 16, 32, 64, 128, 256}), width = between(random, 64, 512);
  return {{batch, width}, {}, 300 + 2.2 * batch * width / 256 + 0.002 * width * width, 0};
}
/// Buffers that grow in powers of two.
TraceTrial stepwise(Random& random) {
  const double rows = between(random, 1, 100), depth = std::floor(between(random, 2, 12));
  return {{rows, depth}, {}, 200 + std::exp2(std::ceil(std::log2(rows * 16))) + 20 * depth, 0};
}
/// The optimizer keeps none, one or two copies of the weights.
TraceTrial categorical(Random& random) {
  const char* const optimizers[] = {"sgd", "momentum", "adam"};
  const std::size_t which = random() % 3;
  const double width = between(random, 128, 1536);
  return {{width}, {optimizers[which]}, 350 + width * (1 + static_cast<double>(which)) * 0.8, 0};
}
/// As linear; what is measured scatters by 15%, now and then by far more.
TraceTrial noisy(Random& random) {
  TraceTrial trial = linear(random);
  trial.peak_mib *= std::exp(0.15 * normal(random)) * (uniform(random) < 0.02 ? 1.6 : 1.0);
  return trial;
}
/// The need comes from what the tuner can't see.
TraceTrial wrong(Random& random) {
  const double hidden = between(random, 0, 1);
  return {{between(random, 0, 1), between(random, 1, 100)}, {}, 300 + 1200 * hidden * hidden, 0};
}

struct Family {
  const char* name;
  TraceTrial (*draw)(Random&);
  double scatter;  // of every measurement, relative
};
constexpr Family kFamilies[] = {{"linear", linear, 0.03},     {"quadratic", quadratic, 0.04},
                                {"stepwise", stepwise, 0.02}, {"categorical", categorical, 0.03},
                                {"noisy", noisy, 0.0},        {"wrong", wrong, 0.03}};

}  // namespace

std::vector<std::string> trace_families() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.emplace_back(family.name);
  return names;
}

Trace make_trace(const std::string& name, std::uint64_t seed, std::size_t trials) {
  const auto* family = std::ranges::find(kFamilies, name, &Family::name);
  if (family == std::end(kFamilies)) throw std::invalid_argument("no family " + name);
  Random random(seed * 1000 + static_cast<std::uint64_t>(family - kFamilies));
  Trace trace{name, seed, {}};
  for (std::size_t i = 0; i < trials; ++i) {
    TraceTrial trial = family->draw(random);
    trial.peak_mib *= 1 + family->scatter * std::clamp(normal(random), -3.0, 3.0);
    trial.seconds = between(random, 60, 240);
    trace.trials.push_back(std::move(trial));
  }
  return trace;
}

}  // namespace mizan::bench
