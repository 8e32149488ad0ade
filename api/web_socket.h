// WebSocket framing (RFC 6455), sans I/O: what `kubectl exec` speaks after its upgrade. Pure;
// fuzzed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace mizan::api {

struct WebSocketMessage {
  enum class Kind { kData, kPing, kPong, kClose };
  Kind kind = Kind::kData;
  std::string bytes;
};

/// Cuts what a client sends into messages; fragments are put together.
class WebSocketReader {
 public:
  void feed(std::string_view bytes) { in_ += bytes; }
  /// nullopt: more bytes are needed. Errors: kBadRequest for what the protocol forbids (unmasked
  /// frames, reserved bits), kTooLarge past a mebibyte.
  Result<std::optional<WebSocketMessage>> next();

 private:
  struct Frame {
    unsigned opcode = 0;
    bool last = false;
    std::string payload;
  };
  Result<std::optional<Frame>> next_frame();

  std::string in_;
  std::string fragments_;
  bool in_fragments_ = false;
};

/// One whole frame from the server, unmasked.
std::string web_socket_data(std::string_view payload);
std::string web_socket_pong(std::string_view payload);
std::string web_socket_close(unsigned code);

/// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key.
std::string web_socket_accept(std::string_view key);

}  // namespace mizan::api
