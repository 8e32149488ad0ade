// One dimension of a search space, and its values as numbers and as text.
//
// Each value is a double: the number itself, or a category's index. Every kind but a double without
// a step has finitely many values, its levels, in ascending order (categories in the order given).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/number_text.h"
#include "core/result.h"

namespace mizan::algorithms {

enum class ParameterKind { kDouble, kInt, kDiscrete, kCategorical };
enum class Distribution { kUniform, kLogUniform, kNormal, kLogNormal };

/// A parameter counts only while its parent has one of these values.
struct Condition {
  std::size_t parent = 0;      // index in the space
  std::vector<double> values;  // values of the parent
  bool operator==(const Condition&) const = default;
};

struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::kDouble;
  Distribution distribution =
      Distribution::kUniform;       // numeric ranges only; lists give each level the same mass
  double min = 0, max = 1;          // numeric ranges, inclusive
  std::optional<DecimalGrid> grid;  // int, and double with a step
  std::vector<double> numbers;      // discrete: ascending, different
  std::vector<std::string> texts;   // discrete and categorical: a level's text, verbatim
  std::optional<Condition> condition;

  bool is_numeric() const { return kind != ParameterKind::kCategorical; }
  bool is_log() const {
    return distribution == Distribution::kLogUniform || distribution == Distribution::kLogNormal;
  }
  bool operator==(const Parameter&) const = default;
};

/// A range as a user writes it. An empty step: none for a double, 1 for an int.
struct RangeText {
  std::string_view min, max, step;
};

/// Errors of all four: kInvalid, with fields whose path is relative: "min", "max", "step",
/// "list[3]", "list". Int bounds must be whole numbers within +-2^53; log distributions need min >
/// 0. Of a discrete list, numbers that are equal count once (the first text stays); categories must
/// differ.
Result<Parameter> make_double(std::string name, RangeText range, Distribution distribution);
Result<Parameter> make_int(std::string name, RangeText range, Distribution distribution);
Result<Parameter> make_discrete(std::string name, const std::vector<std::string>& list);
Result<Parameter> make_categorical(std::string name, std::vector<std::string> list);

/// How many values there are; 0 stands for a continuum.
std::uint64_t level_count(const Parameter& parameter);
/// The value of a level. Requires k < level_count.
double level_value(const Parameter& parameter, std::uint64_t k);
/// The level of exactly this value.
std::optional<std::uint64_t> level_of(const Parameter& parameter, double value);
/// Whether the value is one of the parameter's.
bool is_value_of(const Parameter& parameter, double value);
/// The nearest value of the parameter: clamped, and on a level where there are levels. NaN becomes
/// the first.
double snap(const Parameter& parameter, double value);

/// Text that reads back as exactly this value. A category outside the list is "".
std::string value_text(const Parameter& parameter, double value);
/// The value of a text: any number for numeric parameters (also one outside the range), a
/// category's index. nullopt: no number, no such category.
std::optional<double> parse_value(const Parameter& parameter, std::string_view text);

}  // namespace mizan::algorithms
