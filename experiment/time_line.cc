// From objects to steps, sorted by time.
#include "experiment/time_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::experiment {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

constexpr std::size_t kMostLines = 10, kMostTrials = 10;

std::optional<Time> time_at(const Json& object, std::string_view path) {
  return parse_rfc3339(string_at(object, path));
}

std::string joined(std::string_view reason, std::string_view message) {
  if (message.empty()) return std::string(reason);
  return reason.empty() ? std::string(message) : fmt::format("{}: {}", reason, message);
}

void add_conditions(const Json& object, const std::string& who, std::vector<StoryStep>& steps) {
  for (const Json& one : array_field(object_field(object, "status"), "conditions")) {
    const std::string type = text_field(one, "type");
    const bool holds = text_field(one, "status") == "True";
    // Running=False only says again that there is an end.
    if (type.empty() || (!holds && type == "Running")) continue;
    const std::string said = joined(text_field(one, "reason"), text_field(one, "message"));
    steps.push_back({time_at(one, "lastTransitionTime"), who,
                     fmt::format("{}{} ({})", type, holds ? "" : " no longer", said)});
  }
}

void add_event(const Json& event, std::vector<StoryStep>& steps) {
  std::optional<Time> at = time_at(event, "lastTimestamp");
  if (!at) at = time_at(event, "eventTime");
  std::string text = joined(text_field(event, "reason"), text_field(event, "message"));
  const auto count = resources::integer_field(event, "count").value_or(1);
  if (count > 1) text += fmt::format(" ({} times)", count);
  steps.push_back({at,
                   fmt::format("{} {}", string_at(event, "involvedObject.kind"),
                               string_at(event, "involvedObject.name")),
                   std::move(text)});
}

/// How a container ended, in its pod's words.
void add_end(const Json& ended, const std::string& who, std::vector<StoryStep>& steps) {
  if (!ended.is_object() || ended.empty()) return;
  steps.push_back({time_at(ended, "startedAt"), who, "started"});
  std::string text = "ended";
  const auto code = resources::integer_field(ended, "exitCode").value_or(0);
  const auto signal = resources::integer_field(ended, "signal").value_or(0);
  text +=
      signal > 0 ? fmt::format(" by signal {}", signal) : fmt::format(" with exit code {}", code);
  const std::string said = joined(text_field(ended, "reason"), text_field(ended, "message"));
  if (!said.empty() && said != "Completed") text += fmt::format(" ({})", said);
  steps.push_back({time_at(ended, "finishedAt"), who, std::move(text)});
}

void add_pod(const Json& pod, std::vector<StoryStep>& steps) {
  const std::string who = "Pod " + resources::name_of(pod);
  steps.push_back({resources::creation_time_of(pod), who, "made"});
  const Json& status = object_field(pod, "status");
  for (const Json& container : array_field(status, "containerStatuses")) {
    const std::string name = fmt::format("{}, container {}", who, text_field(container, "name"));
    add_end(object_field(object_field(container, "lastState"), "terminated"), name, steps);
    const Json& state = object_field(container, "state");
    add_end(object_field(state, "terminated"), name, steps);
    if (const Json& running = object_field(state, "running"); !running.empty())
      steps.push_back({time_at(running, "startedAt"), name, "started"});
    if (const Json& waiting = object_field(state, "waiting"); !waiting.empty()) {
      const std::string said =
          joined(text_field(waiting, "reason"), text_field(waiting, "message"));
      steps.push_back({std::nullopt, name, fmt::format("waits ({})", said)});
    }
  }
  for (const Json& one : array_field(status, "conditions")) {
    const std::string type = text_field(one, "type");
    const bool tells = type.starts_with("PodResize") ||
                       (type == "PodScheduled" && text_field(one, "status") == "False");
    if (!tells) continue;
    const std::string said = joined(text_field(one, "reason"), text_field(one, "message"));
    steps.push_back({time_at(one, "lastTransitionTime"), who, fmt::format("{} ({})", type, said)});
  }
  if (const std::string reason = text_field(status, "reason"); !reason.empty()) {
    steps.push_back({std::nullopt, who,
                     fmt::format("is {} ({})", text_field(status, "phase"),
                                 joined(reason, text_field(status, "message")))});
  }
}

