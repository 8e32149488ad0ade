// Names of codes and reasons.
#include "core/result.h"

namespace mizan {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::kBadRequest:
      return "BadRequest";
    case Code::kUnauthorized:
      return "Unauthorized";
    case Code::kForbidden:
      return "Forbidden";
    case Code::kNotFound:
      return "NotFound";
    case Code::kMethodNotAllowed:
      return "MethodNotAllowed";
    case Code::kNotAcceptable:
      return "NotAcceptable";
    case Code::kAlreadyExists:
      return "AlreadyExists";
    case Code::kConflict:
      return "Conflict";
    case Code::kExpired:
      return "Expired";
    case Code::kTooLarge:
      return "RequestEntityTooLarge";
    case Code::kUnsupportedMediaType:
      return "UnsupportedMediaType";
    case Code::kInvalid:
      return "Invalid";
    case Code::kTooManyRequests:
      return "TooManyRequests";
    case Code::kInternal:
      return "InternalError";
    case Code::kUnavailable:
      return "ServiceUnavailable";
    case Code::kTimeout:
      return "Timeout";
    case Code::kCancelled:
      return "Cancelled";
  }
  return "InternalError";
}

std::string_view to_string(FieldReason reason) {
  switch (reason) {
    case FieldReason::kRequired:
      return "FieldValueRequired";
    case FieldReason::kInvalid:
      return "FieldValueInvalid";
    case FieldReason::kTypeInvalid:
      return "FieldValueTypeInvalid";
    case FieldReason::kNotSupported:
      return "FieldValueNotSupported";
    case FieldReason::kDuplicate:
      return "FieldValueDuplicate";
    case FieldReason::kForbidden:
      return "FieldValueForbidden";
    case FieldReason::kTooLong:
      return "FieldValueTooLong";
    case FieldReason::kTooMany:
      return "FieldValueTooMany";
  }
  return "FieldValueInvalid";
}

}  // namespace mizan
