// Walks over the fields of a protocol-buffer message: only what event files need.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mizan::experiment {

struct WireField {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  // varint, or the bits of a fixed field
  std::string_view bytes;   // of a length-delimited field
  enum class Kind { kVarint, kFixed64, kBytes, kFixed32 } kind = Kind::kVarint;

  double as_double() const { return std::bit_cast<double>(value); }
  float as_float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

/// Never reads past its bytes, whatever they are.
class WireFields {
 public:
  explicit WireFields(std::string_view message) : rest_(message) {}

  /// nullopt at the end, and where the bytes are no message: then damaged().
  std::optional<WireField> next() {
    if (rest_.empty() || damaged_) return std::nullopt;
    WireField field;
    const std::optional<std::uint64_t> key = varint();
    if (!key) return stop();
    field.number = *key >> 3U;
    switch (*key & 7U) {
      case 0:
        field.kind = WireField::Kind::kVarint;
        if (const auto value = varint()) {
          field.value = *value;
          return field;
        }
        return stop();
      case 1:
        field.kind = WireField::Kind::kFixed64;
        return fixed(field, 8);
      case 2: {
        field.kind = WireField::Kind::kBytes;
        const auto length = varint();
        if (!length || *length > rest_.size()) return stop();
        field.bytes = rest_.substr(0, static_cast<std::size_t>(*length));
        rest_.remove_prefix(field.bytes.size());
        return field;
      }
      case 5:
        field.kind = WireField::Kind::kFixed32;
        return fixed(field, 4);
      default:
        return stop();
    }
  }
  bool damaged() const { return damaged_; }

  /// One number at the front, as packed lists hold them.
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

 private:
  std::optional<WireField> fixed(WireField field, std::size_t size) {
    if (rest_.size() < size) return stop();
    for (std::size_t i = size; i > 0; --i)
      field.value = field.value << 8U | static_cast<unsigned char>(rest_[i - 1]);
    rest_.remove_prefix(size);
    return field;
  }
  std::optional<WireField> stop() {
    damaged_ = true;
    return std::nullopt;
  }

  std::string_view rest_;
  bool damaged_ = false;
};

}  // namespace mizan::experiment
