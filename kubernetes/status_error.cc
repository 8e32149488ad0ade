// Reads reason, message and causes.
#include "kubernetes/status_error.h"

#include <fmt/format.h>

namespace mizan::kubernetes {
namespace {

/// 409 and 504 have two meanings each; the reason tells them apart.
Code code_of(int http_status, std::string_view reason) {
  switch (http_status) {
    case 400:
      return Code::kBadRequest;
    case 401:
      return Code::kUnauthorized;
    case 403:
      return Code::kForbidden;
    case 404:
      return Code::kNotFound;
    case 405:
      return Code::kMethodNotAllowed;
    case 406:
      return Code::kNotAcceptable;
    case 409:
      return reason == "AlreadyExists" ? Code::kAlreadyExists : Code::kConflict;
    case 410:
      return Code::kExpired;
    case 413:
      return Code::kTooLarge;
    case 415:
      return Code::kUnsupportedMediaType;
    case 422:
      return Code::kInvalid;
    case 429:
      return Code::kTooManyRequests;
    case 502:
    case 503:
      return Code::kUnavailable;
    case 504:
      return Code::kTimeout;
    default:
      return http_status >= 500 ? Code::kInternal : Code::kBadRequest;
  }
}

FieldReason field_reason_of(std::string_view reason) {
  for (const FieldReason candidate :
       {FieldReason::kRequired, FieldReason::kInvalid, FieldReason::kTypeInvalid,
        FieldReason::kNotSupported, FieldReason::kDuplicate, FieldReason::kForbidden,
        FieldReason::kTooLong, FieldReason::kTooMany}) {
    if (to_string(candidate) == reason) return candidate;
  }
  return FieldReason::kInvalid;
}

}  // namespace

Error error_of(int http_status, const Json& status, std::string_view body) {
  if (string_at(status, "kind") != "Status") {
    return {
        code_of(http_status, ""), fmt::format("HTTP {}: {}", http_status, body.substr(0, 200)), {}};
  }
  Error error{code_of(http_status, string_at(status, "reason")), string_at(status, "message"), {}};
  if (const Json* causes = find(status, "details.causes");
      causes != nullptr && causes->is_array()) {
    for (const Json& cause : *causes) {
      error.fields.push_back({field_reason_of(string_at(cause, "reason")),
                              string_at(cause, "field"), string_at(cause, "message")});
    }
  }
  return error;
}

Error error_of(const HttpResponse& response) {
  return error_of(response.status, response.json(), response.body);
}

}  // namespace mizan::kubernetes
