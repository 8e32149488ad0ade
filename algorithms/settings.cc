// Text to typed settings by table.
#include "algorithms/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "algorithms/counter_rng.h"
#include "algorithms/nearest_name.h"
#include "algorithms/number_text.h"

namespace mizan::algorithms {
namespace {

bool is_within(const SettingSpec& spec, double value) {
  if (spec.min == spec.max) return true;
  const bool above = spec.min_open ? value > spec.min : value >= spec.min;
  const bool below = spec.max_open ? value < spec.max : value <= spec.max;
  return above && below;
}

std::string list_of(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// The value, or why it isn't one.
std::variant<Settings::Value, std::string> read(const SettingSpec& spec, const std::string& text) {
  if (spec.type == SettingType::kText) return Settings::Value(text);
  if (spec.type == SettingType::kWord) {
    if (std::find(spec.words.begin(), spec.words.end(), text) != spec.words.end())
      return Settings::Value(text);
    return fmt::format("{} \"{}\" is not supported; it can be {}", spec.name, text,
                       list_of(spec.words));
  }
  const auto number = parse_number(text);
  const bool whole = spec.type == SettingType::kInt;
  if (!number || (whole && (*number != std::trunc(*number) || std::fabs(*number) > 0x1p53)))
    return fmt::format("{} must be {}, got \"{}\"", spec.name,
                       whole ? "a whole number" : "a number", text);
  if (!is_within(spec, *number))
    return fmt::format("{} {}, got {}", spec.name, spec.range_text, text);
  return whole ? Settings::Value(static_cast<std::int64_t>(*number)) : Settings::Value(*number);
}

std::string unknown_setting(std::string_view algorithm, std::span<const SettingSpec> specs,
                            const std::string& name) {
  if (specs.empty())
    return fmt::format("unknown setting {} for algorithm {}: it has no settings", name, algorithm);
  std::vector<std::string_view> names;
  for (const SettingSpec& spec : specs) names.push_back(spec.name);
  return fmt::format("unknown setting {} for algorithm {}{}; it has {}", name, algorithm,
                     nearest_name_hint(name, names), list_of(names));
}

}  // namespace

std::int64_t Settings::integer(std::string_view name) const {
  return std::get<std::int64_t>(values_.find(name)->second);
}
double Settings::number(std::string_view name) const {
  return std::get<double>(values_.find(name)->second);
}
const std::string& Settings::text(std::string_view name) const {
  return std::get<std::string>(values_.find(name)->second);
}

std::uint64_t Settings::hash() const {
  std::uint64_t hash = 0;
  const auto add_text = [&](std::string_view text) {
    hash = mix64(hash ^ text.size());
    for (const char c : text) hash = mix64(hash ^ static_cast<unsigned char>(c));
  };
  for (const auto& [name, value] : values_) {
    add_text(name);
    if (const auto* whole = std::get_if<std::int64_t>(&value))
      hash = mix64(hash ^ static_cast<std::uint64_t>(*whole));
    if (const auto* number = std::get_if<double>(&value))
      hash = mix64(hash ^ std::bit_cast<std::uint64_t>(*number));
    if (const auto* text = std::get_if<std::string>(&value)) add_text(*text);
  }
  return hash;
}

ParsedSettings parse_settings(std::string_view algorithm, std::span<const SettingSpec> specs,
                              std::span<const NamedText> given) {
  ParsedSettings parsed;
  for (const SettingSpec& spec : specs) {
    if (spec.otherwise.empty()) continue;
    auto value = read(spec, std::string(spec.otherwise));
    parsed.settings.set(std::string(spec.name), std::get<Settings::Value>(std::move(value)));
  }
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto& [name, text] = given[i];
    const auto spec = std::find_if(specs.begin(), specs.end(),
                                   [&](const SettingSpec& s) { return s.name == name; });
    if (spec == specs.end()) {
      parsed.errors.push_back({i, true, unknown_setting(algorithm, specs, name)});
      continue;
    }
    if (!seen.emplace(name, i).second)
      parsed.warnings.push_back(
          fmt::format("setting {} is given twice; the last value, {}, counts", name, text));
    auto value = read(*spec, text);
    if (auto* fault = std::get_if<std::string>(&value)) {
      parsed.errors.push_back({i, false, std::move(*fault)});
      continue;
    }
    parsed.settings.set(name, std::get<Settings::Value>(std::move(value)));
    if (spec->use != SettingUse::kHonoured)
      parsed.warnings.push_back(
          fmt::format("setting {} of algorithm {}: {}", name, algorithm, spec->note));
  }
  return parsed;
}

}  // namespace mizan::algorithms
