// `mizan confirm`: the best configurations and the default once more, with fresh seeds, on the
// running server.
#include <fmt/format.h>

#include <cstdio>

#include "cmd/mizan/client_command.h"
#include "cmd/mizan/commands.h"
#include "cmd/mizan/confirm_plan.h"
#include "cmd/mizan/confirm_result.h"
#include "cmd/mizan/follow.h"
#include "cmd/mizan/submission.h"
#include "kubernetes/https_client.h"
#include "resources/meta.h"

namespace mizan::cmd {
namespace {

using kubernetes::HttpsClient;
using kubernetes::url_encode;

constexpr std::size_t kLongestName = 40;  // of an experiment
constexpr const char* kSuffix = "-confirm";

Task<Result<std::vector<Json>>> trials_of(HttpsClient* client, std::string path) {
  CO_TRY(const Json list, co_await read_json(client, path + "/trials"));
  const Json* items = find(list, "items");
  co_return items == nullptr ? std::vector<Json>()
                             : std::vector<Json>(items->begin(), items->end());
}

std::string name_for(const std::string& experiment, int number) {
  const std::string end =
      number == 1 ? std::string(kSuffix) : fmt::format("{}-{}", kSuffix, number);
  std::string begin = experiment.substr(0, kLongestName - end.size());
  while (begin.ends_with('-')) begin.pop_back();
  return begin + end;
}

/// The name under which the plan runs: of the same one that is still under way, or a new one.
Task<Result<std::string>> submit(HttpsClient* client, ConfirmPlan plan, std::string experiment,
                                 std::string ns) {
  for (int number = 1; number < 1000; ++number) {
    std::string name = name_for(experiment, number);
    const Result<Json> there =
        co_await read_json(client, experiments_path(ns) + "/" + url_encode(name));
    if (!there && there.error().code != Code::kNotFound) co_return fail(there.error());
    if (there) {
      const Json* summary = find(*there, "summary");
      const bool finished = summary == nullptr || string_at(*summary, "state") == "Succeeded" ||
                            string_at(*summary, "state") == "Failed";
      const bool same =
          differences(there->value("object", Json::object()), plan.experiment).empty();
      if (!finished && same) co_return name;
      continue;
    }
    Submission submission{.file = "mizan confirm", .object = plan.experiment, .line_of = {}};
    submission.object["metadata"]["name"] = name;
    kubernetes::HttpRequest post{.method = "POST",
                                 .target = experiments_path(ns),
                                 .body = submission.object.dump(),
                                 .headers = {{"Content-Type", "application/json"}}};
    CO_TRY(const kubernetes::HttpResponse made, co_await client->request(std::move(post)));
    if (made.status == 201) co_return name;
    if (made.status != 409)
      co_return fail(Code::kBadRequest, refusal_text(submission, made.json()));
  }
  co_return fail(Code::kAlreadyExists,
                 fmt::format("{} to {} all exist; delete some", name_for(experiment, 1),
                             name_for(experiment, 999)));
}

Task<Result<>> confirm_all(HttpsClient* client, ConfirmOptions options) {
  const std::string path = experiments_path(options.ns) + "/" + url_encode(options.experiment);
  CO_TRY(const Json whole, co_await read_json(client, path));
  CO_TRY(const std::vector<Json> trials, co_await trials_of(client, path));
  const Json object = whole.value("object", Json::object());
  ConfirmRequest request{.top = options.top,
                         .repeats = options.repeats,
                         .standard = std::move(options.standard),
                         .seed_parameter = std::move(options.seed_parameter)};
  CO_TRY(const ConfirmPlan plan, plan_confirmation(object, trials, request));
  CO_TRY(const std::string name, co_await submit(client, plan, options.experiment, options.ns));
  const bool quiet = options.quiet || options.json;
  if (!quiet) {
    std::fputs(fmt::format("{}/{}: {} configurations, the default among them, {} times each\n",
                           options.ns, name, plan.configurations.size(), plan.repeats)
                   .c_str(),
               stdout);
  }
  CO_TRY(const Json ended, co_await follow_experiment(*client, options.ns, name, quiet));
  if (string_at(ended, "state") != "Succeeded")
    co_return fail(Code::kConflict, fmt::format("{}/{} has not succeeded: {}", options.ns, name,
                                                string_at(ended, "why", "no reason is given")));
  CO_TRY(const std::vector<Json> repeats,
         co_await trials_of(client, experiments_path(options.ns) + "/" + url_encode(name)));
  const auto compared = compare(plan, repeats);
  const std::string metric = string_at(object, "spec.objective.objectiveMetricName");
  const bool maximize = string_at(object, "spec.objective.type") == "maximize";
  const std::string text = options.json
                               ? confirmation_json(compared, metric, maximize).dump() + "\n"
                               : confirmation_text(compared, metric, maximize);
  std::fputs(text.c_str(), stdout);
  co_return Result<>{};
}

}  // namespace

int confirm(const ConfirmOptions& options) {
  return run_client_command("confirm", options.data_dir, [&](kubernetes::HttpsClient* client) {
    return confirm_all(client, options);
  });
}

}  // namespace mizan::cmd
