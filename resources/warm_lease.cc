// Leases and results as JSON.
#include "resources/warm_lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "resources/field_error.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::resources {
namespace {

constexpr std::size_t kLongestMessage = 4096;

std::optional<Json> annotation_json(const Json& object, std::string_view name) {
  const std::string text = annotation(object, name);
  if (text.empty()) return std::nullopt;
  auto parsed = parse_json(text);
  if (!parsed || !parsed->value.is_object()) return std::nullopt;
  return std::move(parsed->value);
}

WarmResult tolerant_result(const Json& object) {
  WarmResult result;
  result.trial = text_field(object, "trial");
  result.attempt = integer_field(object, "attempt").value_or(0);
  result.exit_code = integer_field(object, "exitCode").value_or(0);
  result.signal = integer_field(object, "signal").value_or(0);
  result.oom_killed = flag_field(object, "oomKilled");
  result.cancelled = flag_field(object, "cancelled");
  result.message = text_field(object, "message");
  result.peak_bytes = integer_field(object, "peakMemoryBytes").value_or(0);
  result.baseline_bytes = integer_field(object, "baselineMemoryBytes").value_or(0);
  result.carried_bytes = integer_field(object, "carriedMemoryBytes").value_or(0);
  result.left_bytes = integer_field(object, "leftMemoryBytes").value_or(0);
  result.started_at = text_field(object, "startedAt");
  result.finished_at = text_field(object, "finishedAt");
  return result;
}

/// Adds an error for each field that is of another type or out of its bounds.
class StrictReader {
 public:
  StrictReader(const Json& object, std::vector<FieldError>& errors)
      : object_(object), errors_(errors) {}

  void integer(const char* name, std::int64_t low, std::int64_t high, bool needed) {
    const Json* value = field(object_, name);
    if (value == nullptr) {
      if (needed) errors_.push_back(required(name, "a whole number"));
      return;
    }
    if (value->is_number_integer()) {
      const bool fits = !value->is_number_unsigned() ||
                        value->get<std::uint64_t>() <= static_cast<std::uint64_t>(high);
      if (fits && value->get<std::int64_t>() >= low && value->get<std::int64_t>() <= high) return;
    }
    errors_.push_back(
        invalid(name, *value, fmt::format("must be a whole number from {} to {}", low, high)));
  }
  void text(const char* name, std::size_t longest, bool needed) {
    const Json* value = field(object_, name);
    if (value == nullptr) {
      if (needed) errors_.push_back(required(name, "a text"));
      return;
    }
    if (value->is_string() && value->get_ref<const std::string&>().size() <= longest) return;
    errors_.push_back(invalid(name, value->is_string() ? Json("...") : *value,
                              fmt::format("must be a text of at most {} bytes", longest)));
  }
  void flag(const char* name) {
    const Json* value = field(object_, name);
    if (value != nullptr && !value->is_boolean())
      errors_.push_back(invalid(name, *value, "must be true or false"));
  }
  void time(const char* name) {
    const Json* value = field(object_, name);
    if (value == nullptr) return;
    if (value->is_string() && parse_rfc3339(value->get_ref<const std::string&>())) return;
    errors_.push_back(invalid(name, *value, "must be a time as in 2026-11-23T20:19:10Z"));
  }

 private:
  const Json& object_;
  std::vector<FieldError>& errors_;
};

}  // namespace

std::string WarmLease::key() const { return fmt::format("{}/{}", trial, attempt); }

Json to_json(const WarmLease& lease) {
  Json object{{"since", format_rfc3339_nano(lease.since)}};
  if (lease.end) {
    object["end"] = true;
    return object;
  }
  if (lease.cancelled) object["cancelled"] = format_rfc3339_nano(*lease.cancelled);
  object["trial"] = lease.trial;
  object["trialUid"] = lease.trial_uid;
  object["jobUid"] = lease.job_uid;
  object["attempt"] = lease.attempt;
  object["trialAttempt"] = lease.trial_attempt;
  object["command"] = lease.command;
  object["args"] = lease.args;
  Json env = Json::array();
  for (const auto& [name, value] : lease.env) env.push_back({{"name", name}, {"value", value}});
  object["env"] = std::move(env);
  object["assignments"] = to_json(lease.assignments);
  object["graceSeconds"] = lease.grace_seconds;
  if (!lease.working_dir.empty()) object["workingDir"] = lease.working_dir;
  if (!lease.termination_log.empty()) object["terminationLog"] = lease.termination_log;
  if (lease.log_as_message) object["logAsMessage"] = true;
  return object;
}

