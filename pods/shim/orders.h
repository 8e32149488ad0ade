// What the node wants a running shim to do differently: a file in the pod's folder, read again at
// each SIGUSR1. It says how things shall be, not what to do next, so that it may be read any number
// of times and by a shim that was busy in between.
//
// Lines of `hold NAME RUN` (end that run of the container and start no other until the line is
// gone) and `limit NAME BYTES` (where no cgroup holds the memory limit; 0: none).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mizan::pods {

struct Orders {
  std::map<std::string, std::uint32_t> hold;    // container -> number of its run, from 0
  std::map<std::string, std::uint64_t> limits;  // container -> bytes
  bool operator==(const Orders&) const = default;
};

std::string encode(const Orders& orders);
/// Tolerant: lines that are no orders are skipped.
Orders read_orders(std::string_view text);

}  // namespace mizan::pods
