// Formats summaries for a terminal.
#include "cmd/mizan/run_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace mizan::cmd {
namespace {

std::int64_t count(const Json& experiment, std::string_view name) {
  const Json* value = find(experiment, "counts." + std::string(name));
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

std::int64_t finished_count(const Json& experiment) {
  std::int64_t sum = 0;
  for (const char* name :
       {"succeeded", "failed", "killed", "earlyStopped", "metricsUnavailable", "infeasible"}) {
    sum += count(experiment, name);
  }
  return sum;
}

std::string metric_name(const Json& experiment) {
  return string_at(experiment, "objective.metric", "objective");
}

std::string number_text(double value) { return fmt::format("{:.6g}", value); }

/// "loss=0.2131", or nothing while no trial has a value.
std::string best_text(const Json& experiment) {
  const Json* value = find(experiment, "best.value");
  if (value == nullptr || !value->is_number()) return "";
  return fmt::format("best {}={}", metric_name(experiment), number_text(value->get<double>()));
}

std::optional<double> objective_of(const Json& trial) {
  const Json* value = find(trial, "objective");
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::string assignments_text(const Json& trial) {
  std::string text;
  const Json* assignments = find(trial, "assignments");
  if (assignments == nullptr || !assignments->is_object()) return text;
  for (const auto& [name, value] : assignments->items()) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name,
                        value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

/// Rows with columns padded to their widest cell; the last column is not.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    text += '\n';
  }
  return text;
}

std::vector<std::string> parameter_names(const Json& experiment) {
  std::vector<std::string> names;
  if (const Json* parameters = find(experiment, "parameters");
      parameters != nullptr && parameters->is_array()) {
    for (const Json& parameter : *parameters) names.push_back(string_at(parameter, "name"));
  }
  return names;
}

std::string failures_text(const std::vector<Json>& trials) {
  std::map<std::string, int> reasons;
  for (const Json& trial : trials) {
    const std::string state = string_at(trial, "state");
    if (!is_finished_trial(trial) || state == "Succeeded" || state == "EarlyStopped") continue;
    ++reasons[state + ": " +
              string_at(trial, "why", string_at(trial, "reason", "no reason was given"))];
  }
  std::string text;
  for (const auto& [reason, times] : reasons) text += fmt::format("{} x {}\n", times, reason);
  return text;
}

}  // namespace

bool is_finished_trial(const Json& trial) {
  const std::string state = string_at(trial, "state");
  return state == "Succeeded" || state == "Failed" || state == "Killed" ||
         state == "EarlyStopped" || state == "MetricsUnavailable" || state == "Infeasible";
}

bool is_finished_experiment(const Json& experiment) {
  const std::string state = string_at(experiment, "state");
  return state == "Succeeded" || state == "Failed";
}

std::string progress_line(const Json& experiment, std::size_t width) {
  const std::int64_t done = finished_count(experiment);
  const std::int64_t max = count(experiment, "max");
  std::string text;
  if (max > 0) {
    constexpr std::int64_t kCells = 24;
    const auto full =
        static_cast<std::size_t>(std::clamp<std::int64_t>(done * kCells / max, 0, kCells));
    text = fmt::format("[{}{}] {}/{} trials", std::string(full, '#'),
                       std::string(kCells - full, '.'), done, max);
  } else {
    text = fmt::format("{} trials", done);
  }
  if (const auto running = count(experiment, "running"); running > 0)
    text += fmt::format("  {} running", running);
  if (const auto failed = count(experiment, "failed") + count(experiment, "metricsUnavailable");
      failed > 0) {
    text += fmt::format("  {} failed", failed);
  }
  if (const std::string best = best_text(experiment); !best.empty()) text += "  " + best;
  if (text.size() > width) text.resize(width);
  return text;
}

std::string trial_line(const Json& experiment, const Json& trial, bool is_best) {
  const std::int64_t max = count(experiment, "max");
  std::string text = fmt::format("[{}{}] {} {}", finished_count(experiment),
                                 max > 0 ? fmt::format("/{}", max) : "", string_at(trial, "name"),
                                 string_at(trial, "state"));
  if (const auto value = objective_of(trial)) {
    text += fmt::format("  {}={}{}", metric_name(experiment), number_text(*value),
                        is_best ? " (best)" : "");
  } else if (const std::string why = string_at(trial, "why"); !why.empty()) {
    text += "  " + why;
  }
  return text + "  " + assignments_text(trial);
}

std::string result_text(const Json& experiment, const std::vector<Json>& trials, std::size_t rows) {
  std::vector<const Json*> ranked;
  for (const Json& trial : trials) {
    if (objective_of(trial)) ranked.push_back(&trial);
  }
  const bool maximize = string_at(experiment, "objective.type") == "maximize";
  std::stable_sort(ranked.begin(), ranked.end(), [maximize](const Json* a, const Json* b) {
    return maximize ? *objective_of(*a) > *objective_of(*b) : *objective_of(*a) < *objective_of(*b);
  });

  const auto names = parameter_names(experiment);
  std::vector<std::vector<std::string>> cells(1);
  cells[0] = {"TRIAL", "STATE", metric_name(experiment)};
  cells[0].insert(cells[0].end(), names.begin(), names.end());
  for (std::size_t i = 0; i < std::min(rows, ranked.size()); ++i) {
    std::vector<std::string> row{string_at(*ranked[i], "name"), string_at(*ranked[i], "state"),
                                 number_text(*objective_of(*ranked[i]))};
    const Json* assignments = find(*ranked[i], "assignments");
    for (const std::string& name : names) {
      const auto value = assignments == nullptr ? Json() : assignments->value(name, Json("-"));
      row.push_back(value.is_string() ? value.get<std::string>() : "-");
    }
    cells.push_back(std::move(row));
  }
  std::string text = ranked.empty() ? "" : table(cells);
  if (ranked.size() > rows) text += fmt::format("... and {} more\n", ranked.size() - rows);
  text += failures_text(trials);

  const Json* best = find(experiment, "best");
  text += fmt::format(
      "\nExperiment {}/{} {}{}\n", string_at(experiment, "namespace"),
      string_at(experiment, "name"), string_at(experiment, "state"),
      string_at(experiment, "message").empty() ? "" : ": " + string_at(experiment, "message"));
  if (best == nullptr || !best->is_object())
    return text + "No trial gave a value of " + metric_name(experiment) + ".\n";
  text += fmt::format("Best trial {}: {}={}\n", string_at(*best, "trial"), metric_name(experiment),
                      number_text(best->value("value", 0.0)));
  if (const std::string assignments = assignments_text(*best); !assignments.empty()) {
    text += "  " + assignments + "\n";
  }
  return text;
}

}  // namespace mizan::cmd
