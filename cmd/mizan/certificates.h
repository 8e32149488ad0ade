// The server's own small certificate authority: TLS on loopback without anyone having to set it up.
#pragma once

#include <string>
#include <vector>

#include "cmd/mizan/data_dir.h"
#include "core/result.h"
#include "core/time.h"

namespace mizan::cmd {

/// PEM texts.
struct ServerCertificate {
  std::string ca, certificate, private_key;
};

/// Reads DIR/ca.crt and DIR/pki/{ca.key,server.crt,server.key}; makes what is missing, and a new
/// server certificate when `hosts` (names or addresses) are not all in it or it ends within 30
/// days. The CA lives 10 years, a server certificate one. Keys are EC P-256. Errors: kForbidden
/// when files can't be read or written.
Result<ServerCertificate> ensure_certificates(const DataDir& dir,
                                              const std::vector<std::string>& hosts, Time now);

}  // namespace mizan::cmd
