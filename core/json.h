// JSON with the limits that a server needs.
//
// nlohmann::json is the one document type of the program. Text from outside enters only through
// parse_json, which caps size and depth and reports where the text stops being JSON.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace mizan {

using Json = nlohmann::json;

}  // namespace mizan

// Compiled once, in json.cc, instead of in every file that has an object of it.
extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class std::map<std::string, nlohmann::json, std::less<>>;
extern template class std::vector<nlohmann::json>;

namespace mizan {

struct JsonLimits {
  std::size_t max_bytes = 3 * 1024 * 1024;  // what kube-apiserver takes (3145728)
  std::size_t max_depth = 64;
};

struct ParsedJson {
  Json value;
  std::vector<std::string> duplicate_fields;  // field paths given twice; the last one won
};

/// Errors: kTooLarge past max_bytes; kBadRequest with line and column for a syntax error, invalid
/// UTF-8 or nesting past max_depth. Numbers that don't fit become doubles; NaN and infinities are
/// refused.
Result<ParsedJson> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The value at `path` ("spec.objective.type"), or nullptr. Never creates anything.
const Json* find(const Json& object, std::string_view path);

/// The string at `path`, or `otherwise` when it is absent or no string.
std::string string_at(const Json& object, std::string_view path, std::string_view otherwise = "");

}  // namespace mizan
