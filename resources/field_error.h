// FieldErrors in Kubernetes' words: "Invalid value: 0: must be greater than 0", "Required value:
// …".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

FieldError required(std::string path, std::string_view detail = "");
FieldError invalid(std::string path, const Json& value, std::string_view detail);
/// `value` is the JSON type that was found, as validation of custom resources says it.
FieldError type_invalid(std::string path, std::string_view found, std::string_view detail);
FieldError not_supported(std::string path, const Json& value,
                         std::span<const std::string> supported);
FieldError forbidden(std::string path, std::string_view detail);
FieldError duplicate(std::string path, const Json& value);
FieldError too_long(std::string path, std::size_t limit);
FieldError too_many(std::string path, std::size_t count, std::size_t limit);

/// `[a: x, b: y]` as Kubernetes joins several errors; a single one stands alone.
std::string join(std::span<const FieldError> errors);

}  // namespace mizan::resources
