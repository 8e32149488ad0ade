// The standard normal distribution, as far out in its tails as doubles go.
#pragma once

namespace mizan::algorithms {

double normal_pdf(double z);
/// P(Z <= z); keeps its relative precision down to z = -38.
double normal_cdf(double z);
/// log P(Z <= z); finite for every finite z.
double normal_log_cdf(double z);
/// z with P(Z <= z) = p. Requires 0 < p < 1; 0 and 1 give the infinities.
double normal_quantile(double p);

/// log(P(a <= Z <= b)) without cancellation in either tail. Requires a <= b; -inf when a == b.
double normal_log_mass(double a, double b);

}  // namespace mizan::algorithms
