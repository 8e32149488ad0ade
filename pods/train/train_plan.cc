// Refuse, suspend, make what may be made, and say how far it is.
#include "pods/train/train_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::flag_field;
using resources::integer_field;
using resources::name_of;
using resources::object_field;
using resources::text_field;

constexpr const char* kOurManager = "trainer.kubeflow.org/trainjob-controller";

bool is_complete(const Json& job) { return resources::has_condition(job, "Complete"); }
bool has_failed(const Json& job) { return resources::has_condition(job, "Failed"); }
bool is_suspended(const Json& job) { return flag_field(object_field(job, "spec"), "suspend"); }

std::int64_t count(const Json& job, const char* key) {
  return integer_field(object_field(job, "status"), key).value_or(0);
}

bool is_ready(const Json& job) { return is_complete(job) || count(job, "ready") > 0; }

/// One TrainJob at one moment.
class Planner {
 public:
  explicit Planner(const TrainView& view)
      : view_(view),
        spec_(object_field(view.train_job, "spec")),
        before_(object_field(view.train_job, "status")),
        status_(before_) {}

  TrainPlan plan() {
    if (is_finished_train_job(view_.train_job) ||
        text_field(spec_, "managedBy", kOurManager) != kOurManager)
      return std::move(plan_);
    say_suspended();
    if (const auto [kind, name] = runtime_ref_of(view_.train_job); !knows(kind)) {
      fail("TrainingRuntimeNotSupported",
           fmt::format("unsupported runtime: {}; spec.runtimeRef.kind must be "
                       "ClusterTrainingRuntime or TrainingRuntime of trainer.kubeflow.org",
                       kind));
    } else if (view_.runtime == nullptr) {
      wait_for(kind, name);
    } else if (auto steps = train_steps(view_.train_job, *view_.runtime, view_.reporting); !steps) {
      fail("TrainingRuntimeNotSupported", "TrainJob can't run here: " + steps.error().message);
    } else {
      go_on(*steps);
    }
    if (status_ != before_) plan_.status = std::move(status_);
    return std::move(plan_);
  }

 private:
  static bool knows(std::string_view kind) {
    return kind == "ClusterTrainingRuntime" || kind == "TrainingRuntime";
  }

  const Json* job_of(const TrainStep& step) const {
    const std::string name = name_of(step.job);
    const auto found =
        std::ranges::find(view_.jobs, name, [](const auto& job) { return name_of(*job); });
    return found == view_.jobs.end() ? nullptr : found->get();
  }

  void say_suspended() {
    if (flag_field(spec_, "suspend")) {
      set("Suspended", true, "Suspended", "TrainJob is suspended");
    } else if (resources::has_condition(view_.train_job, "Suspended")) {
      set("Suspended", false, "Resumed", "TrainJob is resumed");
    }
  }

  void wait_for(const std::string& kind, const std::string& name) {
    const std::string message = fmt::format(
        "there is no {} called {}{}: it waits until one is applied", kind, name,
        kind == "TrainingRuntime" ? " in namespace " + resources::namespace_of(view_.train_job)
                                  : "");
    if (set("Created", false, "TrainingRuntimeNotFound", message))
      plan_.events.push_back({true, "TrainingRuntimeNotFound", message});
  }

  void go_on(const std::vector<TrainStep>& steps) {
    for (const TrainStep& step : steps) {
      const Json* job = job_of(step);
      if (job != nullptr && has_failed(*job)) {
        fail_with(steps, *job);
        put_jobs(steps);
        return;
      }
    }
    bool complete = true;
    for (const TrainStep& step : steps) {
      const Json* job = job_of(step);
      complete = complete && job != nullptr && is_complete(*job);
      if (job == nullptr) {
        if (may_begin(step, steps)) make(step);
      } else if (!is_complete(*job) && is_suspended(*job) != flag_field(spec_, "suspend")) {
        plan_.suspend.emplace_back(name_of(*job), flag_field(spec_, "suspend"));
      }
    }
    put_jobs(steps);
    if (complete) {
      set("Complete", true, "AllJobsCompleted", "all Jobs of the TrainJob have completed");
      plan_.events.push_back({false, "Complete", "TrainJob has completed"});
    }
  }

