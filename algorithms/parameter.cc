// Building parameters from text with every error at its field, and moving between values, levels
// and text.
#include "algorithms/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace mizan::algorithms {
namespace {

constexpr double kMaxInt = 9007199254740992.0;  // 2^53: beyond it, doubles skip whole numbers

void add(std::vector<FieldError>& errors, std::string path, std::string message) {
  errors.push_back({FieldReason::kInvalid, std::move(path), std::move(message)});
}

std::unexpected<Error> invalid(const std::string& name, std::vector<FieldError> errors) {
  return fail(Code::kInvalid, fmt::format("the feasible space of \"{}\" can't be searched", name),
              std::move(errors));
}

std::optional<double> read_bound(std::string_view text, std::string_view path, bool whole,
                                 std::vector<FieldError>& errors) {
  const auto value = parse_number(text);
  if (!value) {
    add(errors, std::string(path), fmt::format("must be a number, got \"{}\"", text));
  } else if (whole && *value != std::trunc(*value)) {
    add(errors, std::string(path),
        fmt::format("must be a whole number for parameterType int, got \"{}\"", text));
    return std::nullopt;
  } else if (whole && std::fabs(*value) > kMaxInt) {
    add(errors, std::string(path), fmt::format("must lie within -2^53 and 2^53, got \"{}\"", text));
    return std::nullopt;
  }
  return value;
}

void check_range(const Parameter& p, const RangeText& range, std::vector<FieldError>& errors) {
  if (p.max < p.min) {
    add(errors, "max", fmt::format("must not be less than min ({}), got {}", range.min, range.max));
  }
  if (p.is_log() && !(p.min > 0)) {
    add(errors, "min",
        fmt::format("must be greater than 0 for a log distribution, got {}", range.min));
  }
}

void add_grid(Parameter& p, const RangeText& range, std::string_view step,
              std::vector<FieldError>& errors) {
  const auto made = DecimalGrid::make(range.min, range.max, step);
  if (made.grid) {
    p.grid = made.grid;
  } else if (made.fault == DecimalGrid::Fault::kStep) {
    add(errors, "step", fmt::format("must be a number greater than 0, got \"{}\"", step));
  } else {
    add(errors, "step",
        fmt::format("{} to {} in steps of {} has more values than can be told apart (2^53); use a "
                    "larger step or none",
                    range.min, range.max, step));
  }
}

Result<Parameter> make_range(std::string name, ParameterKind kind, RangeText range,
                             Distribution distribution) {
  Parameter p;
  p.name = std::move(name);
  p.kind = kind;
  p.distribution = distribution;
  const bool whole = kind == ParameterKind::kInt;
  std::vector<FieldError> errors;
  const auto min = read_bound(range.min, "min", whole, errors);
  const auto max = read_bound(range.max, "max", whole, errors);
  const std::string_view step = range.step.empty() && whole ? "1" : range.step;
  const auto width = step.empty() ? std::nullopt : read_bound(step, "step", whole, errors);
  if (min && max) {
    p.min = *min + 0.0;  // -0 becomes 0
    p.max = *max + 0.0;
    check_range(p, range, errors);
    if (errors.empty() && width) add_grid(p, range, step, errors);
    if (errors.empty() && !p.grid && !std::isfinite(p.max - p.min))
      add(errors, "max", "is too far from min: the width of the range is not a finite number");
  }
  if (!errors.empty()) return invalid(p.name, std::move(errors));
  return p;
}

}  // namespace

Result<Parameter> make_double(std::string name, RangeText range, Distribution distribution) {
  return make_range(std::move(name), ParameterKind::kDouble, range, distribution);
}

Result<Parameter> make_int(std::string name, RangeText range, Distribution distribution) {
  return make_range(std::move(name), ParameterKind::kInt, range, distribution);
}

Result<Parameter> make_discrete(std::string name, const std::vector<std::string>& list) {
  Parameter p;
  p.name = std::move(name);
  p.kind = ParameterKind::kDiscrete;
  std::vector<FieldError> errors;
  if (list.empty()) add(errors, "list", "must name at least one number");
  std::vector<std::pair<double, std::size_t>> entries;  // with the place in the list
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (const auto value = parse_number(list[i])) {
      entries.emplace_back(*value + 0.0, i);
    } else {
      add(errors, fmt::format("list[{}]", i),
          fmt::format(
              "must be a number for parameterType discrete, got \"{}\"; use categorical for words",
              list[i]));
    }
  }
  if (!errors.empty()) return invalid(p.name, std::move(errors));
  std::sort(entries.begin(), entries.end());
  for (const auto& [number, at] : entries) {
    if (!p.numbers.empty() && p.numbers.back() == number) continue;
    p.numbers.push_back(number);
    p.texts.push_back(list[at]);
  }
  p.min = p.numbers.front();
  p.max = p.numbers.back();
  return p;
}

