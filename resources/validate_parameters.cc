// The search space, parameter by parameter: ranges, lists, steps, distributions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

/// Whole numbers up to here are exact as doubles, which is what algorithms calculate with.
constexpr double kLargestInt = 9007199254740992.0;

/// One parameter under its path.
class ParameterCheck {
 public:
  ParameterCheck(const Json& parameter, std::string path, Verdict& verdict)
      : path_(std::move(path)),
        space_path_(path_ + ".feasibleSpace"),
        type_(text_field(parameter, "parameterType")),
        space_(object_field(parameter, "feasibleSpace")),
        verdict_(verdict) {}

  void run() {
    if (type_ == "double" || type_ == "int") {
      check_range();
    } else if (type_ == "discrete" || type_ == "categorical") {
      check_list();
    } else {
      verdict_.errors.push_back(
          type_.empty()
              ? required(path_ + ".parameterType", "must be double, int, discrete or categorical")
              : invalid(
                    path_ + ".parameterType", type_,
                    fmt::format("parameterType: {} is not supported, use double, int, discrete or "
                                "categorical",
                                type_)));
    }
    check_distribution();
  }

 private:
  bool is_log() const {
    const std::string distribution = text_field(space_, "distribution");
    return distribution == "logUniform" || distribution == "logNormal";
  }

  /// The number at `key`; what is wrong with it is said.
  std::optional<double> number_at(std::string_view key) {
    const std::string text = text_field(space_, key);
    const std::string path = fmt::format("{}.{}", space_path_, key);
    if (text.empty()) return std::nullopt;
    const auto number = decimal(text);
    if (!number) {
      verdict_.errors.push_back(
          invalid(path, text, "must be a decimal number such as 0.01 or 1e-3"));
      return std::nullopt;
    }
    if (type_ == "int" && (std::trunc(*number) != *number || std::abs(*number) > kLargestInt)) {
      verdict_.errors.push_back(invalid(
          path, text,
          "must be a whole number of at most 2^53 for parameterType: int; use double for others"));
      return std::nullopt;
    }
    return number;
  }

  void check_range() {
    if (!array_field(space_, "list").empty()) {
      verdict_.errors.push_back(
          invalid(space_path_ + ".list", space_["list"],
                  fmt::format("feasibleSpace.list is not supported for parameterType: {}; give min "
                              "and max, or use parameterType discrete",
                              type_)));
    }
    for (const std::string_view key : {"min", "max"}) {
      if (text_field(space_, key).empty()) {
        verdict_.errors.push_back(required(
            fmt::format("{}.{}", space_path_, key),
            fmt::format(
                "feasibleSpace.min and feasibleSpace.max must be specified for parameterType: {}",
                type_)));
      }
    }
    const auto min = number_at("min");
    const auto max = number_at("max");
    const auto step = number_at("step");
    if (min && max && *min > *max) {
      verdict_.errors.push_back(invalid(
          space_path_ + ".max", text_field(space_, "max"),
          fmt::format("must not be less than feasibleSpace.min, {}", text_field(space_, "min"))));
      return;
    }
    if (min && is_log() && *min <= 0) {
      verdict_.errors.push_back(
          invalid(space_path_ + ".min", text_field(space_, "min"),
                  fmt::format("must be greater than 0 for distribution {}: the logarithm of {} "
                              "does not exist",
                              text_field(space_, "distribution"), text_field(space_, "min"))));
    }
    if (min && max && *min == *max)
      warn(verdict_, space_path_, "min and max are the same, so there is one value only");
    if (step) check_step(*step, min, max);
  }

  void check_step(double step, std::optional<double> min, std::optional<double> max) {
    const std::string text = text_field(space_, "step");
    if (step <= 0) {
      verdict_.errors.push_back(invalid(space_path_ + ".step", text, "must be greater than 0"));
    } else if (min && max && *max > *min && step > *max - *min) {
      verdict_.errors.push_back(invalid(
          space_path_ + ".step", text,
          fmt::format(
              "is more than max - min, so {} would be the only value; use a step of at most {}",
              text_field(space_, "min"), *max - *min)));
    } else if (min && max && (*max - *min) / step > kLargestInt) {
      verdict_.errors.push_back(invalid(space_path_ + ".step", text,
                                        "is too small: there would be more than 2^53 values"));
    }
  }

