// The thresholds are kubectl's: people compare ages by eye.
#include "api/duration.h"

#include <fmt/format.h>

namespace mizan::api {

std::string human_duration(std::chrono::seconds length) {
  const long seconds = length.count();
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return fmt::format("{}s", seconds);
  const auto two = [](long big, char big_unit, long small, char small_unit) {
    return small == 0 ? fmt::format("{}{}", big, big_unit)
                      : fmt::format("{}{}{}{}", big, big_unit, small, small_unit);
  };
  const long minutes = seconds / 60;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return fmt::format("{}m", minutes);
  const long hours = minutes / 60;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return fmt::format("{}h", hours);
  const long days = hours / 24;
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return fmt::format("{}d", days);
  const long years = days / 365;
  if (years < 8) return two(years, 'y', days % 365, 'd');
  return fmt::format("{}y", years);
}

std::string human_age(std::string_view rfc3339, Time now) {
  const auto time = parse_rfc3339(rfc3339);
  if (!time) return "<unknown>";
  return human_duration(std::chrono::floor<std::chrono::seconds>(now - *time));
}

}  // namespace mizan::api
