// What a collector saw besides measurements, for the sentence that says why there are none.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace mizan::experiment {

inline constexpr std::size_t kLongestNote = 200;    // bytes of a quoted text
inline constexpr std::size_t kMostOtherNames = 10;  // names that weren't wanted

struct MetricsNotes {
  std::vector<std::string> other_names;  // names that had values but weren't wanted: the first ten
  std::string not_a_number;              // the last `loss=abc` of a wanted metric
  std::string last_line;                 // the last line that is not blank, its first 200 bytes
  std::string damage = {};               // what of it could not be read, in a few words

  void add_other(std::string_view name) {
    const bool full = other_names.size() >= kMostOtherNames;
    if (full || std::ranges::find(other_names, name) != other_names.end()) return;
    other_names.emplace_back(name.substr(0, kLongestNote));
  }
};

}  // namespace mizan::experiment
