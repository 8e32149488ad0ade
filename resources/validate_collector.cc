// metricsCollectorSpec: each kind with what it needs, and filters that can match.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

const std::string kCollectorPath = "spec.metricsCollectorSpec";
const std::string kFilePath = kCollectorPath + ".source.fileSystemPath";

bool is_absolute(const std::string& path) { return path.starts_with('/'); }

void check_file(const Json& source, Verdict& verdict) {
  const Json& file = object_field(source, "fileSystemPath");
  const std::string kind = text_field(file, "kind");
  const std::string format = text_field(file, "format");
  const std::string path = text_field(file, "path");
  if (kind != "File") {
    verdict.errors.push_back(
        invalid(kFilePath + ".kind", kind, "must be File for a collector of kind File"));
  }
  if (!is_absolute(path)) {
    verdict.errors.push_back(
        invalid(kFilePath + ".path", path,
                "file path where metrics file exists is required, beginning with /"));
  } else if (path.rfind('/') == 0) {
    verdict.errors.push_back(invalid(kFilePath + ".path", path,
                                     "must lie in a directory of its own, which becomes a volume: "
                                     "/var/log/katib/metrics.log, not /metrics.log"));
  }
  if (format != "TEXT" && format != "JSON") {
    verdict.errors.push_back(
        invalid(kFilePath + ".format", format,
                "format of metrics file is required for metrics collector: TEXT or JSON"));
  }
  if (format == "JSON" && field(source, "filter") != nullptr) {
    verdict.errors.push_back(forbidden(kCollectorPath + ".source.filter",
                                       "filter must be nil when format of metrics file is json"));
  }
}

void check_events(const Json& source, Verdict& verdict) {
  const Json& file = object_field(source, "fileSystemPath");
  const std::string kind = text_field(file, "kind");
  const std::string path = text_field(file, "path");
  if (kind != "Directory") {
    verdict.errors.push_back(invalid(kFilePath + ".kind", kind,
                                     "must be Directory for a collector of kind TensorFlowEvent"));
  }
  if (!is_absolute(path)) {
    verdict.errors.push_back(
        invalid(kFilePath + ".path", path,
                "directory path where tensorflow event files exist is required, beginning with /"));
  } else if (path.find_first_not_of('/') == std::string::npos) {
    verdict.errors.push_back(invalid(kFilePath + ".path", path,
                                     "must not be the whole disk; a directory for the event files "
                                     "becomes a volume, as /var/log/katib/tfevent/"));
  }
  if (!text_field(file, "format").empty()) {
    verdict.errors.push_back(
        forbidden(kFilePath + ".format", "must be empty for a collector of kind TensorFlowEvent"));
  }
}

void check_scrape(const Json& source, Verdict& verdict) {
  const Json& get = object_field(source, "httpGet");
  const Json* port = field(get, "port");
  const auto number = port == nullptr     ? std::nullopt
                      : port->is_string() ? decimal(port->get<std::string>())
                                          : number_field(get, "port");
  if (!number || *number < 1 || *number > 65535 || *number != static_cast<int>(*number)) {
    verdict.errors.push_back(invalid(kCollectorPath + ".source.httpGet.port",
                                     port == nullptr ? Json() : *port,
                                     "must be a positive integer value of at most 65535"));
  }
  if (text_field(get, "scheme") == "HTTPS") {
    static const std::vector<std::string> kSchemes = {"HTTP"};
    verdict.errors.push_back(
        not_supported(kCollectorPath + ".source.httpGet.scheme", "HTTPS", kSchemes));
  }
  if (const std::string path = text_field(get, "path"); !is_absolute(path)) {
    verdict.errors.push_back(invalid(kCollectorPath + ".source.httpGet.path", path,
                                     "path is invalid, it must begin with /"));
  }
}

void check_custom(const Json& spec, Verdict& verdict) {
  if (field(object_field(spec, "collector"), "customCollector") == nullptr) {
    verdict.errors.push_back(required(kCollectorPath + ".collector.customCollector",
                                      "a container is required for a collector of kind Custom"));
  }
  const Json* file = field(object_field(spec, "source"), "fileSystemPath");
  if (file == nullptr) return;
  const std::string kind = text_field(*file, "kind");
  if (!is_absolute(text_field(*file, "path")) || (kind != "File" && kind != "Directory")) {
    verdict.errors.push_back(
        invalid(kFilePath, *file, "path must begin with / and kind must be File or Directory"));
  }
}

void check_filters(const Json& source, Verdict& verdict) {
  const Json& filters = array_field(object_field(source, "filter"), "metricsFormat");
  for (std::size_t i = 0; i < filters.size(); ++i) {
    if (!filters[i].is_string()) continue;
    const auto text = filters[i].get<std::string>();
    const std::string path = fmt::format("{}.source.filter.metricsFormat[{}]", kCollectorPath, i);
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 regex(text, options);
    if (!regex.ok()) {
      verdict.errors.push_back(invalid(path, text, "invalid filter: " + regex.error()));
    } else if (regex.NumberOfCapturingGroups() < 2) {
      verdict.errors.push_back(invalid(
          path, text,
          "two top subexpressions are required: (name) and (value), as in (\\w+)=([0-9.]+)"));
    }
  }
}

}  // namespace

void validate_collector(const Json& spec, Verdict& verdict) {
  static const std::vector<std::string> kKinds = {
      "StdOut", "File", "TensorFlowEvent", "PrometheusMetric", "Custom", "Push", "None"};
  const Json* collector_spec = field(spec, "metricsCollectorSpec");
  if (collector_spec == nullptr) return;
  const Json& source = object_field(*collector_spec, "source");
  const std::string kind = text_field(object_field(*collector_spec, "collector"), "kind");
  if (!kind.empty() && std::ranges::find(kKinds, kind) == kKinds.end()) {
    verdict.errors.push_back(invalid(
        kCollectorPath + ".collector.kind", kind,
        fmt::format("invalid metrics collector kind: {}; there are {}", kind, listed(kKinds))));
    return;
  }
  if (kind == "File") check_file(source, verdict);
  if (kind == "TensorFlowEvent") check_events(source, verdict);
  if (kind == "PrometheusMetric") check_scrape(source, verdict);
  if (kind == "Custom") check_custom(*collector_spec, verdict);
  const Json& run = object_field(object_field(spec, "trialTemplate"), "trialSpec");
  if (kind == "Custom" && text_field(run, "kind") == "TrainJob") {
    verdict.errors.push_back(
        invalid(kCollectorPath + ".collector.kind", kind,
                "a TrainJob's pods are its runtime's, and no container can be put beside them; put "
                "the collector into the runtime, or use StdOut, File, TensorFlowEvent or Push"));
  }
  if (kind == "None")
    warn(verdict, kCollectorPath + ".collector.kind",
         "None counts as Push: metrics come from the trial itself");
  check_filters(source, verdict);
}

}  // namespace mizan::resources
