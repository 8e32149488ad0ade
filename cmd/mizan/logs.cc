// `mizan logs`: the log of a trial from the running server, kept also after its pod is gone.
#include <fmt/format.h>

#include <cstdio>

#include "cmd/mizan/client_command.h"
#include "cmd/mizan/commands.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {
namespace {

/// The experiment of a trial is in its label.
Task<Result<std::string>> experiment_of(kubernetes::HttpsClient* client, std::string ns,
                                        std::string trial) {
  CO_TRY(const Json object,
         co_await read_json(
             client, fmt::format("{}/namespaces/{}/trials/{}", kGroupPath,
                                 kubernetes::url_encode(ns), kubernetes::url_encode(trial))));
  const Json* labels = find(object, "metadata.labels");
  co_return labels == nullptr ? std::string()
                              : labels->value("katib.kubeflow.org/experiment", std::string());
}

Task<Result<>> print_log(kubernetes::HttpsClient* client, LogsOptions options) {
  CO_TRY(const std::string experiment, co_await experiment_of(client, options.ns, options.trial));
  kubernetes::HttpRequest request{
      .target =
          fmt::format("/rest/v1/namespaces/{}/experiments/{}/trials/{}/log{}",
                      kubernetes::url_encode(options.ns), kubernetes::url_encode(experiment),
                      kubernetes::url_encode(options.trial), options.follow ? "?follow=true" : "")};
  CO_TRY(const auto stream, co_await client->open(std::move(request)));
  std::string refusal;
  for (;;) {
    CO_TRY(const std::string bytes, co_await stream->next());
    if (bytes.empty()) break;
    if (stream->status() == 200) {
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
      std::fflush(stdout);
    } else {
      refusal += bytes;
    }
  }
  if (stream->status() == 200) co_return Result<>{};
  const auto problem = parse_json(refusal);
  co_return fail(Code::kNotFound, problem ? string_at(problem->value, "detail", refusal) : refusal);
}

}  // namespace

int logs(const LogsOptions& options) {
  return run_client_command("logs", options.data_dir, [&](kubernetes::HttpsClient* client) {
    return print_log(client, options);
  });
}

}  // namespace mizan::cmd
