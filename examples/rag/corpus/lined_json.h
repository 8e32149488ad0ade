// JSON whose objects know the line they began on, so that an error in the middle of a large file
// can be found by whoever made it.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace mizan::rag {

/// The member that read_lined_json adds to every object: its line, counted from 1.
inline constexpr const char* kLineKey = "\x01line";

/// Errors: kBadRequest with the line for text that is no JSON.
Result<Json> read_lined_json(std::string_view text, const std::string& path);

/// The line of an object, or 0.
std::size_t line_of(const Json& object);

}  // namespace mizan::rag
