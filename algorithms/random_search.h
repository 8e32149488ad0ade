// Random search: independent draws from the declared distributions.
//
// It has no failure mode, so it is what others are measured against and fall back on. On a finite
// space it never repeats an evaluated or pending point while a new one exists; when all are used up
// it goes on with repeats, since a noisy objective may gain from them.
#pragma once

#include <memory>
#include <span>

#include "algorithms/counter_rng.h"
#include "algorithms/optimizer.h"
#include "algorithms/registry.h"
#include "algorithms/seen_points.h"

namespace mizan::algorithms {

std::span<const SettingSpec> random_settings();
Capabilities random_capabilities();
std::unique_ptr<const Optimizer> make_random_search();

/// One draw from the declared distributions, conditions respected.
Point sample_point(const SearchSpace& space, std::uint64_t seed, std::uint64_t draw,
                   Purpose purpose, std::uint32_t lane = 0);

/// A draw that isn't among `seen` while a new point exists: a few attempts, then a random one of
/// the unused points. Nothing when the space is finite and used up.
std::optional<Point> sample_new_point(const Query& query, const SeenPoints& seen);

}  // namespace mizan::algorithms
