// A subcommand that asks the running server: finds it, talks to it, says what went wrong.
#pragma once

#include <filesystem>
#include <functional>

#include "core/result.h"
#include "core/task.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {

/// Runs `work` with a client of the server that owns `data_dir`, and returns the exit code: what
/// the user got wrong (kBadRequest) is kExitUsage, everything else kExitFailed; both are printed
/// as "mizan NAME: why".
int run_client_command(const char* name, const std::filesystem::path& data_dir,
                       const std::function<Task<Result<>>(kubernetes::HttpsClient*)>& work);

}  // namespace mizan::cmd
