// Follows one experiment on a server to its end and prints what happens.
#pragma once

#include <string>

#include "kubernetes/https_client.h"

namespace mizan::cmd {

/// Prints to standard output: a bar in place on a terminal, a line for each finished trial
/// elsewhere; nothing but the result when quiet. Returns the ExperimentSummary at the end. Errors:
/// kNotFound when the experiment goes away; kUnavailable when the server stays away for 10 s.
Task<Result<Json>> follow_experiment(kubernetes::HttpsClient& client, std::string ns,
                                     std::string name, bool quiet);

/// Fetches and prints the table and the best trial.
Task<Result<>> print_result(kubernetes::HttpsClient& client, std::string ns, std::string name);

}  // namespace mizan::cmd
