// WebSocket frames from a client: the same messages however the bytes are cut.
#include "api/web_socket.h"
#include "tests/fuzz/input.h"

namespace {

std::string all_messages(std::string_view bytes, std::size_t piece) {
  mizan::api::WebSocketReader reader;
  std::string all;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      const auto message = reader.next();
      if (!message) return all + "!";
      if (!*message) break;
      all += static_cast<char>('0' + static_cast<int>((*message)->kind));
      all += (*message)->bytes;
      all += '\n';
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = mizan::fuzz::text_of(data, size);
  mizan::fuzz::require(all_messages(bytes, 1) == all_messages(bytes, bytes.size() + 1),
                       "the cutting of a stream means nothing");
  return 0;
}
