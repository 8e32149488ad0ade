// A self-signed certificate for tests, made anew each time.
#pragma once

#include <string>

namespace mizan::testing {

struct CertificatePair {
  std::string certificate, key;  // PEM
};
CertificatePair self_signed();

}  // namespace mizan::testing
