// Query parameters of the Kubernetes surface, checked and turned into the store's options.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/target.h"
#include "core/result.h"
#include "resources/definition.h"
#include "store/object_store.h"
#include "store/pod_logs.h"

namespace mizan::api {

struct ListRequest {
  store::Selection selection;
  store::ListOptions options;
};
/// Errors (this and the next): kBadRequest and kInvalid in kube-apiserver's words.
Result<ListRequest> read_list(const Query& query, const resources::ResourceDefinition& definition,
                              const std::string& ns, const std::string& name);

struct WatchRequest {
  store::Selection selection;
  store::WatchOptions options;
  std::chrono::seconds timeout{0};  // 0: the server's choice
};
Result<WatchRequest> read_watch(const Query& query, const resources::ResourceDefinition& definition,
                                const std::string& ns, const std::string& name);

/// `options_kind` is what errors are about: "CreateOptions", "UpdateOptions", "PatchOptions".
Result<store::WriteOptions> read_write_options(const Query& query, std::string_view options_kind);

/// The field manager of a client that doesn't name one: "kubectl" of "kubectl/v1.35.2
/// (linux/amd64)", at most 128 bytes.
std::string manager_of(std::string_view user_agent);

/// Query parameters and the DeleteOptions of the body (null: none), of which the body wins.
Result<store::RemoveOptions> read_remove_options(const Query& query, const Json& body);

Result<store::LogOptions> read_log_options(const Query& query);

}  // namespace mizan::api
