// `mizan why`: why a trial or an experiment is as it is, from what the running server knows.
#include <fmt/format.h>

#include <cstdio>

#include "cmd/mizan/client_command.h"
#include "cmd/mizan/commands.h"
#include "experiment/time_line.h"
#include "kubernetes/https_client.h"
#include "resources/meta.h"

namespace mizan::cmd {
namespace {

using kubernetes::HttpsClient;
using kubernetes::url_encode;

/// The items of a list; what can't be read is left out of the story.
Task<std::vector<Json>> items(HttpsClient* client, std::string target) {
  Result<Json> list = co_await read_json(client, std::move(target));
  std::vector<Json> found;
  if (list && list->contains("items")) {
    for (Json& item : (*list)["items"]) found.push_back(std::move(item));
  }
  co_return found;
}

Task<std::vector<Json>> events_of(HttpsClient* client, std::string ns, std::string name) {
  co_return co_await items(
      client, fmt::format("/api/v1/namespaces/{}/events?fieldSelector=involvedObject.name%3D{}", ns,
                          url_encode(name)));
}

Task<std::string> log_tail(HttpsClient* client, std::string ns, Json trial) {
  const auto labels = resources::labels_of(trial);
  const auto experiment = labels.find("katib.kubeflow.org/experiment");
  if (experiment == labels.end()) co_return std::string();
  const auto answer = co_await client->get(
      fmt::format("/rest/v1/namespaces/{}/experiments/{}/trials/{}/log", ns,
                  url_encode(experiment->second), url_encode(resources::name_of(trial))));
  co_return answer && answer->status == 200 ? answer->body : std::string();
}

Task<Result<experiment::StorySources>> read_sources(HttpsClient* client, WhyOptions options) {
  const std::string ns = url_encode(options.ns), name = url_encode(options.name);
  experiment::StorySources sources;
  Result<Json> trial =
      co_await read_json(client, fmt::format("{}/namespaces/{}/trials/{}", kGroupPath, ns, name));
  if (trial) {
    sources.object = *std::move(trial);
    sources.pods = co_await items(
        client,
        fmt::format("/api/v1/namespaces/{}/pods?labelSelector=katib.kubeflow.org%2Ftrial%3D{}", ns,
                    name));
    sources.events = co_await events_of(client, ns, options.name);
    for (const Json& pod : sources.pods) {
      auto more = co_await events_of(client, ns, resources::name_of(pod));
      std::ranges::move(more, std::back_inserter(sources.events));
    }
    sources.log_tail = co_await log_tail(client, ns, sources.object);
    co_return sources;
  }
  if (trial.error().code != Code::kNotFound) co_return fail(trial.error());
  Result<Json> whole = co_await read_json(
      client, fmt::format("{}/namespaces/{}/experiments/{}", kGroupPath, ns, name));
  if (!whole && whole.error().code == Code::kNotFound)
    co_return fail(Code::kNotFound,
                   fmt::format("there is no trial and no experiment \"{}\" in namespace {}",
                               options.name, options.ns));
  if (!whole) co_return fail(whole.error());
  sources.object = *std::move(whole);
  sources.events = co_await events_of(client, ns, options.name);
  sources.trials = co_await items(
      client,
      fmt::format("{}/namespaces/{}/trials?labelSelector=katib.kubeflow.org%2Fexperiment%3D{}",
                  kGroupPath, ns, name));
  co_return sources;
}

Task<Result<>> print_story(HttpsClient* client, WhyOptions options) {
  CO_TRY(experiment::StorySources sources, co_await read_sources(client, std::move(options)));
  // Objects in lists don't say their kind, and single ones may not either.
  if (!sources.object.contains("kind"))
    sources.object["kind"] = sources.trials.empty() ? "Trial" : "Experiment";
  std::fputs(experiment::to_text(experiment::tell_story(sources)).c_str(), stdout);
  co_return Result<>{};
}

}  // namespace

int why(const WhyOptions& options) {
  return run_client_command("why", options.data_dir,
                            [&](HttpsClient* client) { return print_story(client, options); });
}

}  // namespace mizan::cmd
