// /rest/v1/session: a browser trades a token for a cookie that scripts can't read.
#pragma once

#include <string>

#include "api/auth.h"
#include "api/http.h"

namespace mizan::api {

/// Cookies know no ports: two servers on one host must not overwrite each other's.
std::string session_cookie_name(std::string_view host_and_port);

/// Thread: io.
class SessionApi {
 public:
  SessionApi(const Authenticator& authenticator, Sessions& sessions);

  /// POST {"token": "…"} sets the cookie, GET says who is calling, DELETE ends the session.
  /// Errors: kUnauthorized, kBadRequest, kMethodNotAllowed.
  Result<Response> handle(const Request& request, const User& user);

 private:
  Result<Response> log_in(const Request& request);
  Response log_out(const Request& request);

  const Authenticator& authenticator_;
  Sessions& sessions_;
};

}  // namespace mizan::api
