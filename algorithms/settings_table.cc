// See settings_table.h.
#include "algorithms/settings_table.h"

#include <fmt/format.h>

namespace mizan::algorithms {
namespace {

std::string values_of(const SettingSpec& spec) {
  switch (spec.type) {
    case SettingType::kWord:
      return fmt::format("{}", fmt::join(spec.words, ", "));
    case SettingType::kText:
      return "text";
    case SettingType::kInt:
      return spec.min > 0 ? fmt::format("whole, at least {:g}", spec.min) : "whole, at least 0";
    case SettingType::kNumber:
      break;
  }
  return spec.max <= 1 ? fmt::format("between {:g} and {:g}", spec.min, spec.max)
                       : fmt::format("above {:g}", spec.min);
}

}  // namespace

std::string settings_table(std::span<const SettingSpec> specs) {
  if (specs.empty()) return "It has no settings.\n";
  std::string table = "| setting | values | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const SettingSpec& spec : specs) {
    table += fmt::format("| `{}` | {} | {} | {}{} |\n", spec.name, values_of(spec),
                         spec.otherwise.empty() ? "" : spec.otherwise, spec.meaning,
                         spec.note.empty() ? "" : fmt::format(" ({})", spec.note));
  }
  return table;
}

}  // namespace mizan::algorithms