Json to_json(const WarmResult& result) {
  Json object{{"trial", result.trial},
              {"attempt", result.attempt},
              {"exitCode", result.exit_code},
              {"signal", result.signal},
              {"peakMemoryBytes", result.peak_bytes},
              {"baselineMemoryBytes", result.baseline_bytes},
              {"carriedMemoryBytes", result.carried_bytes},
              {"leftMemoryBytes", result.left_bytes}};
  if (result.oom_killed) object["oomKilled"] = true;
  if (result.cancelled) object["cancelled"] = true;
  if (!result.message.empty()) object["message"] = result.message;
  if (!result.started_at.empty()) object["startedAt"] = result.started_at;
  if (!result.finished_at.empty()) object["finishedAt"] = result.finished_at;
  return object;
}

WarmLease read_lease(const Json& object) {
  WarmLease lease;
  lease.end = flag_field(object, "end");
  lease.cancelled = parse_rfc3339(text_field(object, "cancelled"));
  lease.trial = text_field(object, "trial");
  lease.trial_uid = text_field(object, "trialUid");
  lease.job_uid = text_field(object, "jobUid");
  lease.attempt = integer_field(object, "attempt").value_or(1);
  lease.trial_attempt = integer_field(object, "trialAttempt").value_or(1);
  lease.since = parse_rfc3339(text_field(object, "since")).value_or(Time{});
  lease.command = texts_field(object, "command");
  lease.args = texts_field(object, "args");
  for (const Json& one : array_field(object, "env"))
    lease.env.emplace_back(text_field(one, "name"), text_field(one, "value"));
  lease.assignments = read_assignments(array_field(object, "assignments"));
  lease.grace_seconds = integer_field(object, "graceSeconds").value_or(5);
  lease.working_dir = text_field(object, "workingDir");
  lease.termination_log = text_field(object, "terminationLog");
  lease.log_as_message = flag_field(object, "logAsMessage");
  return lease;
}

std::optional<WarmLease> lease_of(const Json& pod) {
  const auto object = annotation_json(pod, kLeaseAnnotation);
  if (!object) return std::nullopt;
  return read_lease(*object);
}

std::optional<WarmResult> lease_result_of(const Json& pod) {
  const auto object = annotation_json(pod, kLeaseResultAnnotation);
  const auto lease = lease_of(pod);
  if (!object || !lease || lease->end) return std::nullopt;
  WarmResult result = tolerant_result(*object);
  if (result.trial != lease->trial || result.attempt != lease->attempt) return std::nullopt;
  return result;
}

Result<WarmResult> read_result(const Json& object) {
  if (!object.is_object())
    return fail(Code::kBadRequest,
                "the body must be an object, as in {\"trial\":\"t\",\"attempt\":1,\"exitCode\":0}");
  constexpr std::array kKnown{"trial",          "attempt",         "exitCode",
                              "signal",         "oomKilled",       "cancelled",
                              "message",        "peakMemoryBytes", "baselineMemoryBytes",
                              "startedAt",      "finishedAt",      "carriedMemoryBytes",
                              "leftMemoryBytes"};
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 50U;
  std::vector<FieldError> errors;
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(kKnown, name) == kKnown.end())
      errors.push_back({FieldReason::kNotSupported, name, "unknown field"});
  }
  StrictReader reader(object, errors);
  reader.text("trial", 253, true);
  reader.integer("attempt", 1, std::int64_t{1} << 40U, true);
  reader.integer("exitCode", 0, 255, true);
  reader.integer("signal", 0, 64, false);
  reader.flag("oomKilled");
  reader.flag("cancelled");
  reader.text("message", kLongestMessage, false);
  reader.integer("peakMemoryBytes", 0, kMostBytes, false);
  reader.integer("baselineMemoryBytes", 0, kMostBytes, false);
  reader.integer("carriedMemoryBytes", 0, kMostBytes, false);
  reader.integer("leftMemoryBytes", 0, kMostBytes, false);
  reader.time("startedAt");
  reader.time("finishedAt");
  if (!errors.empty()) {
    std::string message = "the result is invalid: " + join(errors);
    return fail(Code::kInvalid, std::move(message), std::move(errors));
  }
  return tolerant_result(object);
}

}  // namespace mizan::resources
