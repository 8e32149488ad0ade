// `mizan logs`: the log of a trial from the running server, kept also after its pod is gone.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "cmd/mizan/commands.h"
#include "cmd/mizan/data_dir.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {
namespace {

/// The experiment of a trial is in its label.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): logs() owns client
Task<Result<std::string>> experiment_of(kubernetes::HttpsClient& client, std::string ns,
                                        std::string trial) {
  CO_TRY(
      const kubernetes::HttpResponse found,
      co_await client.get(fmt::format("/apis/kubeflow.org/v1beta1/namespaces/{}/trials/{}",
                                      kubernetes::url_encode(ns), kubernetes::url_encode(trial))));
  const Json object = found.json();
  if (found.status != 200)
    co_return fail(Code::kNotFound, string_at(object, "message", "the trial can't be read"));
  const Json* labels = find(object, "metadata.labels");
  co_return labels == nullptr ? std::string()
                              : labels->value("katib.kubeflow.org/experiment", std::string());
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): logs() owns client
Task<Result<>> print_log(kubernetes::HttpsClient& client, LogsOptions options) {
  CO_TRY(const std::string experiment, co_await experiment_of(client, options.ns, options.trial));
  kubernetes::HttpRequest request{
      .target =
          fmt::format("/rest/v1/namespaces/{}/experiments/{}/trials/{}/log{}",
                      kubernetes::url_encode(options.ns), kubernetes::url_encode(experiment),
                      kubernetes::url_encode(options.trial), options.follow ? "?follow=true" : "")};
  CO_TRY(const auto stream, co_await client.open(std::move(request)));
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
  auto server = find_running_server(options.data_dir);
  if (!server) {
    std::fputs(
        fmt::format("mizan logs: no server runs on {}; start one with mizan serve --data-dir {}\n",
                    options.data_dir.string(), options.data_dir.string())
            .c_str(),
        stderr);
    return kExitFailed;
  }
  boost::asio::io_context context;
  auto client = kubernetes::HttpsClient::create(context.get_executor(), endpoint_of(*server));
  if (!client) {
    std::fputs(fmt::format("mizan logs: {}\n", client.error().message).c_str(), stderr);
    return kExitFailed;
  }
  Result<> printed;
  boost::asio::co_spawn(context, print_log(**client, options),
                        [&](const std::exception_ptr& broken, Result<> outcome) {
                          if (broken) std::rethrow_exception(broken);
                          printed = std::move(outcome);
                        });
  context.run();
  if (printed) return kExitSucceeded;
  std::fputs(fmt::format("mizan logs: {}\n", printed.error().message).c_str(), stderr);
  return kExitFailed;
}

}  // namespace mizan::cmd
