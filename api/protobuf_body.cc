// One walk over tables of messages (protobuf_kinds.h).
#include "api/protobuf_body.h"

#include <fmt/format.h>

#include "api/digest.h"
#include "api/protobuf_kinds.h"
#include "api/protobuf_wire.h"
#include "core/time.h"

namespace mizan::api {
namespace {

using Type = ProtobufField::Type;
constexpr int kDeepest = 20;

std::unexpected<Error> not_protobuf() {
  return fail(Code::kBadRequest,
              "the body is no Kubernetes object in protobuf: it ends in the middle of a field");
}

/// Time{seconds = 1, nanos = 2}.
Result<Json> read_time(std::string_view message) {
  std::int64_t seconds = 0;
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) seconds = static_cast<std::int64_t>(field->value);
  }
  if (reader.broken()) return not_protobuf();
  if (message.empty()) return Json();
  // What a Time can hold: nanoseconds in 64 bits, some 292 years before and after 1970.
  constexpr std::int64_t kFarthest =
      std::chrono::duration_cast<std::chrono::seconds>(Time::duration::max()).count();
  if (seconds < -kFarthest || seconds > kFarthest) {
    return fail(Code::kBadRequest,
                fmt::format("the body holds a time {} seconds from 1970; times lie between the "
                            "years 1678 and 2262",
                            seconds));
  }
  return Json(format_rfc3339(Time(std::chrono::seconds(seconds))));
}

/// The value of a map's entry {key = 1, value = 2}.
Result<std::pair<std::string, std::string_view>> read_entry(std::string_view message) {
  std::pair<std::string, std::string_view> entry;
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) entry.first = field->bytes;
    if (field->number == 2) entry.second = field->bytes;
  }
  if (reader.broken()) return not_protobuf();
  return entry;
}

/// Whether a field holds nothing but what Go sends of fields that are not set: zeros, empty texts,
/// and messages of such.
bool means_nothing(const WireField& field, int depth) {
  if (field.empty()) return true;
  if (field.type != WireField::Type::kBytes || depth > kDeepest) return false;
  WireReader reader(field.bytes);
  while (const auto inner = reader.next()) {
    if (!means_nothing(*inner, depth + 1)) return false;
  }
  return !reader.broken();
}

Result<Json> read_message(const ProtobufMessage& shape, std::string_view message, int depth);

Result<Json> read_value(const ProtobufField& field, const WireField& wire, int depth) {
  const bool wants_bytes = field.type != Type::kBool && field.type != Type::kSetBool &&
                           field.type != Type::kInteger && field.type != Type::kSetInteger;
  if (wants_bytes != (wire.type == WireField::Type::kBytes)) return not_protobuf();
  switch (field.type) {
    case Type::kText:
      return wire.bytes.empty() ? Json() : Json(std::string(wire.bytes));
    case Type::kBool:
      return wire.value == 0 ? Json() : Json(true);
    case Type::kSetBool:
      return Json(wire.value != 0);
    case Type::kInteger:
      return wire.value == 0 ? Json() : Json(static_cast<std::int64_t>(wire.value));
    case Type::kSetInteger:
      return Json(static_cast<std::int64_t>(wire.value));
    case Type::kTime:
      return read_time(wire.bytes);
    case Type::kMessage: {
      TRY(Json read, read_message(*field.message, wire.bytes, depth + 1));
      if (read.empty() && !field.repeated) return Json();
      return read;
    }
    case Type::kTextMap:
    case Type::kBytesMap:
    case Type::kQuantityMap: {
      TRY(auto entry, read_entry(wire.bytes));
      std::string value(entry.second);
      if (field.type == Type::kBytesMap) value = base64(entry.second);
      if (field.type == Type::kQuantityMap) {  // Quantity{string = 1}
        WireReader quantity(entry.second);
        const auto text = quantity.next();
        value = text ? std::string(text->bytes) : std::string();
      }
      return Json{{entry.first, std::move(value)}};
    }
  }
  return Json();
}

Result<Json> read_message(const ProtobufMessage& shape, std::string_view message, int depth) {
  if (depth > kDeepest) return fail(Code::kBadRequest, "the body is nested too deeply");
  Json object = Json::object();
  WireReader reader(message);
  while (const auto wire = reader.next()) {
    const ProtobufField* field = shape.find(wire->number);
    if (field == nullptr) {
      if (means_nothing(*wire, depth)) continue;
      return fail(Code::kUnsupportedMediaType,
                  fmt::format("this server does not read field {} of {} in protobuf; send the "
                              "object as application/json",
                              wire->number, shape.name));
    }
    TRY(Json value, read_value(*field, *wire, depth));
    if (field->repeated) {
      object[field->name].push_back(std::move(value));
    } else if (field->is_map()) {
      object[field->name].update(value);
    } else if (!value.is_null()) {
      object[field->name] = std::move(value);
    }
  }
  if (reader.broken()) return not_protobuf();
  return object;
}

}  // namespace

Result<Json> read_protobuf_object(std::string_view body) {
  constexpr std::string_view magic("k8s\0", 4);
  if (!body.starts_with(magic)) {
    return fail(Code::kBadRequest,
                "the body is no Kubernetes object in protobuf: it does not begin with k8s");
  }
  std::string api_version, kind;
  std::string_view raw;
  WireReader envelope(body.substr(magic.size()));
  while (const auto field = envelope.next()) {
    if (field->number == 2) raw = field->bytes;
    if (field->number != 1) continue;
    WireReader type(field->bytes);
    while (const auto part = type.next()) {
      if (part->number == 1) api_version = part->bytes;
      if (part->number == 2) kind = part->bytes;
    }
  }
  if (envelope.broken()) return not_protobuf();
  const ProtobufMessage* shape = protobuf_kind(api_version, kind);
  if (shape == nullptr) {
    return fail(Code::kUnsupportedMediaType,
                fmt::format("this server does not read {} {} in protobuf; send the object as "
                            "application/json",
                            api_version, kind));
  }
  TRY(Json object, read_message(*shape, raw, 0));
  object["apiVersion"] = api_version;
  object["kind"] = kind;
  return object;
}

}  // namespace mizan::api
