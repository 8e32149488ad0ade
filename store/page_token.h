// Where a paged list goes on: the snapshot's revision and the key after the last one, in
// Kubernetes' own form (base64 of {"v":"meta.k8s.io/v1","rv":1018,"start":"/name\u0000"}).
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "store/backend.h"

namespace mizan::store {

struct PageToken {
  Revision revision = 0;
  std::string after;  // the part of the last key behind the list's prefix
};

std::string format_page_token(const PageToken& token);
/// Errors: kBadRequest, "invalid continue token: …".
Result<PageToken> parse_page_token(std::string_view text);

}  // namespace mizan::store
