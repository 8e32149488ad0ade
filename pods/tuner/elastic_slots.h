// How many trials may run at once when tuning has won memory back (trialPods.elasticParallelism).
// Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace mizan::pods {

struct Fleet {
  std::int64_t planned = 1;        // parallelTrialCount
  std::int64_t most = 0;           // elasticParallelism.max
  std::int64_t completed = 0;      // trials
  std::int64_t static_bytes = 0;   // what the template's request takes for one trial
  std::vector<std::int64_t> held;  // bytes that active trials take, or will take
  bool waits = false;              // one of its pods or resizes waits for room on the node
};

/// At least `planned`, at most `most`. The trials of today take no more together than `planned`
/// static ones would; as many are awaited as completed/2 at most, for an algorithm that proposes
/// without results proposes blindly.
std::int64_t trials_at_once(const Fleet& fleet);

}  // namespace mizan::pods
