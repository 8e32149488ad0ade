// authorization.k8s.io and authentication.k8s.io reviews: `kubectl auth can-i` and `kubectl auth
// whoami`.
//
// Nothing is stored: what is posted comes back with a status.
#pragma once

#include "api/auth.h"
#include "core/json.h"
#include "core/result.h"
#include "resources/definition.h"

namespace mizan::api {

/// Whether the kind is one of these reviews.
bool is_review(const resources::ResourceDefinition& definition);

/// `review` with its status for `user`. Errors: kInvalid when neither or both kinds of attributes
/// are there.
Result<Json> answer_review(const resources::ResourceDefinition& definition, Json review,
                           const User& user);

}  // namespace mizan::api
