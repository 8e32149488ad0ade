// The report as JSON text, and back.
#include "pods/shim/report.h"

#include <cstdio>

#include "core/json.h"

namespace mizan::pods {
namespace {

constexpr const char* kRoles[] = {"init", "sidecar", "main"};
constexpr const char* kStates[] = {"waiting", "running", "terminated"};

/// Writes members of one object, with the commas between them.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  void text(const char* name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    out_ += '"';
    for (const char c : value) character(c);
    out_ += '"';
  }
  void number(const char* name, std::int64_t value) {
    key(name);
    out_ += std::to_string(value);
  }
  std::string& raw(const char* name) {
    key(name);
    return out_;
  }
  void end() { out_ += '}'; }

 private:
  void key(const char* name) {
    if (out_.back() != '{') out_ += ',';
    ((out_ += '"') += name) += "\":";
  }
  void character(char c) {
    if (c == '"' || c == '\\') {
      (out_ += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out_ += escaped;
    } else {
      out_ += c;
    }
  }
  std::string& out_;
};

void put(std::string& out, const Termination& end) {
  Members m(out);
  m.number("exitCode", end.exit_code);
  m.number("signal", end.signal);
  m.text("reason", end.reason);
  m.text("message", end.message);
  m.text("startedAt", end.started_at);
  m.text("finishedAt", end.finished_at);
  m.end();
}

void put(std::string& out, const ContainerReport& c) {
  Members m(out);
  m.text("name", c.name);
  m.text("role", kRoles[static_cast<std::size_t>(c.role)]);
  m.text("state", kStates[static_cast<std::size_t>(c.state)]);
  m.text("reason", c.reason);
  m.text("message", c.message);
  m.text("startedAt", c.started_at);
  if (c.state == ContainerReport::State::kTerminated) put(m.raw("ended"), c.ended);
  if (c.has_last) put(m.raw("last"), c.last);
  m.number("restarts", c.restarts);
  m.number("pid", c.pid);
  m.number("peakMemory", static_cast<std::int64_t>(c.peak_memory));
  if (c.peak_anonymous != 0) m.number("peakAnonymous", static_cast<std::int64_t>(c.peak_anonymous));
  m.number("cpuNanoseconds", static_cast<std::int64_t>(c.cpu_nanoseconds));
  m.end();
}

std::int64_t number(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

/// The position of `name` in a list of names, the last one when it is none of them.
template <std::size_t N>
std::size_t position(const char* const (&names)[N], const std::string& name) {
  std::size_t i = 0;
  while (i + 1 < N && name != names[i]) ++i;
  return i;
}

Termination read_termination(const Json& object) {
  Termination end;
  end.exit_code = static_cast<int>(number(object, "exitCode"));
  end.signal = static_cast<int>(number(object, "signal"));
  end.reason = string_at(object, "reason");
  end.message = string_at(object, "message");
  end.started_at = string_at(object, "startedAt");
  end.finished_at = string_at(object, "finishedAt");
  return end;
}

ContainerReport read_container(const Json& object) {
  ContainerReport c;
  c.name = string_at(object, "name");
  c.role = static_cast<Role>(position(kRoles, string_at(object, "role")));
  c.state = static_cast<ContainerReport::State>(position(kStates, string_at(object, "state")));
  c.reason = string_at(object, "reason");
  c.message = string_at(object, "message");
  c.started_at = string_at(object, "startedAt");
  if (const Json* ended = find(object, "ended")) c.ended = read_termination(*ended);
  if (const Json* last = find(object, "last")) {
    c.has_last = true;
    c.last = read_termination(*last);
  }
  c.restarts = static_cast<std::uint32_t>(number(object, "restarts"));
  c.pid = static_cast<pid_t>(number(object, "pid"));
  c.peak_memory = static_cast<std::uint64_t>(number(object, "peakMemory"));
  c.peak_anonymous = static_cast<std::uint64_t>(number(object, "peakAnonymous"));
  c.cpu_nanoseconds = static_cast<std::uint64_t>(number(object, "cpuNanoseconds"));
  return c;
}

/// Termination messages are whatever bytes the container wrote; what is stored must be UTF-8.
std::string as_utf8(std::string_view text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
      .get<std::string>();
}

}  // namespace

std::string to_json(const PodReport& report) {
  std::string out;
  Members m(out);
  m.text("phase", report.phase);
  m.text("reason", report.reason);
  m.text("message", report.message);
  std::string& list = m.raw("containers");
  list += '[';
  for (const ContainerReport& container : report.containers) {
    if (list.back() != '[') list += ',';
    put(list, container);
  }
  list += ']';
  m.end();
  return out;
}

Result<PodReport> read_report(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (object.is_discarded()) {
    // The only bytes in it that come from outside are messages: repair them and read again.
    const Json repaired = Json::parse(as_utf8(json), nullptr, false);
    if (!repaired.is_object()) return fail(Code::kBadRequest, "the shim's report is not JSON");
    return read_report(repaired.dump());
  }
  if (!object.is_object()) return fail(Code::kBadRequest, "the shim's report is not a JSON object");
  PodReport report;
  report.phase = string_at(object, "phase", "Pending");
  report.reason = string_at(object, "reason");
  report.message = string_at(object, "message");
  if (const Json* containers = find(object, "containers");
      containers != nullptr && containers->is_array()) {
    for (const Json& container : *containers)
      report.containers.push_back(read_container(container));
  }
  return report;
}

}  // namespace mizan::pods
