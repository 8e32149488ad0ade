// What the messages of Kubernetes' built-in kinds hold, as tables: field numbers as its .proto
// files give them, of those fields that clients send.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mizan::api {

struct ProtobufMessage;

struct ProtobufField {
  enum class Type {
    kText,
    kBool,        // false means not set
    kSetBool,     // what is sent is meant (a pointer in Go)
    kInteger,     // 0 means not set
    kSetInteger,  // what is sent is meant
    kTime,
    kMessage,
    kTextMap,
    kBytesMap,
    kQuantityMap,
  };
  std::uint32_t number = 0;
  const char* name = "";
  Type type = Type::kText;
  const ProtobufMessage* message = nullptr;  // of kMessage
  bool repeated = false;

  bool is_map() const {
    return type == Type::kTextMap || type == Type::kBytesMap || type == Type::kQuantityMap;
  }
};

struct ProtobufMessage {
  const char* name = "";
  std::span<const ProtobufField> fields;

  const ProtobufField* find(std::uint32_t number) const;
};

/// The message of a kind; null for one that is not read in protobuf.
const ProtobufMessage* protobuf_kind(std::string_view api_version, std::string_view kind);

}  // namespace mizan::api
