// `mizan logs`: the log of a trial from the running server, kept also after its pod is gone.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <functional>

#include "cmd/mizan/commands.h"
#include "cmd/mizan/data_dir.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {
namespace {

/// The experiment of a trial is in its label.
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

Task<int> print_log(kubernetes::HttpsClient& client, LogsOptions options) {
  auto experiment = co_await experiment_of(client, options.ns, options.trial);
  Result<int> status = experiment ? Result<int>(0) : Result<int>(fail(experiment.error()));
  std::string refusal;
  if (experiment) {
    std::function<bool(int, std::string_view)> on_bytes = [&refusal](int code,
                                                                     std::string_view bytes) {
      if (code != 200) {
        refusal += bytes;
        return true;
      }
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
      std::fflush(stdout);
      return true;
    };
    kubernetes::HttpRequest request{
        .target = fmt::format(
            "/rest/v1/namespaces/{}/experiments/{}/trials/{}/log{}",
            kubernetes::url_encode(options.ns), kubernetes::url_encode(*experiment),
            kubernetes::url_encode(options.trial), options.follow ? "?follow=true" : "")};
    status = co_await client.stream(std::move(request), on_bytes);
  }
  if (status && *status == 200) co_return kExitSucceeded;
  const auto problem = parse_json(refusal);
  const std::string why = !status   ? status.error().message
                          : problem ? string_at(problem->value, "detail", refusal)
                                    : refusal;
  std::fputs(fmt::format("mizan logs: {}\n", why).c_str(), stderr);
  co_return kExitFailed;
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
  int exit_code = kExitFailed;
  boost::asio::co_spawn(context, print_log(**client, options),
                        [&](std::exception_ptr broken, int code) {
                          if (broken) std::rethrow_exception(broken);
                          exit_code = code;
                        });
  context.run();
  return exit_code;
}

}  // namespace mizan::cmd