  bool may_begin(const TrainStep& step, const std::vector<TrainStep>& steps) const {
    return std::ranges::all_of(step.after, [&](const TrainStep::Dependency& wanted) {
      const auto other = std::ranges::find(steps, wanted.step, &TrainStep::name);
      if (other == steps.end()) return true;  // nothing to wait for
      const Json* job = job_of(*other);
      return job != nullptr && (wanted.complete ? is_complete(*job) : is_ready(*job));
    });
  }

  void make(const TrainStep& step) {
    plan_.create.push_back(step.job);
    plan_.events.push_back(
        {false, "SuccessfulCreate", fmt::format("Created Job: {}", name_of(step.job))});
    set("Created", true, "JobsCreationSucceeded", "Succeeded to create Jobs");
  }

  void fail_with(const std::vector<TrainStep>& steps, const Json& failed) {
    const auto why = resources::find_condition(failed, "Failed");
    fail(why->reason.empty() ? "FailedJobs" : why->reason,
         fmt::format("Job {} has failed{}", name_of(failed),
                     why->message.empty() ? "" : ": " + why->message));
    for (const TrainStep& step : steps) {
      const Json* job = job_of(step);
      if (job != nullptr && !is_complete(*job) && !has_failed(*job))
        plan_.remove.push_back(name_of(*job));
    }
  }

  void fail(const std::string& reason, const std::string& message) {
    set("Failed", true, reason, message);
    plan_.events.push_back({true, reason, message});
  }

  void put_jobs(const std::vector<TrainStep>& steps) {
    Json jobs = Json::array();
    for (const TrainStep& step : steps) {
      const Json* job = job_of(step);
      if (job == nullptr) continue;
      const bool over = is_complete(*job) || has_failed(*job);
      jobs.push_back({{"name", step.name},
                      {"ready", is_ready(*job) ? 1 : 0},
                      {"succeeded", is_complete(*job) ? 1 : 0},
                      {"failed", has_failed(*job) ? 1 : 0},
                      {"active", !over && count(*job, "active") > 0 ? 1 : 0},
                      {"suspended", !over && is_suspended(*job) ? 1 : 0}});
    }
    if (!jobs.empty()) status_["jobsStatus"] = std::move(jobs);
  }

  /// True when it is news.
  bool set(const char* type, bool holds, std::string reason, std::string message) {
    Json conditions = resources::array_field(status_, "conditions");
    const bool changed = resources::set_condition(
        conditions, {type, holds, std::move(reason), std::move(message)}, view_.now);
    if (!changed) return false;
    for (Json& condition : conditions) condition.erase("lastUpdateTime");  // not of this kind
    status_["conditions"] = std::move(conditions);
    return true;
  }

  const TrainView& view_;
  const Json& spec_;
  const Json& before_;
  Json status_;
  TrainPlan plan_;
};

}  // namespace

TrainPlan plan_train(const TrainView& view) { return Planner(view).plan(); }

std::pair<std::string, std::string> runtime_ref_of(const Json& train_job) {
  const Json& reference = object_field(object_field(train_job, "spec"), "runtimeRef");
  std::string kind = text_field(reference, "kind", "ClusterTrainingRuntime");
  const std::string group = text_field(reference, "apiGroup", "trainer.kubeflow.org");
  if (group != "trainer.kubeflow.org") kind += "." + group;
  return {std::move(kind), text_field(reference, "name")};
}

bool is_finished_train_job(const Json& train_job) {
  return resources::has_condition(train_job, "Complete") ||
         resources::has_condition(train_job, "Failed");
}

}  // namespace mizan::pods
