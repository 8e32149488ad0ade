// Quasi-random search: scrambled Sobol points through the declared distributions.
//
// Covers a space more evenly than random search at every number of points, best at powers of two.
// On a finite space it never repeats an evaluated or pending point while a new one exists.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"
#include "algorithms/seen_points.h"
#include "algorithms/sobol.h"

namespace mizan::algorithms {

std::span<const SettingSpec> sobol_settings();
Capabilities sobol_capabilities();
std::unique_ptr<const Optimizer> make_sobol_search();

/// Unit coordinates of point `index` of a space's scrambled sequence. `sequence` has the space's
/// dimensions (fewer past the table's end: the rest is random).
std::vector<double> sobol_coordinates(const SearchSpace& space, const SobolSequence& sequence,
                                      std::uint64_t seed, std::uint64_t index);
/// That point.
Point sobol_point(const SearchSpace& space, const SobolSequence& sequence, std::uint64_t seed,
                  std::uint64_t index);

}  // namespace mizan::algorithms
