// What a role may do on the Kubernetes surface.
#pragma once

#include <string_view>

#include "api/auth.h"
#include "api/router.h"
#include "core/result.h"

namespace mizan::api {

/// Admins may do all, viewers read all but secrets and what runs commands, anonymous callers
/// nothing. Errors: kForbidden in kube-apiserver's words.
Result<> authorize(const User& user, const ResourceRequest& request);

/// For discovery, OpenAPI and metrics: anyone with a role.
Result<> authorize_path(const User& user, std::string_view path);

}  // namespace mizan::api