  void check_list() {
    for (const std::string_view key : {"min", "max", "step"}) {
      if (text_field(space_, key).empty()) continue;
      verdict_.errors.push_back(
          invalid(fmt::format("{}.{}", space_path_, key), text_field(space_, key),
                  fmt::format("feasibleSpace .max, .min and .step is not supported for "
                              "parameterType: {}; give a list",
                              type_)));
    }
    const Json& list = array_field(space_, "list");
    if (list.empty()) {
      verdict_.errors.push_back(required(
          space_path_ + ".list", fmt::format("at least one value for parameterType: {}", type_)));
    }
    std::set<std::string> texts;
    std::set<double> numbers;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = fmt::format("{}.list[{}]", space_path_, i);
      const std::string text = list[i].is_string() ? list[i].get<std::string>() : compact(list[i]);
      const bool new_text = texts.insert(text).second;
      if (type_ == "categorical") {
        if (!new_text) verdict_.errors.push_back(duplicate(path, text));
        continue;
      }
      const auto number = decimal(text);
      if (!number) {
        verdict_.errors.push_back(invalid(path, text,
                                          "must be a decimal number for parameterType: discrete; "
                                          "use categorical for other texts"));
      } else if (!numbers.insert(*number).second) {
        warn(verdict_, path, fmt::format("{} is there twice and counts once", text));
      }
    }
  }

  void check_distribution() {
    static const std::set<std::string, std::less<>> kKnown = {"", "uniform", "logUniform", "normal",
                                                              "logNormal"};
    const std::string path = space_path_ + ".distribution";
    const Json* given = field(space_, "distribution");
    if (given == nullptr) return;
    const std::string word = given->is_string() ? given->get<std::string>() : "";
    if (!given->is_string()) {
      verdict_.errors.push_back(
          invalid(path, *given, "must be uniform, logUniform, normal or logNormal"));
    } else if (word == "unknown") {
      warn(verdict_, path, "unknown counts as uniform");
    } else if (!kKnown.contains(word)) {
      verdict_.errors.push_back(invalid(
          path, word,
          fmt::format(
              "distribution: {} is not supported, use uniform, logUniform, normal or logNormal",
              word)));
    } else if (!word.empty() && word != "uniform" &&
               (type_ == "categorical" || type_ == "discrete")) {
      warn(verdict_, path,
           fmt::format("{} has no effect on a list: each of its values is as likely", word));
    }
  }

  std::string path_, space_path_, type_;
  const Json& space_;
  Verdict& verdict_;
};

void check_names(const Json& parameters, Verdict& verdict) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string path = fmt::format("spec.parameters[{}].name", i);
    const std::string name = text_field(parameters[i], "name");
    if (name.empty()) {
      verdict.errors.push_back(required(path, "must be specified"));
    } else if (!names.insert(name).second) {
      verdict.errors.push_back(duplicate(path, name));
    }
  }
}

}  // namespace

void validate_parameters(const Json& spec, Verdict& verdict) {
  const Json& parameters = array_field(spec, "parameters");
  const bool has_nas = field(spec, "nasConfig") != nullptr;
  if (parameters.empty() && !has_nas) {
    verdict.errors.push_back(
        required("spec", "spec.parameters or spec.nasConfig must be specified"));
  } else if (!parameters.empty() && has_nas) {
    verdict.errors.push_back(forbidden(
        "spec.nasConfig", "only one of spec.parameters and spec.nasConfig can be specified"));
  }
  check_names(parameters, verdict);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    ParameterCheck(parameters[i], fmt::format("spec.parameters[{}]", i), verdict).run();
  }
}

}  // namespace mizan::resources
