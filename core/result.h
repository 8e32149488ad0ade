// Outcomes as values.
//
// Anything a correct program on a healthy machine can meet (a bad field, a missing object, a
// conflict) is a Result; a broken world (disk full, corrupt database, broken invariant) is an
// exception, caught only at the four fences named in docs/architecture.md. Every Code has exactly
// one HTTP status (api/status.cc).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mizan {

enum class Code {
  kBadRequest,            // 400: the request can't be read: syntax, strict decoding, bad selector
  kUnauthorized,          // 401
  kForbidden,             // 403
  kNotFound,              // 404
  kMethodNotAllowed,      // 405
  kNotAcceptable,         // 406
  kAlreadyExists,         // 409, reason AlreadyExists
  kConflict,              // 409, reason Conflict: a stale resourceVersion or a failed precondition
  kExpired,               // 410: the revision asked for has been compacted
  kTooLarge,              // 413
  kUnsupportedMediaType,  // 415
  kInvalid,               // 422: fields, each in Error::fields
  kTooManyRequests,       // 429
  kInternal,              // 500
  kUnavailable,           // 503
  kTimeout,               // 504
  kCancelled,             // 499: the caller went away or the program is stopping
};

/// What is wrong with one field; the words of Kubernetes' `details.causes[].reason`.
enum class FieldReason {
  kRequired,      // FieldValueRequired
  kInvalid,       // FieldValueInvalid
  kTypeInvalid,   // FieldValueTypeInvalid
  kNotSupported,  // FieldValueNotSupported
  kDuplicate,     // FieldValueDuplicate
  kForbidden,     // FieldValueForbidden
  kTooLong,       // FieldValueTooLong
  kTooMany,       // FieldValueTooMany
};

struct FieldError {
  FieldReason reason = FieldReason::kInvalid;
  std::string path;     // `spec.parameters[2].feasibleSpace.max`
  std::string message;  // what is wrong and what would be right, without the path
  bool operator==(const FieldError&) const = default;
};

struct Error {
  Code code = Code::kInternal;
  std::string message;             // a sentence for the person who reads it
  std::vector<FieldError> fields;  // all of them, not only the first
  bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// `return fail(Code::kNotFound, "...")` from any function that returns a Result.
inline std::unexpected<Error> fail(Code code, std::string message,
                                   std::vector<FieldError> fields = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(fields)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

/// The name a person sees in logs: "NotFound", "Conflict", …
std::string_view to_string(Code code);
std::string_view to_string(FieldReason reason);

}  // namespace mizan

// The only two macros of the project: unwrap a Result or hand its error to the caller.
//   TRY(auto point, decode(text));            CO_TRY(auto object, co_await store.get(key));
#define MIZAN_CONCAT_(a, b) a##b
#define MIZAN_CONCAT(a, b) MIZAN_CONCAT_(a, b)
#define MIZAN_TRY_(temporary, leave, declaration, ...)                 \
  auto temporary = (__VA_ARGS__);                                      \
  if (!temporary) leave std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)
#define TRY(declaration, ...) \
  MIZAN_TRY_(MIZAN_CONCAT(try_result_, __COUNTER__), return, declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
  MIZAN_TRY_(MIZAN_CONCAT(try_result_, __COUNTER__), co_return, declaration, __VA_ARGS__)
