// The wire format of Protocol Buffers, as much of it as Kubernetes clients need: reading the fields
// of a message one by one, and writing one. Pure; fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mizan::api {

/// One field as it stands on the wire. `bytes` is a view into what was read.
struct WireField {
  enum class Type { kNumber, kBytes };
  std::uint32_t number = 0;
  Type type = Type::kNumber;
  std::uint64_t value = 0;  // kNumber
  std::string_view bytes;   // kBytes: texts, messages, packed numbers

  /// Proto2 as Go writes it sends fields that are not set; empty ones mean nothing.
  bool empty() const { return type == Type::kBytes ? bytes.empty() : value == 0; }
};

class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  /// nullopt at the end, and for what is no message: then broken() is true.
  std::optional<WireField> next();
  bool broken() const { return broken_; }

 private:
  std::optional<std::uint64_t> varint();

  std::string_view rest_;
  bool broken_ = false;
};

class WireWriter {
 public:
  void number(std::uint32_t field, std::uint64_t value);
  void text(std::uint32_t field, std::string_view value);
  void message(std::uint32_t field, const WireWriter& value) { text(field, value.bytes_); }
  void real(std::uint32_t field, double value);
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace mizan::api
