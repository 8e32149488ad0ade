// Keeps other people's web pages out: DNS rebinding (a foreign name that resolves to us) and forged
// requests.
#pragma once

#include <string>
#include <vector>

#include "api/http.h"

namespace mizan::api {

/// Host must be an IP address, localhost or one of `names`; a name is how a rebinding page reaches
/// us, and such a page can't send another. Origin, when there, must be our own host for anything
/// but reading. Errors: kForbidden.
Result<> check_host_and_origin(const Request& request, const std::vector<std::string>& names);

/// The host of "example.org:8080" or "[::1]:80", without port and brackets.
std::string_view host_of(std::string_view host_and_port);

}  // namespace mizan::api
