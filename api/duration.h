// Lengths of time as kubectl prints them: "6s", "3m20s", "5h", "2d3h".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/time.h"

namespace mizan::api {

/// Two leading units at most, fewer the longer it is. Below zero: "<invalid>" (a clock that is
/// off), but one second of skew is "0s".
std::string human_duration(std::chrono::seconds length);

/// The age of an RFC 3339 time; "<unknown>" for anything else.
std::string human_age(std::string_view rfc3339, Time now);

}  // namespace mizan::api
