// Counts pods, then decides.
#include "pods/job/job_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pods/job/pod_sizer.h"
#include "resources/condition.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

using resources::name_of;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t integer_at(const Json& object, std::string_view path, std::int64_t otherwise) {
  const Json* value = find(object, path);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : otherwise;
}

struct Tally {
  std::int64_t active = 0, succeeded = 0, failed = 0, oom_killed = 0;
  bool out_of_time = false;  // a pod ended at its deadline
  std::optional<Time> last_failure;
  std::set<std::string> names;
  std::vector<std::string> running;
};

/// When the last container of a finished pod ended.
std::optional<Time> end_of(const Json& pod) {
  std::optional<Time> end;
  const Json* statuses = find(pod, "status.containerStatuses");
  if (statuses == nullptr || !statuses->is_array()) return end;
  for (const Json& status : *statuses) {
    const auto finished = parse_rfc3339(string_at(status, "state.terminated.finishedAt"));
    if (finished && (!end || *finished > *end)) end = finished;
  }
  return end;
}

bool is_suspended(const Json& job) {
  const Json* value = find(job, "spec.suspend");
  return value != nullptr && *value == Json(true);
}

/// Whether the Job is suspended, or was when the deletion of `pod` was asked for: such a pod ends
/// as Failed, and is no failure.
bool went_for_suspension(const Json& job, const Json& pod) {
  const auto deletion = parse_rfc3339(string_at(pod, "metadata.deletionTimestamp"));
  if (!deletion) return false;
  if (is_suspended(job) || resources::has_condition(job, "Suspended")) return true;
  const Json* conditions = find(job, "status.conditions");
  if (conditions == nullptr || !conditions->is_array()) return false;
  const auto suspension = std::ranges::find_if(
      *conditions, [](const Json& one) { return string_at(one, "type") == "Suspended"; });
  if (suspension == conditions->end()) return false;
  const auto resumed = parse_rfc3339(string_at(*suspension, "lastTransitionTime"));
  const seconds grace(integer_at(pod, "metadata.deletionGracePeriodSeconds", 0));
  return resumed && *deletion - grace <= *resumed;
}

Tally count(const Json& job, const ObjectList& pods) {
  Tally tally;
  for (const auto& pod : pods) {
    tally.names.insert(name_of(*pod));
    if (string_at(*pod, "status.phase") == "Failed" && went_for_suspension(job, *pod)) continue;
    if (is_replaced(*pod)) continue;
    const std::string phase = string_at(*pod, "status.phase");
    if (phase == "Succeeded") {
      ++tally.succeeded;
    } else if (phase == "Failed") {
      ++tally.failed;
      if (was_oom_killed(*pod)) ++tally.oom_killed;
      if (string_at(*pod, "status.reason") == "DeadlineExceeded") tally.out_of_time = true;
      const auto end = end_of(*pod);
      if (end && (!tally.last_failure || *end > *tally.last_failure)) tally.last_failure = end;
    } else if (!resources::is_being_deleted(*pod)) {
      ++tally.active;
      tally.running.push_back(name_of(*pod));
    }
  }
  return tally;
}

bool is_finished(const Json& job) {
  return resources::has_condition(job, "Complete") || resources::has_condition(job, "Failed");
}

