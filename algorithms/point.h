// One configuration: a value for each parameter of a space, or none where the parameter is
// inactive.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace mizan::algorithms {

/// What stands for a parameter that its parent's value switches off.
inline constexpr double kInactive = std::numeric_limits<double>::quiet_NaN();
/// What stands for a value that can't be expressed in the space, such as a category that is no
/// longer in it.
inline constexpr double kUnknownValue = -std::numeric_limits<double>::infinity();

struct Point {
  std::vector<double> values;  // as parameter.h defines them, by parameter

  bool is_active(std::size_t parameter) const { return !std::isnan(values[parameter]); }

  /// Inactive coordinates are equal to each other.
  friend bool operator==(const Point& a, const Point& b) {
    if (a.values.size() != b.values.size()) return false;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      const bool same =
          a.values[i] == b.values[i] || (std::isnan(a.values[i]) && std::isnan(b.values[i]));
      if (!same) return false;
    }
    return true;
  }
};

}  // namespace mizan::algorithms
