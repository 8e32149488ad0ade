// See algorithm_choice.h.
#include "suggestion/algorithm_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/counter_rng.h"
#include "algorithms/nearest_name.h"

namespace mizan::suggestion {
namespace {

constexpr std::string_view kDefaultAlgorithm = "auto";
constexpr std::string_view kSeedSetting = "random_state";

void read_settings(AlgorithmChoice& choice, const resources::Algorithm& from) {
  std::vector<algorithms::NamedText> given;
  for (const resources::NamedSetting& setting : from.settings)
    given.push_back({setting.name, setting.value});
  auto parsed = algorithms::parse_settings(choice.named->name, choice.named->settings, given);
  for (auto& problem : parsed.errors) {
    const FieldReason reason = problem.at_name ? FieldReason::kNotSupported : FieldReason::kInvalid;
    choice.errors.push_back({reason,
                             fmt::format("spec.algorithm.algorithmSettings[{}].{}", problem.index,
                                         problem.at_name ? "name" : "value"),
                             std::move(problem.message)});
  }
  choice.settings = std::move(parsed.settings);
  choice.warnings = std::move(parsed.warnings);
}

}  // namespace

AlgorithmChoice choose_algorithm(const resources::Experiment& experiment) {
  AlgorithmChoice choice;
  const std::string_view name = experiment.algorithm.name.empty()
                                    ? kDefaultAlgorithm
                                    : std::string_view(experiment.algorithm.name);
  choice.named = algorithms::find_algorithm(name);
  if (choice.named == nullptr) {
    const std::vector<std::string_view> names = algorithms::algorithm_names();
    choice.errors.push_back(
        {FieldReason::kNotSupported, "spec.algorithm.algorithmName",
         fmt::format("unknown algorithm name {}{}; there are {}", name,
                     algorithms::nearest_name_hint(name, names), fmt::join(names, ", "))});
    return choice;
  }
  choice.row = &algorithms::resolve(*choice.named);
  read_settings(choice, experiment.algorithm);
  return choice;
}

void check_fit(AlgorithmChoice& choice, const resources::Experiment& experiment,
               const algorithms::Problem& problem) {
  const auto budget =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, experiment.max_trial_count.value_or(0)));
  algorithms::Findings findings =
      algorithms::check_problem(*choice.named, problem, choice.settings, budget);
  for (auto& fault : findings.errors) {
    std::string path = "spec.algorithm";
    for (std::size_t i = 0; i < experiment.algorithm.settings.size(); ++i) {
      if (!fault.setting.empty() && experiment.algorithm.settings[i].name == fault.setting)
        path = fmt::format("spec.algorithm.algorithmSettings[{}]", i);
    }
    choice.errors.push_back({FieldReason::kInvalid, std::move(path), std::move(fault.message)});
  }
  for (std::string& warning : findings.warnings) choice.warnings.push_back(std::move(warning));
}

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return algorithms::mix64(hash);
}

std::uint64_t effective_seed(const algorithms::Settings& settings, std::string_view uid) {
  if (settings.has(kSeedSetting)) return static_cast<std::uint64_t>(settings.integer(kSeedSetting));
  return hash_text(uid) & 0x7FFFFFFFU;  // short enough to be copied by hand
}

std::vector<resources::NamedSetting> effective_settings(const resources::Experiment& experiment,
                                                        std::uint64_t seed) {
  std::vector<resources::NamedSetting> settings;
  for (const resources::NamedSetting& given : experiment.algorithm.settings) {
    if (given.name != kSeedSetting) settings.push_back(given);
  }
  settings.push_back({std::string(kSeedSetting), std::to_string(seed)});
  return settings;
}

}  // namespace mizan::suggestion
