// See reading.h.
#include "resources/reading.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace mizan::resources {
namespace {

const Json kEmptyObject = Json::object();
const Json kEmptyArray = Json::array();

std::optional<std::int64_t> whole(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return std::nullopt;
  const double number = value.get<double>();
  // Beyond 2^53 a double no longer says which integer was meant.
  if (!std::isfinite(number) || std::abs(number) > 9007199254740992.0 ||
      std::trunc(number) != number) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace

const Json* field(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

const Json& object_field(const Json& object, std::string_view key) {
  const Json* at = field(object, key);
  return at != nullptr && at->is_object() ? *at : kEmptyObject;
}

const Json& array_field(const Json& object, std::string_view key) {
  const Json* at = field(object, key);
  return at != nullptr && at->is_array() ? *at : kEmptyArray;
}

std::string text_field(const Json& object, std::string_view key, std::string_view otherwise) {
  const Json* at = field(object, key);
  return at != nullptr && at->is_string() ? at->get_ref<const std::string&>()
                                          : std::string(otherwise);
}

bool flag_field(const Json& object, std::string_view key) {
  const Json* at = field(object, key);
  return at != nullptr && at->is_boolean() && at->get<bool>();
}

std::optional<std::int64_t> integer_field(const Json& object, std::string_view key) {
  const Json* at = field(object, key);
  return at == nullptr ? std::nullopt : whole(*at);
}

std::optional<double> number_field(const Json& object, std::string_view key) {
  const Json* at = field(object, key);
  if (at == nullptr || !at->is_number()) return std::nullopt;
  const double number = at->get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::vector<std::string> texts_field(const Json& object, std::string_view key) {
  std::vector<std::string> texts;
  for (const Json& element : array_field(object, key)) {
    if (element.is_string()) texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::map<std::string, std::string> text_map_field(const Json& object, std::string_view key) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : object_field(object, key).items()) {
    if (value.is_string()) texts.emplace(name, value.get<std::string>());
  }
  return texts;
}

std::optional<double> decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mizan::resources