bool ended_badly(const std::string& state) {
  return state == "Failed" || state == "MetricsUnavailable" || state == "Infeasible" ||
         state == "Killed";
}

/// The newest trials that ended badly, each with its own sentence.
void add_trials(const std::vector<Json>& trials, std::vector<StoryStep>& steps) {
  std::vector<StoryStep> bad;
  for (const Json& trial : trials) {
    const std::string state = resources::last_condition_type(trial);
    if (!ended_badly(state)) continue;
    bad.push_back(
        {time_at(trial, "status.completionTime"), "Trial " + resources::name_of(trial),
         fmt::format("{}: {}", state, string_at(trial, "status.why", "no reason is known"))});
  }
  std::ranges::stable_sort(bad, std::greater(), &StoryStep::at);
  if (bad.size() > kMostTrials) bad.resize(kMostTrials);
  std::ranges::move(bad, std::back_inserter(steps));
}

std::vector<std::string> last_lines(std::string_view log) {
  std::vector<std::string> lines;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    if (end > 0) lines.emplace_back(log.substr(0, end));
    log.remove_prefix(std::min(end + 1, log.size()));
  }
  if (lines.size() > kMostLines) lines.erase(lines.begin(), lines.end() - kMostLines);
  return lines;
}

std::string sentence_of(const Json& object, const std::string& state) {
  // What it came to is in the condition; status.why tells of a failure, or why the point was tried.
  const auto condition = resources::find_condition(object, state);
  const std::string why = string_at(object, "status.why");
  std::string sentence = condition ? condition->message : "";
  if (!why.empty() && sentence.find(why) == std::string::npos) {
    if (!sentence.empty()) sentence += sentence.ends_with('.') ? " " : ". ";
    sentence += why;
  }
  if (sentence.empty()) return "Nothing has happened to it yet.";
  return sentence.ends_with('.') ? sentence : sentence + ".";
}

}  // namespace

Story tell_story(const StorySources& sources) {
  const Json& object = sources.object;
  const std::string kind = text_field(object, "kind"), name = resources::name_of(object);
  const std::string state = resources::last_condition_type(object);
  Story story;
  const auto labels = resources::labels_of(object);
  const auto experiment = labels.find("katib.kubeflow.org/experiment");
  const std::string of =
      kind == "Trial" && experiment != labels.end() ? " of experiment " + experiment->second : "";
  story.title = fmt::format("{} {}{}: {}", kind, name, of, state.empty() ? "Pending" : state);
  story.sentence = sentence_of(object, state);
  std::vector<StoryStep>& steps = story.steps;
  steps.push_back({resources::creation_time_of(object), kind, "made"});
  add_conditions(object, kind, steps);
  for (const Json& pod : sources.pods) add_pod(pod, steps);
  for (const Json& event : sources.events) add_event(event, steps);
  add_trials(sources.trials, steps);
  // What has no time is how things are now.
  std::ranges::stable_sort(steps, [](const StoryStep& a, const StoryStep& b) {
    if (a.at.has_value() != b.at.has_value()) return a.at.has_value();
    return a.at < b.at;
  });
  story.last_lines = last_lines(sources.log_tail);
  return story;
}

std::string to_text(const Story& story) {
  std::string text = fmt::format("{}\n{}\n", story.title, story.sentence);
  if (!story.steps.empty()) text += "\n";
  for (const StoryStep& step : story.steps) {
    const std::string when = step.at ? format_rfc3339(*step.at) : "now";
    text += fmt::format("  {:<20}  {}: {}\n", when, step.who, step.text);
  }
  if (!story.last_lines.empty()) text += "\nIt said last:\n";
  for (const std::string& line : story.last_lines) text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace mizan::experiment
