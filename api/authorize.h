// What a role may do on the Kubernetes surface, and its answer in kube-apiserver's words.
//
// admin: all. editor: all in namespaces, and reading of what is outside of them. viewer: reading of
// all but secrets and what runs commands. A role for one namespace ends at that namespace, but may
// read the namespace itself. Anonymous callers: nothing.
#pragma once

#include <string>
#include <string_view>

#include "api/auth.h"
#include "api/router.h"
#include "core/result.h"

namespace mizan::api {

/// What somebody wants to do, as authorization.k8s.io says it. `verb` may be "*".
struct Attributes {
  std::string verb, group, resource, subresource, name;
  std::string ns;  // empty: cluster-scoped, or all namespaces
};

bool may(const User& user, const Attributes& wanted);
/// Discovery, OpenAPI, metrics: anyone with a role may read; only admins may more.
bool may_path(const User& user, std::string_view verb);

/// Errors: kForbidden.
Result<> authorize(const User& user, const ResourceRequest& request);
Result<> authorize_path(const User& user, std::string_view path);

}  // namespace mizan::api
