// The OpenAPI 3.1 document of the REST surface: written by hand in rest_openapi.json, embedded at
// build time, and held against the table of routes by a test.
#pragma once

#include <string>

namespace mizan::api {

std::string rest_openapi();

}  // namespace mizan::api
