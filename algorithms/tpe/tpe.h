// Tree-structured Parzen estimators: model where good points lie and where the others do, try where
// the first density is high and the second low.
//
// Two densities are in use. Separate ones model each parameter alone; joint ones model points of
// all parameters that are active together, with kernels as wide as the good points are spread.
// `tpe` uses either in half of its draws, `multivariate-tpe` the joint ones in two of three.
// Conditional parameters are modelled from the evaluations in which they were active. Pending
// points count as bad ones (constant liar), so that parallel asks spread out. Only the order of
// values matters: outliers do no harm.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

std::span<const SettingSpec> tpe_settings();
std::span<const SettingSpec> multivariate_tpe_settings();
Capabilities tpe_capabilities();
std::unique_ptr<const Optimizer> make_tpe();
std::unique_ptr<const Optimizer> make_multivariate_tpe();

/// Parameters that are active together, in an order in which parents come first: the roots, then
/// the children of each (parent, values). With `joint` false each parameter stands alone.
std::vector<std::vector<std::size_t>> parameter_groups(const SearchSpace& space, bool joint);

/// How many of `n` measured evaluations count as good: a tenth, at least one, at most 25; with
/// hyperopt's `gamma` ceil(gamma x sqrt(n)), at most 25.
std::size_t good_count(std::size_t n, std::optional<double> gamma);

}  // namespace mizan::algorithms
