// `mizan clone`: a new experiment like one that is there, which knows its results.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "cmd/mizan/commands.h"
#include "cmd/mizan/data_dir.h"
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

int complain(const std::string& what) {
  std::fputs(fmt::format("mizan clone: {}\n", what).c_str(), stderr);
  return kExitFailed;
}

}  // namespace

int clone(const CloneOptions& options) {
  auto server = find_running_server(options.data_dir);
  if (!server)
    return complain(fmt::format("no server runs on {}; start one with mizan serve --data-dir {}",
                                options.data_dir.string(), options.data_dir.string()));
  boost::asio::io_context context;
  auto client = kubernetes::HttpsClient::create(context.get_executor(), endpoint_of(*server));
  if (!client) return complain(client.error().message);
  Result<> done;
  boost::asio::co_spawn(context, clone_it(client->get(), options),
                        [&](const std::exception_ptr& broken, Result<> outcome) {
                          if (broken) std::rethrow_exception(broken);
                          done = std::move(outcome);
                        });
  context.run();
  if (done) return kExitSucceeded;
  complain(done.error().message);
  return done.error().code == Code::kBadRequest ? kExitUsage : kExitFailed;
}

}  // namespace mizan::cmd
