// Sums, rounded where people see them.
#include "pods/tuner/savings.h"

#include <cmath>

#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::object_field;

Reserved read_reserved(const Json& json) {
  return {resources::number_field(json, "memoryGiBSeconds").value_or(0),
          resources::number_field(json, "cpuCoreSeconds").value_or(0)};
}

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

Json to_json(const Reserved& reserved) {
  return {{"memoryGiBSeconds", rounded(reserved.memory_gib_seconds)},
          {"cpuCoreSeconds", rounded(reserved.cpu_core_seconds)}};
}

Reserved operator-(const Reserved& one, const Reserved& other) {
  return {one.memory_gib_seconds - other.memory_gib_seconds,
          one.cpu_core_seconds - other.cpu_core_seconds};
}

bool is_same(const Reserved& one, const Reserved& other) {
  return one.memory_gib_seconds == other.memory_gib_seconds &&
         one.cpu_core_seconds == other.cpu_core_seconds;
}

}  // namespace

Reserved& Reserved::operator+=(const Reserved& other) {
  memory_gib_seconds += other.memory_gib_seconds;
  cpu_core_seconds += other.cpu_core_seconds;
  return *this;
}

Json TrialRun::json() const {
  Json run{{"seconds", std::round(seconds * 1e3) / 1e3},
           {"reserved", to_json(held)},
           {"static", to_json(would_have_held)}};
  if (!ended.empty()) run["ended"] = ended;
  return run;
}

bool Savings::Part::operator==(const Part& other) const {
  return is_same(held, other.held) && is_same(would_have_held, other.would_have_held);
}

bool Savings::put(const std::string& trial_uid, const Json& resources) {
  const Json& runs = object_field(resources, "runs");
  if (runs.empty()) return false;
  Part part;
  for (const auto& [pod, run] : runs.items()) {
    part.held += read_reserved(object_field(run, "reserved"));
    part.would_have_held += read_reserved(object_field(run, "static"));
  }
  Part& known = trials_[trial_uid];
  if (known == part) return false;
  held_ += part.held - known.held;
  would_have_held_ += part.would_have_held - known.would_have_held;
  known = part;
  return true;
}

double Savings::memory_gib_hours() const {
  return (would_have_held_.memory_gib_seconds - held_.memory_gib_seconds) / 3600;
}
double Savings::cpu_core_hours() const {
  return (would_have_held_.cpu_core_seconds - held_.cpu_core_seconds) / 3600;
}

Json Savings::json() const {
  return {{"memoryGiBHours", rounded(memory_gib_hours())},
          {"cpuCoreHours", rounded(cpu_core_hours())},
          {"reservedGiBHours", rounded(held_.memory_gib_seconds / 3600)},
          {"reservedCoreHours", rounded(held_.cpu_core_seconds / 3600)},
          {"trials", trials_.size()}};
}

}  // namespace mizan::pods
