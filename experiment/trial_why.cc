// From container statuses, Job conditions and output to one sentence.
#include "experiment/trial_why.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "experiment/metrics_feed.h"
#include "experiment/train_job_run.h"
#include "resources/condition.h"

namespace mizan::experiment {
namespace {

using resources::Trial;

std::string_view signal_name(std::int64_t number) {
  switch (number) {
    case 1:
      return "SIGHUP";
    case 2:
      return "SIGINT";
    case 3:
      return "SIGQUIT";
    case 4:
      return "SIGILL";
    case 6:
      return "SIGABRT";
    case 7:
      return "SIGBUS";
    case 8:
      return "SIGFPE";
    case 9:
      return "SIGKILL";
    case 11:
      return "SIGSEGV";
    case 13:
      return "SIGPIPE";
    case 15:
      return "SIGTERM";
    case 24:
      return "SIGXCPU";
    case 25:
      return "SIGXFSZ";
    default:
      return "";
  }
}

std::string without_full_stop(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text;
}

std::string why_signal(std::int64_t number) {
  const std::string_view name = signal_name(number);
  return name.empty() ? fmt::format("It was killed by signal {}", number)
                      : fmt::format("It was killed by {} (signal {})", name, number);
}

/// What a terminated container says about its end; empty when it ended well.
std::string why_terminated(const ContainerView& container) {
  const std::string message = without_full_stop(container.message);
  if (container.reason == "OOMKilled")
    return "It used more memory than its limit and was killed (OOMKilled)";
  if (container.exit_code == 0 && container.signal == 0) return "";
  // The runtime could not start it: its message names the command.
  if (container.reason == "StartError" || container.reason == "ContainerCannotRun" ||
      container.reason == "CommandNotFound") {
    return message.empty() ? "Its command could not be started"
                           : "Its command could not be started: " + message;
  }
  std::string why;
  if (container.signal > 0) {
    why = why_signal(container.signal);
  } else if (container.exit_code == 127) {
    why = "A command was not found (exit code 127)";
  } else if (container.exit_code == 126) {
    why = "A command could not be executed (exit code 126)";
  } else if (container.exit_code > 128 && container.exit_code <= 128 + 64) {
    why = why_signal(container.exit_code - 128);
  } else {
    why = fmt::format("Its command ended with exit code {}", container.exit_code);
  }
  return message.empty() ? why : fmt::format("{}: {}", why, message);
}

std::string quoted_line(const std::string& line) { return fmt::format("\"{}\"", line); }

}  // namespace

std::string why_failed(const Trial& trial, const RunFailure& failure, const PodView* pod,
                       const std::string& last_line) {
  std::string why;
  if (failure.reason == "DeadlineExceeded" ||
      (pod != nullptr && pod->reason == "DeadlineExceeded")) {
    const Json* seconds = find(trial.run_spec, "spec.activeDeadlineSeconds");
    why = seconds != nullptr && seconds->is_number()
              ? fmt::format("It ran past its deadline of {} s (activeDeadlineSeconds)",
                            seconds->dump())
              : "It ran past its deadline (activeDeadlineSeconds)";
  } else if (pod != nullptr) {
    const ContainerView* container = pod->container(trial.primary_container);
    if (container != nullptr && container->state == ContainerView::State::kTerminated)
      why = why_terminated(*container);
    if (why.empty() && !pod->reason.empty()) {
      why = pod->message.empty() ? fmt::format("Its pod failed ({})", pod->reason)
                                 : fmt::format("Its pod failed ({}): {}", pod->reason,
                                               without_full_stop(pod->message));
    }
  }
  if (why.empty()) {
    const std::string message = without_full_stop(failure.message);
    why = message.empty() ? "What ran it says that it failed" : message;
  }
  if (!last_line.empty()) why += "; it said last: " + quoted_line(last_line);
  return why + ".";
}

namespace {

/// Where the metric was looked for.
std::string why_not_found(const Trial& trial) {
  const std::string& metric = trial.objective.metric;
  const resources::MetricsCollector& collector = trial.collector;
  if (collector.kind == "TensorFlowEvent")
    return fmt::format("No event file below {} has a scalar {}", collector.path, metric);
  if (collector.kind == "PrometheusMetric")
    return fmt::format("Its metrics endpoint never gave {}", metric);
  if (collector.kind == "File" && collector.format == "JSON")
    return fmt::format("No line of {} has a field \"{}\"", collector.path, metric);
  const std::string where = collector.kind == "File"     ? collector.path
                            : collector.kind == "Custom" ? "its collector's output"
                                                         : "its output";
  return collector.filters.empty()
             ? fmt::format("No line of {} said {}=<number>", where, metric)
             : fmt::format("No line of {} gave {} through the collector's filters", where, metric);
}

}  // namespace

std::string why_no_metric(const Trial& trial, const Collected& collected) {
  const std::string& metric = trial.objective.metric;
  const std::vector<resources::ObservedMetric> observed = collected.observation.observation();
  const MetricsNotes& notes = collected.notes;
  std::string why;
  if (observed.front().latest != kUnavailable) {
    why = fmt::format("The last value of {} was {}, which is no finite number", metric,
                      observed.front().latest);
  } else if (!notes.not_a_number.empty()) {
    why = fmt::format("The value of {} was no number: {}", metric, quoted_line(notes.not_a_number));
  } else if (MetricsFeeds::follows(trial.collector.kind)) {
    why = why_not_found(trial);
    std::vector<std::string> seen = notes.other_names;
    for (const resources::ObservedMetric& one : observed) {
      if (one.name != metric && one.latest != kUnavailable) seen.push_back(one.name);
    }
    if (!seen.empty()) why += fmt::format("; there was {}", fmt::join(seen, ", "));
    if (!notes.damage.empty()) why += "; " + without_full_stop(notes.damage);
    if (!notes.last_line.empty()) why += "; it said last: " + quoted_line(notes.last_line);
    if (trial.collector.kind == "StdOut" && notes.last_line.empty()) why += "; it printed nothing";
  } else {
    why = fmt::format("Nothing was reported for {} (metrics collector {})", metric,
                      trial.collector.kind);
  }
  if (!collected.problem.empty()) why += fmt::format("; {}", without_full_stop(collected.problem));
  return why + ".";
}

std::string why_waiting(const PodView& pod, const std::string& container) {
  if (!pod.unscheduled.empty())
    return "Its pod waits for a node: " + without_full_stop(pod.unscheduled) + ".";
  const ContainerView* view = pod.container(container);
  if (view == nullptr || view->state != ContainerView::State::kWaiting || view->reason.empty())
    return "";
  if (view->reason == "ContainerCreating" || view->reason == "PodInitializing") return "";
  return view->message.empty() ? fmt::format("Its container waits: {}.", view->reason)
                               : fmt::format("Its container waits: {}: {}.", view->reason,
                                             without_full_stop(view->message));
}

bool is_foreign(const Json& run) {
  const std::string api_version = string_at(run, "apiVersion"), kind = string_at(run, "kind");
  return !(kind == "Job" && api_version == "batch/v1") && !(kind == "Pod" && api_version == "v1") &&
         !is_train_job(run);
}

std::string why_no_operator(const Json& run) {
  const Json* status = find(run, "status");
  if (!is_foreign(run) || (status != nullptr && status->is_object() && !status->empty())) return "";
  return fmt::format(
      "Its {0} has no status yet: {0} is a kind of others, and only an operator that watches this "
      "API "
      "moves it.",
      string_at(run, "kind"));
}

std::string why_no_pod(const Json& run) {
  if (std::string why = why_no_operator(run); !why.empty()) return why;
  const auto created = resources::find_condition(run, "Created");
  if (!created || created->status || created->message.empty()) return "";
  return fmt::format("Its {} waits: {}.", string_at(run, "kind"),
                     without_full_stop(created->message));
}

bool is_infeasible(const Trial& trial, const PodView* pod, std::string& message) {
  if (pod == nullptr) return false;
  const ContainerView* container = pod->container(trial.primary_container);
  if (container == nullptr || container->state != ContainerView::State::kTerminated) return false;
  if (container->exit_code != kInfeasibleExitCode || container->message.empty()) return false;
  message = container->message;
  return true;
}

}  // namespace mizan::experiment
