// Frames.
#include "api/web_socket.h"

#include <cstdint>

#include "api/digest.h"

namespace mizan::api {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;
constexpr unsigned kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::string frame(unsigned opcode, std::string_view payload) {
  std::string out(1, static_cast<char>(0x80U | opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    const int width = payload.size() < 65536 ? 2 : 8;
    out += static_cast<char>(width == 2 ? 126 : 127);
    for (int i = width; i-- > 0;)
      out += static_cast<char>(payload.size() >> (8U * static_cast<unsigned>(i)) & 0xffU);
  }
  out += payload;
  return out;
}

}  // namespace

Result<std::optional<WebSocketReader::Frame>> WebSocketReader::next_frame() {
  if (in_.size() < 2) return std::optional<Frame>{};
  const unsigned first = byte_at(in_, 0), second = byte_at(in_, 1);
  if ((first & 0x70U) != 0) return fail(Code::kBadRequest, "a frame has reserved bits set");
  if ((second & 0x80U) == 0) return fail(Code::kBadRequest, "a client's frame is not masked");
  std::uint64_t size = second & 0x7fU;
  std::size_t at = 2;
  if (size >= 126) {
    const std::size_t width = size == 126 ? 2 : 8;
    if (in_.size() < at + width) return std::optional<Frame>{};
    size = 0;
    for (std::size_t i = 0; i < width; ++i) size = size << 8U | byte_at(in_, at + i);
    at += width;
  }
  if (size > kLargest) return fail(Code::kTooLarge, "a frame is larger than a mebibyte");
  if (in_.size() < at + 4 + size) return std::optional<Frame>{};
  Frame read{first & 0x0fU, (first & 0x80U) != 0, in_.substr(at + 4, size)};
  for (std::size_t i = 0; i < read.payload.size(); ++i)
    read.payload[i] = static_cast<char>(byte_at(read.payload, i) ^ byte_at(in_, at + i % 4));
  in_.erase(0, at + 4 + size);
  return std::optional<Frame>(std::move(read));
}

Result<std::optional<WebSocketMessage>> WebSocketReader::next() {
  using Kind = WebSocketMessage::Kind;
  for (;;) {
    TRY(auto read, next_frame());
    if (!read) return std::optional<WebSocketMessage>{};
    if (read->opcode >= kClose) {
      if (!read->last || read->payload.size() > 125)
        return fail(Code::kBadRequest, "a control frame is split or too long");
      if (read->opcode > kPong) return fail(Code::kBadRequest, "a frame is of no known kind");
      const Kind kind = read->opcode == kClose  ? Kind::kClose
                        : read->opcode == kPing ? Kind::kPing
                                                : Kind::kPong;
      return std::optional(WebSocketMessage{kind, std::move(read->payload)});
    }
    if (read->opcode != kContinuation && read->opcode != kText && read->opcode != kBinary)
      return fail(Code::kBadRequest, "a frame is of no known kind");
    if ((read->opcode == kContinuation) != in_fragments_)
      return fail(Code::kBadRequest, "a fragment is out of order");
    if (fragments_.size() + read->payload.size() > kLargest)
      return fail(Code::kTooLarge, "a message is larger than a mebibyte");
    fragments_ += read->payload;
    in_fragments_ = !read->last;
    if (in_fragments_) continue;
    return std::optional(WebSocketMessage{Kind::kData, std::exchange(fragments_, {})});
  }
}

std::string web_socket_data(std::string_view payload) { return frame(kBinary, payload); }
std::string web_socket_pong(std::string_view payload) { return frame(kPong, payload); }

std::string web_socket_close(unsigned code) {
  const char bytes[] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  return frame(kClose, {bytes, 2});
}

std::string web_socket_accept(std::string_view key) {
  return base64(sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

}  // namespace mizan::api
