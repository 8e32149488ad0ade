// Codes, reasons and bodies of errors.
#include "api/status.h"

#include <fmt/format.h>

namespace mizan::api {
namespace {

struct Subject {
  std::string kind, group, name;
};

/// Reads `kind.group "name"` (or `kind.group is forbidden`) off the front of a message.
Subject subject_of(std::string_view message) {
  constexpr std::string_view conflict = "Operation cannot be fulfilled on ";
  if (message.starts_with(conflict)) message.remove_prefix(conflict.size());
  const auto end = message.find(' ');
  if (end == std::string_view::npos) return {};
  const std::string_view resource = message.substr(0, end);
  std::string_view rest = message.substr(end + 1);
  Subject subject;
  if (rest.starts_with('"')) {
    const auto close = rest.find('"', 1);
    if (close == std::string_view::npos) return {};
    subject.name = rest.substr(1, close - 1);
  } else if (!rest.starts_with("is forbidden")) {
    return {};
  }
  const auto dot = resource.find('.');
  subject.kind = resource.substr(0, dot);
  if (dot != std::string_view::npos) subject.group = resource.substr(dot + 1);
  return subject;
}

bool names_a_subject(Code code) {
  return code == Code::kNotFound || code == Code::kAlreadyExists || code == Code::kConflict ||
         code == Code::kInvalid || code == Code::kForbidden;
}

Json causes_of(const Error& error) {
  Json causes = Json::array();
  const bool apply_conflict = error.message.starts_with("Apply failed with");
  for (const FieldError& field : error.fields) {
    const std::string_view reason =
        apply_conflict ? "FieldManagerConflict" : to_string(field.reason);
    causes.push_back({{"reason", reason}, {"message", field.message}, {"field", field.path}});
  }
  if (error.message.find("Too large resource version") != std::string::npos) {
    causes.push_back(
        {{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}});
  }
  return causes;
}

bool asks_to_retry(Code code) {
  return code == Code::kTooManyRequests || code == Code::kUnavailable || code == Code::kTimeout;
}

std::string_view title_of(Code code) {
  switch (code) {
    case Code::kBadRequest:
      return "Bad Request";
    case Code::kUnauthorized:
      return "Unauthorized";
    case Code::kForbidden:
      return "Forbidden";
    case Code::kNotFound:
      return "Not Found";
    case Code::kMethodNotAllowed:
      return "Method Not Allowed";
    case Code::kNotAcceptable:
      return "Not Acceptable";
    case Code::kAlreadyExists:
      return "Already Exists";
    case Code::kConflict:
      return "Conflict";
    case Code::kExpired:
      return "Gone";
    case Code::kTooLarge:
      return "Content Too Large";
    case Code::kUnsupportedMediaType:
      return "Unsupported Media Type";
    case Code::kInvalid:
      return "Unprocessable Content";
    case Code::kTooManyRequests:
      return "Too Many Requests";
    case Code::kInternal:
      return "Internal Server Error";
    case Code::kUnavailable:
      return "Service Unavailable";
    case Code::kTimeout:
      return "Timeout";
    case Code::kCancelled:
      return "Cancelled";
  }
  return "Internal Server Error";
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

unsigned http_status(Code code) {
  switch (code) {
    case Code::kBadRequest:
      return 400;
    case Code::kUnauthorized:
      return 401;
    case Code::kForbidden:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kMethodNotAllowed:
      return 405;
    case Code::kNotAcceptable:
      return 406;
    case Code::kAlreadyExists:
    case Code::kConflict:
      return 409;
    case Code::kExpired:
      return 410;
    case Code::kTooLarge:
      return 413;
    case Code::kUnsupportedMediaType:
      return 415;
    case Code::kInvalid:
      return 422;
    case Code::kTooManyRequests:
      return 429;
    case Code::kInternal:
      return 500;
    case Code::kUnavailable:
      return 503;
    case Code::kTimeout:
      return 504;
    case Code::kCancelled:
      return 499;
  }
  return 500;
}

Json status_of(const Error& error) {
  std::string message = error.message;
  if (error.code == Code::kTimeout && message.starts_with("Too large resource version")) {
    message = "Timeout: " + message;
  }
  Json status{{"kind", "Status"},
              {"apiVersion", "v1"},
              {"metadata", Json::object()},
              {"status", "Failure"},
              {"message", message},
              {"reason", to_string(error.code)},
              {"code", http_status(error.code)}};
  Json details = Json::object();
  if (names_a_subject(error.code)) {
    const Subject subject = subject_of(message);
    if (!subject.name.empty()) details["name"] = subject.name;
    if (!subject.group.empty()) details["group"] = subject.group;
    if (!subject.kind.empty()) details["kind"] = subject.kind;
  }
  if (Json causes = causes_of(error); !causes.empty()) details["causes"] = std::move(causes);
  if (asks_to_retry(error.code)) details["retryAfterSeconds"] = 1;
  if (!details.empty() || error.code == Code::kInvalid) status["details"] = std::move(details);
  return status;
}

Response status_response(const Error& error) {
  Response response = json_response(http_status(error.code), dump(status_of(error)) + "\n");
  if (asks_to_retry(error.code)) response.headers.set("Retry-After", "1");
  if (error.code == Code::kForbidden) response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

Json success_status(std::string_view name, std::string_view group, std::string_view resource,
                    std::string_view uid) {
  Json details{{"name", name}, {"kind", resource}, {"uid", uid}};
  if (!group.empty()) details["group"] = group;
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", Json::object()},
          {"status", "Success"},
          {"details", std::move(details)}};
}

Response problem_response(const Error& error) {
  Json problem{{"type", "about:blank"},
               {"title", title_of(error.code)},
               {"status", http_status(error.code)},
               {"detail", error.message},
               {"reason", to_string(error.code)}};
  Json errors = Json::array();
  for (const FieldError& field : error.fields) {
    errors.push_back(
        {{"pointer", json_pointer(field.path)}, {"detail", field.message}, {"field", field.path}});
  }
  if (!errors.empty()) problem["errors"] = std::move(errors);
  Response response = json_response(http_status(error.code), dump(problem) + "\n");
  response.headers.set("Content-Type", "application/problem+json");
  if (asks_to_retry(error.code)) response.headers.set("Retry-After", "1");
  if (error.code == Code::kUnauthorized)
    response.headers.set("WWW-Authenticate", "Bearer realm=\"mizan\"");
  return response;
}

std::string json_pointer(std::string_view field_path) {
  std::string pointer;
  std::string segment;
  const auto flush = [&] {
    if (segment.empty()) return;
    pointer += '/';
    for (const char c : segment) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
    segment.clear();
  };
  bool in_brackets = false;
  for (const char c : field_path) {
    if (in_brackets ? c == ']' : (c == '.' || c == '[')) {
      flush();
      in_brackets = c == '[';
    } else {
      segment += c;
    }
  }
  flush();
  return pointer;
}

std::string invalid_message(std::string_view kind, std::string_view group, std::string_view name,
                            const std::vector<FieldError>& fields) {
  std::vector<std::string> texts;
  texts.reserve(fields.size());
  for (const FieldError& field : fields) {
    texts.push_back(field.path.empty() ? field.message
                                       : fmt::format("{}: {}", field.path, field.message));
  }
  const std::string all =
      texts.size() == 1 ? texts[0] : fmt::format("[{}]", fmt::join(texts, ", "));
  return fmt::format("{}{}{} \"{}\" is invalid: {}", kind, group.empty() ? "" : ".", group, name,
                     all);
}

Error invalid_options(std::string_view kind, FieldError field) {
  std::vector<FieldError> fields{std::move(field)};
  std::string message = invalid_message(kind, "meta.k8s.io", "", fields);
  return Error{Code::kInvalid, std::move(message), std::move(fields)};
}

std::string warning_header(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    // A header holds no control characters.
    quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return fmt::format("299 - \"{}\"", quoted);
}

}  // namespace mizan::api
