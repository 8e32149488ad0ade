// See trial_name.h. The letters are Kubernetes': no vowels, no look-alikes.
#include "suggestion/trial_name.h"

#include "algorithms/counter_rng.h"
#include "suggestion/algorithm_choice.h"

namespace mizan::suggestion {

std::string trial_name(std::string_view experiment, std::string_view uid, std::uint64_t draw,
                       const std::function<bool(const std::string&)>& is_taken) {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  constexpr int kLength = 8;
  std::uint64_t hash = algorithms::mix64(hash_text(uid) ^ algorithms::mix64(draw));
  for (;;) {
    std::string name = std::string(experiment) + "-";
    std::uint64_t rest = hash;
    for (int i = 0; i < kLength; ++i, rest /= kLetters.size())
      name += kLetters[rest % kLetters.size()];
    if (!is_taken(name)) return name;
    hash = algorithms::mix64(hash);
  }
}

}  // namespace mizan::suggestion
