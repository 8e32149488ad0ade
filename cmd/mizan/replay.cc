// `mizan replay`: every draw of an experiment once more, from what its trials record of it, to show
// that the same points come out. Nothing is changed.
#include "suggestion/replay.h"

#include <fmt/format.h>

#include <cstdio>
#include <set>

#include "cmd/mizan/client_command.h"
#include "cmd/mizan/commands.h"
#include "kubernetes/https_client.h"
#include "resources/reading.h"

namespace mizan::cmd {
namespace {

using kubernetes::HttpsClient;
using kubernetes::url_encode;
using Trials = std::vector<std::shared_ptr<const resources::Trial>>;

constexpr int kPage = 500;

/// All that a replay reads: the experiment, and of it and those that it learnt from the trials.
struct Past {
  Json experiment;
  std::map<std::string, Json> others;  // experiments named in spec.warmStart that are there
  std::map<std::string, Trials> trials;
};

Task<Result<Trials>> trials_of(HttpsClient* client, std::string ns, std::string experiment) {
  Trials trials;
  std::string next;
  do {
    CO_TRY(const Json page,
           co_await read_json(client,
                              fmt::format("{}/namespaces/{}/trials?limit={}&labelSelector={}{}",
                                          kGroupPath, url_encode(ns), kPage,
                                          url_encode("katib.kubeflow.org/experiment=" + experiment),
                                          next.empty() ? "" : "&continue=" + url_encode(next))));
    for (const Json& item : resources::array_field(page, "items"))
      trials.push_back(std::make_shared<const resources::Trial>(resources::read_trial(item)));
    next = resources::text_field(resources::object_field(page, "metadata"), "continue");
  } while (!next.empty());
  co_return trials;
}

Task<Result<Past>> read_past(HttpsClient* client, ReplayOptions options) {
  const auto path = [&](const std::string& name) {
    return fmt::format("{}/namespaces/{}/experiments/{}", kGroupPath, url_encode(options.ns),
                       url_encode(name));
  };
  Past past;
  CO_TRY(past.experiment, co_await read_json(client, path(options.experiment)));
  CO_TRY(past.trials[options.experiment],
         co_await trials_of(client, options.ns, options.experiment));
  const Json& spec = resources::object_field(past.experiment, "spec");
  for (const Json& source :
       resources::array_field(resources::object_field(spec, "warmStart"), "fromExperiments")) {
    const std::string name = resources::text_field(source, "name");
    auto other = co_await read_json(client, path(name));
    if (!other && other.error().code == Code::kNotFound) continue;
    if (!other) co_return fail(std::move(other).error());
    past.others[name] = *std::move(other);
    CO_TRY(past.trials[name], co_await trials_of(client, options.ns, name));
  }
  co_return past;
}

std::string text_of(const std::vector<resources::Assignment>& assignments) {
  std::string text;
  for (const resources::Assignment& one : assignments)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", one.name, one.value);
  return text;
}

// One line for each draw that didn't come out the same, then a count of each kind.
bool print(const std::vector<suggestion::ReplayedDraw>& draws) {
  std::size_t same = 0, different = 0, changed = 0, unknown = 0;
  for (const suggestion::ReplayedDraw& draw : draws) {
    switch (draw.outcome) {
      case suggestion::Replayed::kSame:
        ++same;
        break;
      case suggestion::Replayed::kDifferent:
        ++different;
        fmt::print("draw {} {}: recorded {}, now {}\n", draw.draw, draw.trial,
                   text_of(draw.recorded), text_of(draw.now));
        break;
      case suggestion::Replayed::kChanged:
        ++changed;
        fmt::print("draw {} {}: what it was drawn from has changed since\n", draw.draw, draw.trial);
        break;
      case suggestion::Replayed::kUnknown:
        ++unknown;
        fmt::print("{}: has no record of a draw\n", draw.trial);
        break;
    }
  }
  fmt::print("{} of {} draws came out the same", same, draws.size());
  if (different > 0) fmt::print(", {} differently", different);
  if (changed > 0) fmt::print(", {} from a changed past", changed);
  if (unknown > 0) fmt::print(", {} without a record", unknown);
  fmt::print("\n");
  return same == draws.size();
}

Result<std::vector<suggestion::ReplayedDraw>> replay_past(const Past& past,
                                                          const std::string& name) {
  std::map<std::string, resources::Objective> objectives;
  for (const auto& [other, object] : past.others)
    objectives.emplace(other, resources::read_experiment(object).objective);
  const auto trials_of_name = [&](const std::string& other) {
    const auto at = past.trials.find(other);
    return at == past.trials.end() ? Trials() : at->second;
  };
  return suggestion::replay(resources::read_experiment(past.experiment), trials_of_name(name),
                            trials_of_name,
                            [&](const std::string& other) -> const resources::Objective* {
                              const auto at = objectives.find(other);
                              return at == objectives.end() ? nullptr : &at->second;
                            });
}

Task<Result<>> replay_all(HttpsClient* client, ReplayOptions options) {
  CO_TRY(const Past past, co_await read_past(client, options));
  CO_TRY(const auto draws, replay_past(past, options.experiment));
  if (!print(draws)) co_return fail(Code::kConflict, "not every draw came out the same");
  co_return Result<>{};
}

}  // namespace

int replay(const ReplayOptions& options) {
  return run_client_command("replay", options.data_dir,
                            [&](HttpsClient* client) { return replay_all(client, options); });
}

}  // namespace mizan::cmd
