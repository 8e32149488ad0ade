// Varints, lengths and tags.
#include "api/protobuf_wire.h"

#include <bit>

namespace mizan::api {
namespace {

constexpr unsigned kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5;

}  // namespace

std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  broken_ = true;
  return std::nullopt;
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty() || broken_) return std::nullopt;
  const auto tag = varint();
  if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1fffffff) {
    broken_ = true;
    return std::nullopt;
  }
  WireField field;
  field.number = static_cast<std::uint32_t>(*tag >> 3);
  const unsigned type = static_cast<unsigned>(*tag & 7);
  if (type == kVarint) {
    const auto value = varint();
    if (!value) return std::nullopt;
    field.value = *value;
    return field;
  }
  std::uint64_t size = type == kFixed64 ? 8 : 4;
  if (type == kLength) {
    const auto length = varint();
    if (!length) return std::nullopt;
    size = *length;
    field.type = WireField::Type::kBytes;
  } else if (type != kFixed64 && type != kFixed32) {  // groups have not been in use for long
    broken_ = true;
    return std::nullopt;
  }
  if (size > rest_.size()) {
    broken_ = true;
    return std::nullopt;
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  if (field.type == WireField::Type::kBytes) {
    field.bytes = bytes;
  } else {
    for (std::size_t i = bytes.size(); i-- > 0;)
      field.value = field.value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return field;
}

void WireWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7f) | 0x80);
  bytes_ += static_cast<char>(value);
}

void WireWriter::number(std::uint32_t field, std::uint64_t value) {
  varint(static_cast<std::uint64_t>(field) << 3 | kVarint);
  varint(value);
}

void WireWriter::text(std::uint32_t field, std::string_view value) {
  varint(static_cast<std::uint64_t>(field) << 3 | kLength);
  varint(value.size());
  bytes_ += value;
}

void WireWriter::real(std::uint32_t field, double value) {
  varint(static_cast<std::uint64_t>(field) << 3 | kFixed64);
  auto bits = std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i, bits >>= 8) bytes_ += static_cast<char>(bits & 0xff);
}

}  // namespace mizan::api
