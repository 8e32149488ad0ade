// Kubernetes objects in protobuf, as kubectl sends the few built-in kinds that it makes itself:
// `create namespace`, `create job`, `create configmap`, `auth can-i`, `auth whoami` and so on.
//
// Answers are JSON, which every client takes.
#pragma once

#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace mizan::api {

inline constexpr std::string_view kProtobufType = "application/vnd.kubernetes.protobuf";

/// The object as JSON, with apiVersion and kind. Fields that mean nothing are left out. Errors:
/// kBadRequest for what is no such body; kUnsupportedMediaType for kinds, and fields with a value,
/// that are read as JSON only: the sentence says which.
Result<Json> read_protobuf_object(std::string_view body);

}  // namespace mizan::api
