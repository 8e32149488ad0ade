// Attempts as an annotation; conditions in the Job controller's words.
#include "pods/warm/warm_job.h"

#include <algorithm>

#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::integer_field;
using resources::object_field;
using resources::text_field;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kAttemptsOfOneJob = 1000;
constexpr std::size_t kMostAttempts = 100;  // the newest are kept
constexpr const char* kOomKilled = "OOMKilled";

Json begin_status(const Json& job, std::size_t failures, Time started) {
  Json status = object_field(job, "status");
  if (!status.contains("startTime")) status["startTime"] = format_rfc3339(started);
  if (failures > 0) status["failed"] = failures;
  return status;
}

void add_condition(Json& status, const char* type, const std::string& reason,
                   const std::string& message, Time now) {
  Json conditions = status.value("conditions", Json::array());
  resources::set_condition(conditions, {type, true, reason, message}, now);
  status["conditions"] = std::move(conditions);
}

}  // namespace

std::vector<WarmAttempt> attempts_of(const Json& job) {
  std::vector<WarmAttempt> attempts;
  const std::string text = resources::annotation(job, kWarmAttemptsAnnotation);
  const auto list = parse_json(text.empty() ? "[]" : text);
  if (!list || !list->value.is_array()) return attempts;
  for (const Json& one : list->value) {
    WarmAttempt attempt;
    attempt.attempt = integer_field(one, "attempt").value_or(1);
    attempt.pod = text_field(one, "pod");
    attempt.reason = text_field(one, "reason");
    attempt.message = text_field(one, "message");
    attempt.exit_code = integer_field(one, "exitCode").value_or(0);
    attempt.memory = text_field(one, "memory");
    attempt.at = parse_rfc3339(text_field(one, "at")).value_or(Time{});
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

std::string to_text(const std::vector<WarmAttempt>& attempts) {
  Json list = Json::array();
  const std::size_t first = attempts.size() - std::min(attempts.size(), kMostAttempts);
  for (std::size_t i = first; i < attempts.size(); ++i) {
    const WarmAttempt& one = attempts[i];
    Json object{{"attempt", one.attempt},
                {"pod", one.pod},
                {"reason", one.reason},
                {"exitCode", one.exit_code},
                {"at", format_rfc3339_micro(one.at)}};
    if (!one.message.empty()) object["message"] = one.message.substr(0, 500);
    if (!one.memory.empty()) object["memory"] = one.memory;
    list.push_back(std::move(object));
  }
  return resources::compact(list);
}

bool is_finished_job(const Json& job) {
  return resources::has_condition(job, "Complete") || resources::has_condition(job, "Failed");
}

bool is_suspended_job(const Json& job) {
  return resources::flag_field(object_field(job, "spec"), "suspend");
}

std::int64_t next_attempt(const Json& job, std::int64_t trial_attempt) {
  const auto attempts = attempts_of(job);
  const std::int64_t base = (std::max<std::int64_t>(trial_attempt, 1) - 1) * kAttemptsOfOneJob;
  return std::max(base, attempts.empty() ? 0 : attempts.back().attempt) + 1;
}

std::int64_t counted_failures(const std::vector<WarmAttempt>& attempts, int oom_retries) {
  const auto killed = std::ranges::count(attempts, kOomKilled, &WarmAttempt::reason);
  return static_cast<std::int64_t>(attempts.size()) - std::min<std::int64_t>(killed, oom_retries);
}

bool may_try_again(const Json& job, const std::vector<WarmAttempt>& attempts, int oom_retries) {
  const auto limit = integer_field(object_field(job, "spec"), "backoffLimit").value_or(6);
  return counted_failures(attempts, oom_retries) <= limit;
}

milliseconds backoff_left(const std::vector<WarmAttempt>& attempts, int oom_retries,
                          const JobTiming& timing, Time now) {
  const std::int64_t counted = counted_failures(attempts, oom_retries);
  if (counted <= 0 || attempts.empty()) return milliseconds(0);
  auto delay = timing.backoff_base;
  for (std::int64_t i = 1; i < counted && delay < timing.backoff_max; ++i) delay *= 2;
  const auto left = attempts.back().at + std::min(delay, timing.backoff_max) - now;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left));
}

ObjectList killed_pods(const std::vector<WarmAttempt>& attempts, const std::string& container) {
  ObjectList pods;
  for (const WarmAttempt& one : attempts) {
    if (one.reason != kOomKilled || one.memory.empty()) continue;
    Json status{{"name", container},
                {"resources", {{"limits", {{"memory", one.memory}}}}},
                {"state", {{"terminated", {{"reason", kOomKilled}}}}}};
    Json pod{{"status", {{"containerStatuses", Json::array({std::move(status)})}}}};
    pods.push_back(std::make_shared<const Json>(std::move(pod)));
  }
  return pods;
}

std::optional<Time> deadline_of(const Json& job, Time given) {
  const auto limit = integer_field(object_field(job, "spec"), "activeDeadlineSeconds");
  if (!limit) return std::nullopt;
  const auto started = parse_rfc3339(string_at(job, "status.startTime")).value_or(given);
  return started + seconds(std::clamp<std::int64_t>(*limit, 0, 1'000'000'000));
}

Json active_status(const Json& job, std::size_t failures, Time started) {
  Json status = begin_status(job, failures, started);
  status["active"] = 1;
  return status;
}

Json complete_status(const Json& job, std::size_t failures, Time started, Time now) {
  Json status = begin_status(job, failures, started);
  status.erase("active");
  status["succeeded"] = 1;
  status["completionTime"] = format_rfc3339(now);
  for (const char* type : {"SuccessCriteriaMet", "Complete"})
    add_condition(status, type, "CompletionsReached", "Reached expected number of succeeded pods",
                  now);
  return status;
}

Json failed_status(const Json& job, std::size_t failures, Time started, Time now,
                   const std::string& reason, const std::string& message) {
  Json status = begin_status(job, failures, started);
  status.erase("active");
  for (const char* type : {"FailureTarget", "Failed"})
    add_condition(status, type, reason, message, now);
  return status;
}

}  // namespace mizan::pods
