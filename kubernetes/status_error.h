// A server's Status object as our Error: the other direction of api/status.cc.
#pragma once

#include "core/result.h"
#include "kubernetes/https_client.h"

namespace mizan::kubernetes {

/// Pure. A body that is no Status (a proxy's page) becomes an error of the HTTP status with its
/// first words.
Error error_of(int http_status, const Json& status, std::string_view body);
Error error_of(const HttpResponse& response);

}  // namespace mizan::kubernetes
