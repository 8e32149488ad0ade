// See worker_protocol.h.
#include "pods/runner/worker_protocol.h"

#include "core/json.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

constexpr std::size_t kLongestMessage = 2000;

/// A reason that is there but empty, or no text, still is one.
std::string reason_in(const Json& object, const char* name) {
  const Json* value = resources::field(object, name);
  if (value == nullptr || *value == Json(false)) return {};
  std::string text = value->is_string() ? value->get<std::string>() : resources::compact(*value);
  if (text.empty()) text = "it gave no reason";
  return text.substr(0, kLongestMessage);
}

}  // namespace

std::string trial_line(const resources::WarmLease& lease) {
  Json assignments = Json::object();
  for (const auto& [name, value] : lease.assignments) assignments[name] = value;
  return resources::compact({{"trial", lease.trial}, {"assignments", std::move(assignments)}}) +
         "\n";
}

std::string stop_line(const std::string& trial) {
  return resources::compact({{"stop", trial}}) + "\n";
}

WorkerLine read_worker_line(std::string_view line) {
  WorkerLine read;
  read.text = line;
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == line.npos || line[first] != '{') return read;
  const auto parsed = parse_json(line, {.max_bytes = 64U * 1024U, .max_depth = 8});
  if (!parsed || !parsed->value.is_object()) return read;
  const Json& object = parsed->value;
  if (const Json* done = resources::field(object, "done"); done != nullptr && done->is_string()) {
    read.kind = WorkerLine::Kind::kDone;
    read.trial = done->get<std::string>();
    read.error = reason_in(object, "error");
    read.infeasible = reason_in(object, "infeasible");
    return read;
  }
  const std::string metric = resources::text_field(object, "metric");
  const Json* value = resources::field(object, "value");
  if (metric.empty() || value == nullptr || !(value->is_number() || value->is_string()))
    return read;
  read.kind = WorkerLine::Kind::kMetric;
  read.text =
      metric + "=" + (value->is_string() ? value->get<std::string>() : resources::compact(*value));
  for (char& c : read.text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return read;
}

}  // namespace mizan::pods
