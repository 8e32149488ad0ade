// `--listen`: an address and a port.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace mizan::cmd {

struct ListenAddress {
  std::string host;  // "127.0.0.1", "::1", "0.0.0.0"
  std::uint16_t port = 0;
  bool is_loopback = false;
};

/// "127.0.0.1:8080", "[::1]:0", ":8080" (127.0.0.1), "localhost:8080". Errors: kInvalid at
/// --listen.
Result<ListenAddress> parse_listen(const std::string& text);

}  // namespace mizan::cmd
