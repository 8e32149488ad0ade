// Amounts as the tuner's sentences have them: "512 MiB", "12.5 GiB", "1.5 cores".
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace mizan::pods {

inline std::string readable_bytes(std::int64_t bytes) {
  const double mib = static_cast<double>(bytes) / 1048576.0;
  return mib < 10'000 ? fmt::format("{:.0f} MiB", mib) : fmt::format("{:.1f} GiB", mib / 1024);
}

/// `milli`: thousandths of a core.
inline std::string readable_cpu(std::int64_t milli) {
  return fmt::format("{:g} {}", static_cast<double>(milli) / 1000,
                     milli == 1000 ? "core" : "cores");
}

}  // namespace mizan::pods
