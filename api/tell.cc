// Reading reports and tells.
#include "api/tell.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "api/summary.h"
#include "resources/condition.h"

namespace mizan::api {
namespace {

using resources::Objective;
using resources::ObservedMetric;
using resources::TrialState;

constexpr std::array kTellable{TrialState::kSucceeded, TrialState::kFailed, TrialState::kInfeasible,
                               TrialState::kEarlyStopped};

struct Metric {
  std::string name;
  std::optional<std::string> value;  // nullopt: null, NaN or infinite
};

std::unexpected<Error> invalid(std::vector<FieldError> fields) {
  const std::string what = fields.size() == 1
                               ? fmt::format("{}: {}", fields[0].path, fields[0].message)
                               : fmt::format("{} fields are wrong", fields.size());
  return fail(Code::kInvalid, what, std::move(fields));
}

bool is_known(const Objective& objective, const std::string& name) {
  return name == objective.metric || std::ranges::find(objective.additional_metrics, name) !=
                                         objective.additional_metrics.end();
}

std::string known_metrics(const Objective& objective) {
  std::vector<std::string> names{objective.metric};
  names.insert(names.end(), objective.additional_metrics.begin(),
               objective.additional_metrics.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// nullopt with an error added for what is no number; a Metric without value for what is none that
/// counts.
std::optional<Metric> read_metric(const std::string& name, const Json& value,
                                  std::vector<FieldError>& errors) {
  if (value.is_null()) return Metric{name, std::nullopt};
  if (value.is_number_integer()) return Metric{name, value.dump()};
  if (value.is_number_float()) {
    const double number = value.get<double>();
    return Metric{name,
                  std::isfinite(number) ? std::optional(fmt::format("{}", number)) : std::nullopt};
  }
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (!number_of(text).is_null()) return Metric{name, text};
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    });
    for (const char* none : {"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}) {
      if (lower == none) return Metric{name, std::nullopt};
    }
  }
  errors.push_back({FieldReason::kTypeInvalid, "metrics." + name, "must be a number or null"});
  return std::nullopt;
}

std::vector<Metric> read_metrics(const Json& body, const Objective& objective,
                                 std::vector<FieldError>& errors) {
  std::vector<Metric> metrics;
  const auto found = body.find("metrics");
  if (found == body.end()) return metrics;
  if (!found->is_object()) {
    errors.push_back(
        {FieldReason::kTypeInvalid, "metrics", "must be an object of numbers by metric name"});
    return metrics;
  }
  for (const auto& [name, value] : found->items()) {
    if (!is_known(objective, name)) {
      errors.push_back(
          {FieldReason::kNotSupported, fmt::format("metrics.{}", name),
           fmt::format("unknown metric: this experiment has {}", known_metrics(objective))});
    } else if (auto metric = read_metric(name, value, errors)) {
      metrics.push_back(std::move(*metric));
    }
  }
  return metrics;
}

void refuse_unknown(const Json& body, std::initializer_list<std::string_view> known,
                    std::vector<FieldError>& errors) {
  for (const auto& [key, value] : body.items()) {
    if (std::ranges::find(known, key) == known.end()) {
      errors.push_back({FieldReason::kNotSupported, key,
                        fmt::format("unknown field: {} are known", fmt::join(known, ", "))});
    }
  }
}

std::string text_field(const Json& body, const char* name, std::vector<FieldError>& errors) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return {};
  if (found->is_string()) return found->get<std::string>();
  errors.push_back({FieldReason::kTypeInvalid, name, "must be a string"});
  return {};
}

/// Conditions' reasons are one word; what people write as a reason with spaces becomes the message.
void add_reason(resources::TrialOutcome& outcome, std::string reason, std::string message) {
  const bool one_word = std::ranges::all_of(reason, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ',' || c == ':';
  });
  outcome.message = std::move(message);
  if (one_word) {
    outcome.reason = std::move(reason);
  } else if (outcome.message.empty()) {
    outcome.message = std::move(reason);
  } else {
    outcome.message = reason + ": " + outcome.message;
  }
}

bool holds(const resources::EarlyStoppingRule& rule, double value, double bound) {
  if (rule.comparison == "equal") return value == bound;
  if (rule.comparison == "less") return value < bound;
  return rule.comparison == "greater" && value > bound;
}

}  // namespace

