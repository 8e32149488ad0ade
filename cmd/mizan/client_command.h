// A subcommand that asks the running server: finds it, talks to it, says what went wrong.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {

/// Runs `work` with a client of the server that owns `data_dir`, and returns the exit code: what
/// the user got wrong (kBadRequest) is kExitUsage, everything else kExitFailed; both are printed
/// as "mizan NAME: why".
int run_client_command(const char* name, const std::filesystem::path& data_dir,
                       const std::function<Task<Result<>>(kubernetes::HttpsClient*)>& work);

/// Of Experiments, Trials and Suggestions, as Kubernetes clients reach them.
inline constexpr const char* kGroupPath = "/apis/kubeflow.org/v1beta1";
/// The experiments of a namespace, as notebooks reach them.
std::string experiments_path(const std::string& ns);

/// What is at `target`. Errors: kNotFound, else kUnavailable, each with the server's own words.
Task<Result<Json>> read_json(kubernetes::HttpsClient* client, std::string target);

}  // namespace mizan::cmd