Result<Parameter> make_categorical(std::string name, std::vector<std::string> list) {
  Parameter p;
  p.name = std::move(name);
  p.kind = ParameterKind::kCategorical;
  std::vector<FieldError> errors;
  if (list.empty()) add(errors, "list", "must name at least one value");
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (seen.insert(list[i]).second) continue;
    errors.push_back({FieldReason::kDuplicate, fmt::format("list[{}]", i),
                      fmt::format("\"{}\" is in the list already", list[i])});
  }
  if (!errors.empty()) return invalid(p.name, std::move(errors));
  p.texts = std::move(list);
  p.min = 0;
  p.max = static_cast<double>(p.texts.size() - 1);
  return p;
}

std::uint64_t level_count(const Parameter& parameter) {
  if (parameter.grid) return parameter.grid->size();
  if (!parameter.texts.empty()) return parameter.texts.size();
  return parameter.min == parameter.max ? 1 : 0;
}

double level_value(const Parameter& parameter, std::uint64_t k) {
  if (parameter.grid) return parameter.grid->value(k);
  if (parameter.kind == ParameterKind::kDiscrete) return parameter.numbers[k];
  if (parameter.kind == ParameterKind::kCategorical) return static_cast<double>(k);
  return parameter.min;  // the only value of a closed point
}

std::optional<std::uint64_t> level_of(const Parameter& parameter, double value) {
  if (parameter.grid) return parameter.grid->find(value);
  if (parameter.kind == ParameterKind::kDiscrete) {
    const auto at = std::lower_bound(parameter.numbers.begin(), parameter.numbers.end(), value);
    if (at == parameter.numbers.end() || *at != value) return std::nullopt;
    return static_cast<std::uint64_t>(at - parameter.numbers.begin());
  }
  if (parameter.kind == ParameterKind::kCategorical) {
    const bool known = value >= 0 && value < static_cast<double>(parameter.texts.size()) &&
                       value == std::trunc(value);
    return known ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
  }
  return parameter.min == parameter.max && value == parameter.min ? std::optional<std::uint64_t>(0)
                                                                  : std::nullopt;
}

bool is_value_of(const Parameter& parameter, double value) {
  if (level_count(parameter) == 0) return value >= parameter.min && value <= parameter.max;
  return level_of(parameter, value).has_value();
}

double snap(const Parameter& parameter, double value) {
  if (parameter.grid) return parameter.grid->value(parameter.grid->nearest(value));
  if (parameter.kind == ParameterKind::kDiscrete) {
    const auto above = std::lower_bound(parameter.numbers.begin(), parameter.numbers.end(), value);
    if (above == parameter.numbers.begin() || std::isnan(value)) return parameter.numbers.front();
    if (above == parameter.numbers.end()) return parameter.numbers.back();
    return value - *(above - 1) < *above - value ? *(above - 1) : *above;
  }
  if (!(value > parameter.min)) return parameter.min;
  const double inside = std::min(value, parameter.max);
  return parameter.kind == ParameterKind::kCategorical ? std::round(inside) : inside;
}

std::string value_text(const Parameter& parameter, double value) {
  const auto level = level_of(parameter, value);
  if (level && parameter.grid) return parameter.grid->text(*level);
  if (level && !parameter.texts.empty()) return parameter.texts[*level];
  return parameter.is_numeric() && std::isfinite(value) ? format_number(value) : std::string();
}

std::optional<double> parse_value(const Parameter& parameter, std::string_view text) {
  if (parameter.is_numeric()) {
    const auto value = parse_number(text);
    return value ? std::optional(*value + 0.0) : std::nullopt;
  }
  const auto at = std::find(parameter.texts.begin(), parameter.texts.end(), text);
  if (at == parameter.texts.end()) return std::nullopt;
  return static_cast<double>(at - parameter.texts.begin());
}

}  // namespace mizan::algorithms