Result<Json> parse_metrics_json(std::string_view text) {
  std::string cleaned;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    if (!in_string) {
      const std::string_view rest = text.substr(i);
      bool replaced = false;
      for (const std::string_view literal : {"NaN", "-Infinity", "Infinity"}) {
        if (!rest.starts_with(literal)) continue;
        cleaned += "null";
        i += literal.size();
        replaced = true;
        break;
      }
      if (replaced) continue;
    }
    if (in_string && text[i] == '\\' && i + 1 < text.size())
      cleaned += text[i++];
    else if (text[i] == '"')
      in_string = !in_string;
    cleaned += text[i++];
  }
  TRY(auto parsed, parse_json(cleaned));
  if (!parsed.value.is_object()) return fail(Code::kBadRequest, "the body must be a JSON object");
  return std::move(parsed.value);
}

Result<Report> read_report(const Json& body, const Objective& objective, Time now) {
  std::vector<FieldError> errors;
  refuse_unknown(body, {"step", "metrics"}, errors);
  std::optional<std::int64_t> step;
  if (const auto found = body.find("step"); found != body.end() && !found->is_null()) {
    if (found->is_number_integer()) {
      step = found->get<std::int64_t>();
    } else {
      errors.push_back({FieldReason::kTypeInvalid, "step", "must be a whole number"});
    }
  }
  const auto metrics = read_metrics(body, objective, errors);
  if (!body.contains("metrics")) {
    errors.push_back(
        {FieldReason::kRequired, "metrics", "is required: an object of numbers by metric name"});
  }
  if (!errors.empty()) return invalid(std::move(errors));
  Report report;
  for (const Metric& metric : metrics)
    report.rows.push_back({metric.name, metric.value.value_or("NaN"), now, step});
  return report;
}

Result<resources::TrialOutcome> read_tell(const Json& body, const Objective& objective) {
  std::vector<FieldError> errors;
  refuse_unknown(body, {"metrics", "state", "reason", "message"}, errors);
  resources::TrialOutcome outcome;
  if (const std::string state = text_field(body, "state", errors); !state.empty()) {
    const auto known =
        std::ranges::find(kTellable, state, [](TrialState one) { return to_string(one); });
    if (known == kTellable.end()) {
      errors.push_back(
          {FieldReason::kNotSupported, "state",
           fmt::format("\"{}\" can't be told; Succeeded, Failed, Infeasible and EarlyStopped can",
                       state)});
    } else {
      outcome.state = *known;
    }
  }
  add_reason(outcome, text_field(body, "reason", errors), text_field(body, "message", errors));
  bool has_objective = false;
  bool objective_counts = false;
  for (const Metric& metric : read_metrics(body, objective, errors)) {
    const std::string text = metric.value.value_or("unavailable");
    outcome.observation.push_back({metric.name, text, text, text});
    if (metric.name != objective.metric) continue;
    has_objective = true;
    objective_counts = metric.value.has_value();
  }
  if (outcome.state == TrialState::kSucceeded && !has_objective) {
    errors.push_back({FieldReason::kRequired, fmt::format("metrics.{}", objective.metric),
                      "is required: the value of the objective, or null when there is none"});
  }
  if (!errors.empty()) return invalid(std::move(errors));
  const bool claims_value = outcome.state == TrialState::kSucceeded ||
                            (outcome.state == TrialState::kEarlyStopped && has_objective);
  if (claims_value && !objective_counts) outcome.state = TrialState::kMetricsUnavailable;
  return outcome;
}

bool ended_as(const resources::Trial& trial, const resources::TrialOutcome& outcome) {
  if (trial.state != outcome.state) return false;
  const auto by_name = [](std::vector<ObservedMetric> metrics) {
    std::ranges::sort(metrics, {}, &ObservedMetric::name);
    return metrics;
  };
  if (by_name(trial.observation) != by_name(outcome.observation)) return false;
  const auto condition = resources::find_condition(trial.raw, std::string(to_string(trial.state)));
  if (!condition) return true;
  return (outcome.reason.empty() || outcome.reason == condition->reason) &&
         (outcome.message.empty() || outcome.message == condition->message);
}

bool should_stop(const std::vector<resources::EarlyStoppingRule>& rules, const Objective& objective,
                 const std::vector<store::Measurement>& reported) {
  if (rules.empty()) return false;
  const bool maximize = objective.type == resources::ObjectiveType::kMaximize;
  return std::ranges::all_of(rules, [&](const resources::EarlyStoppingRule& rule) {
    const Json bound = number_of(rule.value);
    if (bound.is_null()) return false;
    std::int64_t seen = 0;
    std::optional<double> best;
    for (const auto& row : reported) {
      if (row.metric != rule.name) continue;
      const Json number = number_of(row.value);
      if (number.is_null()) continue;
      double value = number.get<double>();
      if (rule.name == objective.metric) {
        best = !best ? value : maximize ? std::max(*best, value) : std::min(*best, value);
        value = *best;
      }
      if (++seen >= rule.start_step && holds(rule, value, bound.get<double>())) return true;
    }
    return false;
  });
}

}  // namespace mizan::api
