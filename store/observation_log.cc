// What both observation logs refuse, in the same words.
#include "store/observation_log.h"

#include <fmt/format.h>

namespace mizan::store {

Error too_many_measurements(const std::string& trial_uid, std::size_t limit) {
  return {
      Code::kTooLarge,
      fmt::format("trial {} has reported {} metric values, more are not kept; report less often",
                  trial_uid, limit),
      {}};
}

}  // namespace mizan::store
