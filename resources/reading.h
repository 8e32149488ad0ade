// Tolerant reading of one field: an absent, null or mistyped field reads as empty.
//
// The strict report of what is wrong with an object is validate()'s (resources/schema.h); these are
// for code that has to go on with whatever is stored.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace mizan::resources {

/// The field, or nullptr when `object` is no object, lacks it, or it is null.
const Json* field(const Json& object, std::string_view key);
/// The field when it is an object or array respectively, else an empty one that lives for ever.
const Json& object_field(const Json& object, std::string_view key);
const Json& array_field(const Json& object, std::string_view key);

std::string text_field(const Json& object, std::string_view key, std::string_view otherwise = "");
bool flag_field(const Json& object, std::string_view key);
/// Whole numbers, also when written as 3.0.
std::optional<std::int64_t> integer_field(const Json& object, std::string_view key);
/// Finite numbers.
std::optional<double> number_field(const Json& object, std::string_view key);
/// The strings of a list; elements that are none are skipped.
std::vector<std::string> texts_field(const Json& object, std::string_view key);
/// The string values of a map; others are skipped.
std::map<std::string, std::string> text_map_field(const Json& object, std::string_view key);

/// A finite decimal number that is the whole text, a leading plus included: no hexadecimal, no inf,
/// no nan.
std::optional<double> decimal(std::string_view text);

/// JSON text on one line; bytes that are no UTF-8 are replaced instead of thrown at.
std::string compact(const Json& value);

}  // namespace mizan::resources
