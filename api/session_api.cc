// Sessions over HTTP.
#include "api/session_api.h"

#include <fmt/format.h>

#include "core/json.h"

namespace mizan::api {
namespace {

Response who(const User& user) {
  const Json body{{"user", user.name}, {"role", to_string(user.role)}};
  Response response = json_response(200, body.dump() + "\n");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

std::string set_cookie(const Request& request, std::string_view value, std::string_view age) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}",
                     session_cookie_name(request.headers.get("Host")), value, age,
                     request.tls ? "; Secure" : "");
}

}  // namespace

std::string session_cookie_name(std::string_view host_and_port) {
  const auto colon = host_and_port.rfind(':');
  std::string name(kSessionCookie);
  if (colon == std::string_view::npos) return name;
  const std::string_view port = host_and_port.substr(colon + 1);
  if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos) return name;
  return name + "-" + std::string(port);
}

SessionApi::SessionApi(const Authenticator& authenticator, Sessions& sessions)
    : authenticator_(authenticator), sessions_(sessions) {}

Result<Response> SessionApi::handle(const Request& request, const User& user) {
  switch (request.method) {
    case Method::kPost:
      return log_in(request);
    case Method::kDelete:
      return log_out(request);
    case Method::kGet:
    case Method::kHead:
      if (user.role == Role::kNone)
        return fail(Code::kUnauthorized,
                    "there is no session: POST {\"token\": \"…\"} here to begin one");
      return who(user);
    default:
      return fail(Code::kMethodNotAllowed, "a session knows GET, POST and DELETE");
  }
}

Result<Response> SessionApi::log_in(const Request& request) {
  TRY(const auto body, parse_json(request.body));
  const std::string token = string_at(body.value, "token");
  if (token.empty()) {
    return fail(Code::kInvalid, "a token is required",
                {{FieldReason::kRequired, "token", "must be a token, as a string"}});
  }
  const auto user = authenticator_.authenticate(token);
  if (!user) return fail(Code::kUnauthorized, "this token is not known here");
  Response response = who(*user);
  response.headers.add("Set-Cookie", set_cookie(request, sessions_.issue(*user), "2592000"));
  return response;
}

Response SessionApi::log_out(const Request& request) {
  sessions_.end(cookie_value(request.headers.get("Cookie"),
                             session_cookie_name(request.headers.get("Host"))));
  Response response;
  response.status = 204;
  response.headers.add("Set-Cookie", set_cookie(request, "", "0"));
  return response;
}

}  // namespace mizan::api
