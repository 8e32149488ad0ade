// The stopping rules that there are.
#include <algorithm>
#include <array>

#include "algorithms/stopping/asha.h"
#include "algorithms/stopping/median_stop.h"
#include "algorithms/stopping_rule.h"

namespace mizan::algorithms {

std::span<const StoppingAlgorithm> stopping_algorithms() {
  static const std::array kRows = {
      StoppingAlgorithm{"asha", "at each rung only the best part of the trials goes on",
                        asha_settings(), &asha()},
      StoppingAlgorithm{"medianstop", "a trial worse than the median of the others ends",
                        median_stop_settings(), &median_stop()},
  };
  return kRows;
}

const StoppingAlgorithm* find_stopping_algorithm(std::string_view name) {
  const auto rows = stopping_algorithms();
  const auto at = std::find_if(rows.begin(), rows.end(),
                               [&](const StoppingAlgorithm& row) { return row.name == name; });
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace mizan::algorithms
