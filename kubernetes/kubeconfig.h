// Where kubectl would go: a kubeconfig's current (or named) context as an Endpoint.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kubernetes/https_client.h"

namespace mizan::kubernetes {

struct Context {
  Endpoint endpoint;
  std::string ns = "default";
};

/// `context` empty: current-context. Certificates may be inline or files (relative to the
/// kubeconfig). Errors: kBadRequest naming the file and what is missing; exec plugins and passwords
/// are refused by name.
Result<Context> read_kubeconfig(const std::filesystem::path& file, std::string_view context = {});

}  // namespace mizan::kubernetes
