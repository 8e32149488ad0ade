// trialPods.resize and elasticParallelism: settings that contradict each other or can't do
// anything, and metrics that tuned CPU makes incomparable.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "resources/defaults.h"
#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

constexpr std::array<std::string_view, 22> kTimeWords = {
    "time",       "times",     "runtime", "walltime", "seconds", "second", "secs", "sec",
    "ms",         "duration",  "latency", "elapsed",  "speed",   "fps",    "qps",  "rps",
    "throughput", "persecond", "hz",      "minutes",  "hours",   "tps"};

/// The words of a metric's name: "trainTime", "samples/sec", "step_time".
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool begins =
        std::isupper(byte) != 0 && std::islower(static_cast<unsigned char>(before)) != 0;
    if ((begins || std::isalnum(byte) == 0) && !words.back().empty()) words.emplace_back();
    if (std::isalnum(byte) != 0) words.back() += static_cast<char>(std::tolower(byte));
    before = c;
  }
  return words;
}

bool looks_like_time(std::string_view metric) {
  return std::ranges::any_of(words_of(metric), [](const std::string& word) {
    return std::ranges::find(kTimeWords, word) != kTimeWords.end();
  });
}

void warn_of_times(const Json& spec, Verdict& verdict) {
  const Json& objective = object_field(spec, "objective");
  std::vector<std::string> metrics = texts_field(objective, "additionalMetricNames");
  metrics.insert(metrics.begin(), text_field(objective, "objectiveMetricName"));
  std::vector<std::string> times;
  for (const std::string& metric : metrics) {
    if (looks_like_time(metric)) times.push_back(metric);
  }
  if (times.empty()) return;
  warn(verdict, kTrialPodsPath + ".resize.controlledResources",
       fmt::format(
           "cpu is tuned, and {} looks like a time or throughput: trials under different CPU "
           "limits can't be compared by it",
           listed(times)));
}

void check_boost(const Json& resize, const std::string& mode, Verdict& verdict) {
  if (field(resize, "startupBoost") == nullptr) return;
  const std::string path = kTrialPodsPath + ".resize.startupBoost";
  const Json& boost = object_field(resize, "startupBoost");
  for (const char* key : {"cpuFactor", "durationSeconds"}) {
    if (field(boost, key) == nullptr)
      verdict.errors.push_back(
          required(path + "." + key, "both cpuFactor and durationSeconds are needed"));
  }
  if (mode != "Off" && !mode.starts_with("InPlace"))
    warn(verdict, path,
         fmt::format("has no effect with mode {}: it ends by a resize in place (mode InPlace)",
                     mode));
  if (text_field(resize, "controlledValues") == "RequestsOnly")
    warn(verdict, path, "has no effect with controlledValues RequestsOnly: limits are not touched");
}

void check_elastic(const Json& spec, const Json& pods, const std::string& mode, Verdict& verdict) {
  if (field(pods, "elasticParallelism") == nullptr) return;
  const std::string path = kTrialPodsPath + ".elasticParallelism";
  const auto most = integer_field(object_field(pods, "elasticParallelism"), "max");
  const std::int64_t planned =
      integer_field(spec, "parallelTrialCount").value_or(kDefaultParallelTrials);
  if (!most) {
    verdict.errors.push_back(required(path + ".max", "at most so many trials at once"));
  } else if (*most < planned) {
    verdict.errors.push_back(
        invalid(path + ".max", *most,
                fmt::format("must not be less than spec.parallelTrialCount, {}", planned)));
  }
  const Json& resize = object_field(pods, "resize");
  const std::vector<std::string> controlled = texts_field(resize, "controlledResources");
  const bool memory =
      controlled.empty() || std::ranges::find(controlled, "memory") != controlled.end();
  if (mode == "Off" || mode == "Recommend") {
    warn(verdict, path,
         fmt::format("has no effect with resize.mode {}: no memory is won back", mode));
  } else if (!memory) {
    warn(verdict, path, "has no effect, since memory is not among resize.controlledResources");
  }
}

}  // namespace

void validate_sizing(const Json& spec, Verdict& verdict) {
  const Json& pods = object_field(spec, "trialPods");
  const Json& resize = object_field(pods, "resize");
  const std::string mode = text_field(resize, "mode", "Off");
  check_elastic(spec, pods, mode, verdict);
  check_boost(resize, mode, verdict);
  const std::vector<std::string> controlled = texts_field(resize, "controlledResources");
  const bool cpu = std::ranges::find(controlled, "cpu") != controlled.end();
  if (cpu && mode != "Off" && mode != "Recommend") warn_of_times(spec, verdict);
}

}  // namespace mizan::resources
