// Boost's distributions are slow to compile and are included here alone.
#include "cmd/mizan/confirm_result.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "resources/reading.h"

namespace mizan::cmd {
namespace {

constexpr double kConfidence = 0.95;

double mean_of(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

/// Of a sample: divided by one less than there are.
double deviation_of(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

std::string shown(const Assignments& assignments) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : assignments) parts.push_back(fmt::format("{}={}", name, value));
  return fmt::format("{}", fmt::join(parts, " "));
}

}  // namespace

std::optional<PairedInterval> paired_interval(const std::vector<double>& differences) {
  const std::size_t count = differences.size();
  if (count < 2) return std::nullopt;
  const boost::math::students_t distribution(static_cast<double>(count - 1));
  const double quantile = boost::math::quantile(distribution, 0.5 + kConfidence / 2);
  const double half = quantile * deviation_of(differences) / std::sqrt(static_cast<double>(count));
  const double mean = mean_of(differences);
  return PairedInterval{count, mean, mean - half, mean + half};
}

std::vector<Compared> compare(const ConfirmPlan& plan, const std::vector<Json>& trials) {
  const auto many = static_cast<std::int64_t>(plan.configurations.size());
  std::vector<std::vector<std::optional<double>>> values(
      plan.configurations.size(),
      std::vector<std::optional<double>>(static_cast<std::size_t>(plan.repeats)));
  for (const Json& trial : trials) {
    const auto index = resources::integer_field(trial, "index");
    const auto value = resources::number_field(trial, "objective");
    if (!index || *index < 0 || *index >= many * plan.repeats || !value ||
        resources::text_field(trial, "state") != "Succeeded")
      continue;
    values[static_cast<std::size_t>(*index % many)][static_cast<std::size_t>(*index / many)] =
        value;
  }
  const auto& standard = values.back();
  std::vector<Compared> all;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Compared one{.configuration = plan.configurations[i], .values = {}, .against_default = {}};
    std::vector<double> differences;
    for (std::size_t repeat = 0; repeat < values[i].size(); ++repeat) {
      const auto& value = values[i][repeat];
      if (value) one.values.push_back(*value);
      if (value && standard[repeat]) differences.push_back(*value - *standard[repeat]);
    }
    one.mean = mean_of(one.values);
    one.deviation = deviation_of(one.values);
    if (i + 1 < values.size()) one.against_default = paired_interval(differences);
    all.push_back(std::move(one));
  }
  return all;
}

std::string verdict_of(const Compared& compared, bool maximize) {
  if (!compared.against_default) return "not enough repeats gave a value";
  const auto& interval = *compared.against_default;
  if (interval.low > 0) return maximize ? "better" : "worse";
  if (interval.high < 0) return maximize ? "worse" : "better";
  return "no clear difference";
}

std::string confirmation_text(const std::vector<Compared>& all, const std::string& metric,
                              bool maximize) {
  std::string text =
      fmt::format("{:<9} {:>24}  {:>34}\n", "", metric, "against the default (95 %)");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Compared& one = all[i];
    const bool standard = i + 1 == all.size();
    const std::string value = one.values.empty() ? "no value"
                                                 : fmt::format("{:.6g} ± {:.2g} ({})", one.mean,
                                                               one.deviation, one.values.size());
    std::string difference;
    if (one.against_default) {
      const auto& interval = *one.against_default;
      difference =
          fmt::format("{:+.4g} [{:+.4g}, {:+.4g}]", interval.mean, interval.low, interval.high);
    }
    // fmt counts bytes of "±" as one column, as terminals do.
    text +=
        fmt::format("{:<9} {:>24}  {:>34}  {}\n", standard ? "default" : fmt::format("{}", i + 1),
                    value, difference, standard ? "" : verdict_of(one, maximize));
    text += fmt::format("          {} ({})\n", shown(one.configuration.assignments),
                        one.configuration.origin);
  }
  return text;
}

Json confirmation_json(const std::vector<Compared>& all, const std::string& metric, bool maximize) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Compared& one = all[i];
    Json row{{"assignments", one.configuration.assignments},
             {"origin", one.configuration.origin},
             {"default", i + 1 == all.size()},
             {"values", one.values},
             {"mean", one.values.empty() ? Json() : Json(one.mean)},
             {"sd", one.values.size() < 2 ? Json() : Json(one.deviation)}};
    if (one.against_default) {
      const auto& interval = *one.against_default;
      row["againstDefault"] = {{"pairs", interval.pairs},
                               {"mean", interval.mean},
                               {"low", interval.low},
                               {"high", interval.high},
                               {"verdict", verdict_of(one, maximize)}};
    }
    rows.push_back(std::move(row));
  }
  return {{"metric", metric}, {"confidence", kConfidence}, {"configurations", std::move(rows)}};
}

}  // namespace mizan::cmd
