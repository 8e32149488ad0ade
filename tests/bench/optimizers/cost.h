// What a suggestion costs in CPU time as the history grows.
#pragma once

#include <string>
#include <vector>

namespace mizan::bench {

/// Prints, for each algorithm, 5 and 20 dimensions and 100 to `largest` results: mean and 99th
/// percentile of the CPU time of a suggestion over the last n / 2 draws (at most 250; refits are
/// included as they fall due), and the bytes of its cache. History before those draws is random.
void print_costs(const std::vector<std::string>& algorithms, std::size_t largest);

}  // namespace mizan::bench
