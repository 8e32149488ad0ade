// Writes TensorBoard event files for tests, as TensorFlow and PyTorch lay them out.
//
// Its own small encoder, apart from the reader under test: lengths, masked CRC-32C, protocol-buffer
// fields.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace mizan::testing {

class EventFile {
 public:
  EventFile() { record(fixed64(1, 1.6e9) + bytes(3, "brain.Event:2")); }

  /// A scalar as TensorFlow 1 and PyTorch write it (simple_value).
  EventFile& scalar(std::string_view tag, float value, std::int64_t step,
                    double wall_time = 1.6e9) {
    return event(bytes(1, tag) + fixed32(2, value), step, wall_time);
  }
  /// A scalar as TensorFlow 2 writes it: a tensor of no dimensions.
  EventFile& tensor(std::string_view tag, float value, std::int64_t step,
                    double wall_time = 1.6e9) {
    const std::string proto = varint_field(1, 1) + bytes(2, "") +
                              bytes(4, little(std::bit_cast<std::uint32_t>(value), 4));
    return event(bytes(1, tag) + bytes(8, proto), step, wall_time);
  }
  EventFile& raw_tensor(std::string_view tag, const std::string& proto, std::int64_t step) {
    return event(bytes(1, tag) + bytes(8, proto), step, 1.6e9);
  }
  EventFile& record(std::string_view data) {
    const std::string length = little(data.size(), 8);
    text += length + little(masked(length), 4) + std::string(data) + little(masked(data), 4);
    return *this;
  }

  std::string text;

  static std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7FU) | 0x80U);
    return out + static_cast<char>(value);
  }
  static std::string varint_field(unsigned number, std::uint64_t value) {
    return varint(number << 3U) + varint(value);
  }
  static std::string bytes(unsigned number, std::string_view data) {
    return varint(number << 3U | 2U) + varint(data.size()) + std::string(data);
  }
  static std::string fixed32(unsigned number, float value) {
    return varint(number << 3U | 5U) + little(std::bit_cast<std::uint32_t>(value), 4);
  }
  static std::string fixed64(unsigned number, double value) {
    return varint(number << 3U | 1U) + little(std::bit_cast<std::uint64_t>(value), 8);
  }
  static std::string little(std::uint64_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i, value >>= 8U) out += static_cast<char>(value & 0xFFU);
    return out;
  }

 private:
  EventFile& event(const std::string& value, std::int64_t step, double wall_time) {
    return record(fixed64(1, wall_time) + varint_field(2, static_cast<std::uint64_t>(step)) +
                  bytes(5, bytes(1, value)));
  }
  static std::uint32_t masked(std::string_view data) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : data) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    }
    crc = ~crc;
    return (crc >> 15U | crc << 17U) + 0xa282ead8U;
  }
};

}  // namespace mizan::testing
