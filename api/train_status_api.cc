// Who may, what is told, and to whom it is handed on.
#include "api/train_status_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/authorize.h"
#include "api/render.h"
#include "core/time.h"
#include "resources/field_error.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/trial.h"

namespace mizan::api {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;  // as Kubeflow Trainer
using resources::kTrainJobs;
using resources::kTrials;

bool may_tell(const User& user, const ResourceRequest& wanted, const Json& train_job) {
  if (!user.train_job.empty())
    return user.train_job ==
           fmt::format("{}/{}/{}", wanted.ns, wanted.name, resources::uid_of(train_job));
  return may(user, {"update", wanted.group, wanted.resource, "status", wanted.name, wanted.ns});
}

/// As the body's fields are named, the whole of them or null: what is left out is gone.
Json whole(const Json& told) {
  Json status = told;
  for (const char* field : {"progressPercentage", "estimatedRemainingSeconds", "metrics"}) {
    if (!status.contains(field)) status[field] = nullptr;
  }
  return status;
}

bool is_wanted(const resources::Objective& objective, const std::string& metric) {
  return metric == objective.metric || std::ranges::find(objective.additional_metrics, metric) !=
                                           objective.additional_metrics.end();
}

}  // namespace

bool TrainStatusApi::is_meant(const ResourceRequest& wanted) {
  return wanted.verb == Verb::kCreate && wanted.group == kTrainJobs.group &&
         wanted.resource == kTrainJobs.resource && wanted.subresource == "status" &&
         !wanted.name.empty() && wanted.rest.empty();
}

Task<Result<Response>> TrainStatusApi::handle(ResourceRequest wanted, std::string body, User user) {
  // Whoever may not read it doesn't learn whether it is there.
  const Error refusal{Code::kForbidden,
                      fmt::format("trainjobs.trainer.kubeflow.org \"{}\" is forbidden: User \"{}\" "
                                  "cannot tell its status",
                                  wanted.name, user.name),
                      {}};
  auto found = co_await services_.store.get(store::Key(kTrainJobs, wanted.ns, wanted.name));
  if (!found && (user.role == Role::kNone || user.role == Role::kViewer)) co_return fail(refusal);
  if (!found) co_return fail(found.error());
  const store::ObjectPtr train_job = *std::move(found);
  if (!may_tell(user, wanted, *train_job)) co_return fail(refusal);
  if (body.size() > kMostBytes)
    co_return fail(Code::kTooLarge, fmt::format("a status may have {} bytes", kMostBytes));
  CO_TRY(const ParsedJson parsed, parse_json(body));
  const Json* told = resources::field(parsed.value, "trainerStatus");
  if (!parsed.value.is_object() || (told != nullptr && !told->is_object()))
    co_return fail(Code::kBadRequest,
                   "the body must be an object with trainerStatus, as in {\"trainerStatus\": "
                   "{\"metrics\": [{\"name\": \"loss\", \"value\": \"0.3\"}], "
                   "\"lastUpdatedTime\": \"2026-11-23T20:00:00Z\"}}");
  if (told == nullptr) co_return json_response(200, resources::compact(parsed.value));
  if (!parse_rfc3339(string_at(*told, "lastUpdatedTime")))
    co_return fail(Code::kInvalid, "trainerStatus.lastUpdatedTime: is required",
                   {resources::required("trainerStatus.lastUpdatedTime",
                                        "when it was so, as in 2026-11-23T20:00:00Z")});
  Json change;
  change["status"]["trainerStatus"] = whole(*told);
  store::WriteOptions options;
  options.field_manager = "trainer-status";
  store::Patch patch(store::PatchType::kMerge, std::move(change));
  store::Key key(kTrainJobs, wanted.ns, wanted.name);
  auto written = co_await services_.store.patch(std::move(key), "status", std::move(patch),
                                                std::move(options));
  if (!written) co_return fail(written.error());
  auto measured = co_await measure(*train_job, *told);
  if (!measured) co_return fail(measured.error());
  co_return json_response(200, resources::compact(parsed.value));
}

Task<Result<>> TrainStatusApi::measure(Json train_job, Json told) {
  const auto labels = resources::labels_of(train_job);
  const auto label = labels.find(std::string(resources::kTrialLabel));
  if (label == labels.end()) co_return Result<>{};
  const std::string ns = resources::namespace_of(train_job);
  auto found = co_await services_.store.get(store::Key(kTrials, ns, label->second));
  if (!found && found.error().code == Code::kNotFound) co_return Result<>{};
  if (!found) co_return fail(found.error());
  const auto owner = resources::controller_of(train_job);
  const resources::Trial trial = resources::read_trial(**found);
  if (!owner || owner->uid != trial.uid || resources::is_completed(trial.state))
    co_return Result<>{};
  const auto when = parse_rfc3339(string_at(told, "lastUpdatedTime"));
  std::vector<store::Measurement> rows;
  for (const Json& metric : resources::array_field(told, "metrics")) {
    std::string name = resources::text_field(metric, "name");
    if (is_wanted(trial.objective, name))
      rows.push_back({std::move(name), resources::text_field(metric, "value"), when, std::nullopt});
  }
  if (rows.empty()) co_return Result<>{};
  co_return co_await services_.observations.append(trial.uid, std::move(rows));
}

}  // namespace mizan::api
