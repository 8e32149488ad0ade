// The unit in which tests of memory count.
#pragma once

#include <cstdint>

namespace mizan::pods {

inline constexpr std::int64_t kMib = 1LL << 20U;  // bytes

}  // namespace mizan::pods
