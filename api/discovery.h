// /api and /apis: which kinds there are, in the old form (a document for each group version) and
// the aggregated one (apidiscovery.k8s.io v2, v2beta1) that kubectl asks for since 1.26.
#pragma once

#include <string>
#include <string_view>

#include "api/negotiate.h"
#include "api/router.h"
#include "resources/definition.h"

namespace mizan::api {

/// Answers a discovery request. `host` is where the client reached us. Aggregated answers carry an
/// ETag and honour If-None-Match. What isn't there is a plain 404 page. Errors: kNotAcceptable.
Result<Response> answer_discovery(const resources::ResourceTable& table,
                                  const DiscoveryRequest& request, std::string_view accept,
                                  std::string_view if_none_match, std::string_view host);

}  // namespace mizan::api
