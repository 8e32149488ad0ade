// See field_error.h.
#include "resources/field_error.h"

#include <fmt/format.h>

#include "resources/reading.h"

namespace mizan::resources {
namespace {

/// The value as people recognise it; what is longer than a line of text is cut.
std::string shown(const Json& value) {
  constexpr std::size_t kLongest = 300;
  std::string text = compact(value);
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return text.substr(0, end) + "…";
}

std::string with_detail(std::string text, std::string_view detail) {
  return detail.empty() ? text : fmt::format("{}: {}", text, detail);
}

}  // namespace

FieldError required(std::string path, std::string_view detail) {
  return {FieldReason::kRequired, std::move(path), with_detail("Required value", detail)};
}

FieldError invalid(std::string path, const Json& value, std::string_view detail) {
  return {FieldReason::kInvalid, std::move(path),
          with_detail("Invalid value: " + shown(value), detail)};
}

FieldError type_invalid(std::string path, std::string_view found, std::string_view detail) {
  return {FieldReason::kTypeInvalid, std::move(path),
          with_detail(fmt::format("Invalid value: \"{}\"", found), detail)};
}

FieldError not_supported(std::string path, const Json& value,
                         std::span<const std::string> supported) {
  std::string words;
  for (const std::string& word : supported) {
    words += fmt::format("{}{}", words.empty() ? "" : ", ", compact(word));
  }
  return {FieldReason::kNotSupported, std::move(path),
          fmt::format("Unsupported value: {}: supported values: {}", shown(value), words)};
}

FieldError forbidden(std::string path, std::string_view detail) {
  return {FieldReason::kForbidden, std::move(path), with_detail("Forbidden", detail)};
}

FieldError duplicate(std::string path, const Json& value) {
  return {FieldReason::kDuplicate, std::move(path), "Duplicate value: " + shown(value)};
}

FieldError too_long(std::string path, std::size_t limit) {
  return {FieldReason::kTooLong, std::move(path),
          fmt::format("Too long: may not be more than {} bytes", limit)};
}

FieldError too_many(std::string path, std::size_t count, std::size_t limit) {
  return {FieldReason::kTooMany, std::move(path),
          fmt::format("Too many: {}: must have at most {} items", count, limit)};
}

std::string join(std::span<const FieldError> errors) {
  std::string text;
  for (const FieldError& error : errors) {
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", error.path,
                        error.path.empty() ? "" : ": ", error.message);
  }
  return errors.size() > 1 ? "[" + text + "]" : text;
}

}  // namespace mizan::resources
