// One HTTP request, plain or over TLS, with a time limit. All of Beast is in http.cc.
#pragma once

#include <map>
#include <string>

#include "core/result.h"

namespace mizan::rag {

struct HttpResponse {
  unsigned status = 0;
  std::string body;
  double retry_after_seconds = -1;  // of the header Retry-After; -1: none
};

/// POSTs `body` as application/json to an http:// or https:// address. Certificates are checked
/// against the system's (SSL_CERT_FILE and SSL_CERT_DIR are heeded). Bodies above 64 MiB are
/// refused. Blocks; any thread. Errors: kBadRequest for an address that is none; kTimeout;
/// kUnavailable for everything that happens on the way.
Result<HttpResponse> http_post(const std::string& url,
                               const std::map<std::string, std::string>& headers,
                               const std::string& body, double timeout_seconds);

}  // namespace mizan::rag
