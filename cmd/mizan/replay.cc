// `mizan replay`: every draw of an experiment once more, from what its trials record of it, to show
// that the same points come out. Nothing is changed.
#include "suggestion/replay.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <set>

#include "cmd/mizan/commands.h"
#include "cmd/mizan/data_dir.h"
#include "kubernetes/https_client.h"
#include "resources/reading.h"

namespace mizan::cmd {
namespace {

using kubernetes::HttpsClient;
using kubernetes::url_encode;
using Trials = std::vector<std::shared_ptr<const resources::Trial>>;

constexpr const char* kGroup = "/apis/kubeflow.org/v1beta1";
constexpr int kPage = 500;

/// All that a replay reads: the experiment, and of it and those that it learnt from the trials.
struct Past {
  Json experiment;
  std::map<std::string, Json> others;  // experiments named in spec.warmStart that are there
  std::map<std::string, Trials> trials;
};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): replay() owns client
Task<Result<Json>> read(HttpsClient& client, std::string target) {
  CO_TRY(const kubernetes::HttpResponse answer, co_await client.get(std::move(target)));
  Json object = answer.json();
  if (answer.status == 200) co_return object;
  co_return fail(answer.status == 404 ? Code::kNotFound : Code::kUnavailable,
                 string_at(object, "message", fmt::format("status {}", answer.status)));
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): replay() owns client
Task<Result<Trials>> trials_of(HttpsClient& client, std::string ns, std::string experiment) {
  Trials trials;
  std::string next;
  do {
    CO_TRY(
        const Json page,
        co_await read(client, fmt::format("{}/namespaces/{}/trials?limit={}&labelSelector={}{}",
                                          kGroup, url_encode(ns), kPage,
                                          url_encode("katib.kubeflow.org/experiment=" + experiment),
                                          next.empty() ? "" : "&continue=" + url_encode(next))));
    for (const Json& item : resources::array_field(page, "items"))
      trials.push_back(std::make_shared<const resources::Trial>(resources::read_trial(item)));
    next = resources::text_field(resources::object_field(page, "metadata"), "continue");
  } while (!next.empty());
  co_return trials;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): replay() owns client
Task<Result<Past>> read_past(HttpsClient& client, ReplayOptions options) {
  const auto path = [&](const std::string& name) {
    return fmt::format("{}/namespaces/{}/experiments/{}", kGroup, url_encode(options.ns),
                       url_encode(name));
  };
  Past past;
  CO_TRY(past.experiment, co_await read(client, path(options.experiment)));
  CO_TRY(past.trials[options.experiment],
         co_await trials_of(client, options.ns, options.experiment));
  const Json& spec = resources::object_field(past.experiment, "spec");
  for (const Json& source :
       resources::array_field(resources::object_field(spec, "warmStart"), "fromExperiments")) {
    const std::string name = resources::text_field(source, "name");
    auto other = co_await read(client, path(name));
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

int refuse(const std::string& why) {
  std::fputs(fmt::format("mizan replay: {}\n", why).c_str(), stderr);
  return kExitFailed;
}

}  // namespace

int replay(const ReplayOptions& options) {
  auto server = find_running_server(options.data_dir);
  if (!server)
    return refuse(fmt::format("no server runs on {}; start one with mizan serve --data-dir {}",
                              options.data_dir.string(), options.data_dir.string()));
  boost::asio::io_context context;
  auto client = HttpsClient::create(context.get_executor(), endpoint_of(*server));
  if (!client) return refuse(client.error().message);
  Result<Past> past = fail(Code::kInternal, "nothing was read");
  boost::asio::co_spawn(context, read_past(**client, options),
                        [&](const std::exception_ptr& broken, Result<Past> outcome) {
                          if (broken) std::rethrow_exception(broken);
                          past = std::move(outcome);
                        });
  context.run();
  if (!past) return refuse(past.error().message);
  const auto draws = replay_past(*past, options.experiment);
  if (!draws) return refuse(draws.error().message);
  return print(*draws) ? kExitSucceeded : kExitFailed;
}

}  // namespace mizan::cmd
