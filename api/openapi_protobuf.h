// The Swagger 2.0 document as protobuf, the only form that kubectl before 1.27 asks for: without it
// `apply`, `create` and `explain` of those stop.
#pragma once

#include <string>

#include "core/json.h"

namespace mizan::api {

inline constexpr const char* kOpenApiProtobufType =
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/// `document` in the messages of gnostic's OpenAPIv2.proto.
std::string openapi_v2_protobuf(const Json& document);

}  // namespace mizan::api
