// `mizan clone`: a new experiment like one that is there, which knows its results.
#include <fmt/format.h>

#include <cstdio>

#include "cmd/mizan/client_command.h"
#include "cmd/mizan/commands.h"
#include "cmd/mizan/submission.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {
namespace {

using kubernetes::url_encode;

Task<Result<>> clone_it(kubernetes::HttpsClient* client, CloneOptions options) {
  Json wanted{{"name", options.name}, {"history", options.history}};
  if (options.trials) wanted["spec"]["maxTrialCount"] = *options.trials;
  if (options.parallel) wanted["spec"]["parallelTrialCount"] = *options.parallel;
  kubernetes::HttpRequest post{
      .method = "POST",
      .target = fmt::format("/rest/v1/namespaces/{}/experiments/{}:clone", url_encode(options.ns),
                            url_encode(options.experiment)),
      .body = wanted.dump(),
      .headers = {{"Content-Type", "application/json"}}};
  CO_TRY(const kubernetes::HttpResponse made, co_await client->request(std::move(post)));
  if (made.status != 201) {
    const Submission submission{.file = options.name, .object = {}, .line_of = {}};
    std::string text = refusal_text(submission, made.json());
    while (text.ends_with('\n')) text.pop_back();
    co_return fail(made.status == 404 ? Code::kNotFound : Code::kBadRequest, std::move(text));
  }
  for (const std::string& warning : made.warnings)
    std::fputs(fmt::format("warning: {}\n", warning).c_str(), stderr);
  std::fputs(fmt::format("{}/{} is made of {}{}\n", options.ns, options.name, options.experiment,
                         options.history ? ", and knows its results" : "")
                 .c_str(),
             stdout);
  co_return Result<>{};
}

}  // namespace

int clone(const CloneOptions& options) {
  return run_client_command("clone", options.data_dir, [&](kubernetes::HttpsClient* client) {
    return clone_it(client, options);
  });
}

}  // namespace mizan::cmd