Json pod_of(const Json& job, int index, std::optional<seconds> deadline) {
  const std::string job_name = name_of(job);
  const Json* given = find(job, "spec.template");
  Json pod = given != nullptr && given->is_object() ? *given : Json::object();
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  Json& metadata = pod["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  metadata["name"] = job_pod_name(job_name, resources::uid_of(job), index);
  metadata["namespace"] = resources::namespace_of(job);
  Json& labels = metadata["labels"];
  if (!labels.is_object()) labels = Json::object();
  labels["batch.kubernetes.io/controller-uid"] = resources::uid_of(job);
  labels["batch.kubernetes.io/job-name"] = job_name;
  labels["controller-uid"] = resources::uid_of(job);
  labels["job-name"] = job_name;
  metadata["ownerReferences"] = Json::array({resources::controller_reference_to(job)});
  if (deadline) {
    const auto own = integer_at(pod, "spec.activeDeadlineSeconds", deadline->count());
    pod["spec"]["activeDeadlineSeconds"] =
        std::min<std::int64_t>(own, std::max<std::int64_t>(1, deadline->count()));
  }
  return pod;
}

/// One Job at one moment.
class Planner {
 public:
  Planner(const Json& job, const ObjectList& pods, Time now, const JobTiming& timing)
      : job_(job),
        now_(now),
        timing_(timing),
        tally_(count(job, pods)),
        status_(job.value("status", Json::object())) {
    if (!status_.is_object()) status_ = Json::object();
    // A finished pod that someone deleted still counts.
    succeeded_ = std::max(tally_.succeeded, integer_at(status_, "succeeded", 0));
    failed_ = std::max(tally_.failed, integer_at(status_, "failed", 0));
  }

  JobPlan plan() {
    if (is_finished(job_)) {
      expire();
      return std::move(plan_);
    }
    if (suspended()) {
      hold();
    } else {
      start();
      if (succeeded_ >= completions()) {
        finish("SuccessCriteriaMet", "Complete", "CompletionsReached",
               "Reached expected number of succeeded pods");
        plan_.events.push_back({false, "Completed", "Job completed"});
      } else if (past_deadline()) {
        fail("DeadlineExceeded", "Job was active longer than specified deadline");
      } else if (counted_failures() > integer_at(job_, "spec.backoffLimit", 6)) {
        fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
      } else {
        keep_running();
      }
    }
    write_counts();
    return std::move(plan_);
  }

 private:
  bool suspended() const { return is_suspended(job_); }

  /// Without completions any success is enough (a work queue).
  std::int64_t completions() const { return integer_at(job_, "spec.completions", 1); }

  std::optional<seconds> deadline_left() const {
    const auto limit = integer_at(job_, "spec.activeDeadlineSeconds", -1);
    if (limit < 0) return std::nullopt;
    const auto started = parse_rfc3339(string_at(status_, "startTime")).value_or(now_);
    return std::chrono::ceil<seconds>(started + seconds(limit) - now_);
  }

  bool past_deadline() const {
    const auto left = deadline_left();
    if (!left) return false;
    // Its pods have the Job's deadline unless their template has one, and may reach it first.
    if (tally_.out_of_time && find(job_, "spec.template.spec.activeDeadlineSeconds") == nullptr)
      return true;
    // The pods have the same deadline and end by it; a second more lets them say so themselves.
    return *left <= seconds(0) && (tally_.active == 0 || *left <= seconds(-2));
  }

  /// Those that count against backoffLimit.
  std::int64_t counted_failures() const {
    return failed_ - std::min<std::int64_t>(tally_.oom_killed, timing_.oom_retries);
  }

  void start() {
    if (!status_.contains("startTime")) status_["startTime"] = format_rfc3339(now_);
    if (resources::has_condition(job_, "Suspended"))
      set_condition("Suspended", false, "JobResumed", "Job resumed");
  }

  void hold() {
    plan_.remove = tally_.running;
    tally_.active = 0;
    status_.erase("startTime");
    if (!resources::has_condition(job_, "Suspended")) {
      set_condition("Suspended", true, "JobSuspended", "Job suspended");
      plan_.events.push_back({false, "Suspended", "Job suspended"});
    }
  }

  void keep_running() {
    const auto wanted =
        std::min(integer_at(job_, "spec.parallelism", 1), completions() - succeeded_);
    if (tally_.active < wanted) {
      const auto wait = backoff_left();
      if (wait > milliseconds(0)) {
        plan_.look_again = wait;
      } else {
        create(wanted - tally_.active);
      }
    }
    if (const auto left = deadline_left())
      look_again_in(std::max<milliseconds>(milliseconds(200), *left));
  }

  void create(std::int64_t many) {
    for (int index = 0; many > 0; ++index) {
      const std::string name = job_pod_name(name_of(job_), resources::uid_of(job_), index);
      if (tally_.names.contains(name)) continue;
      plan_.create.push_back(pod_of(job_, index, deadline_left()));
      plan_.events.push_back({false, "SuccessfulCreate", "Created pod: " + name});
      ++tally_.active;
      --many;
    }
  }

  milliseconds backoff_left() const {
    if (counted_failures() <= 0 || !tally_.last_failure) return milliseconds(0);
    auto delay = timing_.backoff_base;
    for (std::int64_t i = 1; i < counted_failures() && delay < timing_.backoff_max; ++i) delay *= 2;
    const auto left = *tally_.last_failure + std::min(delay, timing_.backoff_max) - now_;
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left));
  }

  void fail(const std::string& reason, const std::string& message) {
    plan_.remove = tally_.running;
    tally_.active = 0;
    finish("FailureTarget", "Failed", reason, message);
    plan_.events.push_back({true, reason, message});
  }

  void finish(const char* first, const char* second, const std::string& reason,
              const std::string& message) {
    set_condition(first, true, reason, message);
    set_condition(second, true, reason, message);
    if (std::string_view(second) == "Complete") status_["completionTime"] = format_rfc3339(now_);
    finished_ = true;
  }

  void expire() {
    const auto ttl = integer_at(job_, "spec.ttlSecondsAfterFinished", -1);
    if (ttl < 0) return;
    const auto ended = ended_at();
    if (!ended) return;
    const auto left = *ended + seconds(ttl) - now_;
    if (left <= seconds(0)) {
      plan_.remove_job = true;
    } else {
      plan_.look_again = std::chrono::ceil<milliseconds>(left);
    }
  }

  std::optional<Time> ended_at() const {
    for (const Json& condition : status_.value("conditions", Json::array())) {
      const std::string type = string_at(condition, "type");
      if (type == "Complete" || type == "Failed")
        return parse_rfc3339(string_at(condition, "lastTransitionTime"));
    }
    return std::nullopt;
  }

  void set_condition(std::string type, bool status, std::string reason, std::string message) {
    Json conditions = status_.value("conditions", Json::array());
    resources::set_condition(
        conditions, {std::move(type), status, std::move(reason), std::move(message)}, now_);
    status_["conditions"] = std::move(conditions);
  }

  void write_counts() {
    put_count("active", tally_.active);
    put_count("succeeded", succeeded_);
    put_count("failed", failed_);
    const Json before = job_.value("status", Json::object());
    if (status_ == before) return;
    // creationTimestamp has whole seconds only, hence the second more.
    const bool only_started = before.empty() && !finished_ && failed_ == 0 && !suspended();
    const auto created = resources::creation_time_of(job_);
    if (only_started && created && now_ < *created + seconds(1) + timing_.quiet_start) {
      look_again_in(timing_.quiet_start);
      return;
    }
    plan_.status = std::move(status_);
  }

  void put_count(const char* name, std::int64_t value) {
    if (value > 0 || status_.contains(name)) status_[name] = value;
  }

  void look_again_in(milliseconds time) {
    if (!plan_.look_again || *plan_.look_again > time) plan_.look_again = time;
  }

  const Json& job_;
  Time now_;
  const JobTiming& timing_;
  Tally tally_;
  Json status_;
  std::int64_t succeeded_ = 0, failed_ = 0;
  bool finished_ = false;
  JobPlan plan_;
};

}  // namespace

std::string job_pod_name(const std::string& job_name, const std::string& job_uid, int index) {
  // FNV-1a over uid and index, in Kubernetes' own letters for suffixes.
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : fmt::format("{}/{}", job_uid, index)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  }
  hash ^= hash >> 32;
  std::string suffix;
  for (int i = 0; i < 5; ++i, hash /= kLetters.size()) suffix += kLetters[hash % kLetters.size()];
  constexpr std::size_t kLongest = 63 - 6;  // what is left of a DNS label beside "-" and the suffix
  return fmt::format("{}-{}", job_name.substr(0, kLongest), suffix);
}

JobPlan plan_job(const Json& job, const ObjectList& pods, Time now, const JobTiming& timing) {
  return Planner(job, pods, now, timing).plan();
}

}  // namespace mizan::pods
