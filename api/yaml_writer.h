// JSON as YAML for clients that ask for it (Accept: application/yaml).
#pragma once

#include <string>

#include "core/json.h"

namespace mizan::api {

/// Block style; every string that isn't plainly a word is quoted, so that it reads back as the same
/// string.
std::string to_yaml(const Json& value);

}  // namespace mizan::api
