// RFC 3339, both ways, in UTC.
#include "core/time.h"

#include <fmt/format.h>

#include <charconv>

namespace mizan {
namespace {

/// `digits` of the second's fraction: 0, 6 or 9.
std::string format_with(Time time, int digits) {
  using namespace std::chrono;
  const auto day_start = floor<days>(time);
  const year_month_day date{day_start};
  const hh_mm_ss<nanoseconds> clock{time - day_start};
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  const auto nanos = clock.subseconds().count();
  if (digits == 6) text += fmt::format(".{:06}", nanos / 1000);
  if (digits == 9) text += fmt::format(".{:09}", nanos);
  return text + "Z";
}

/// Reads exactly `digits` decimal digits at the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const char* const begin = text.data();
  const auto [end, error] = std::from_chars(begin, begin + digits, value);
  if (error != std::errc{} || end != begin + digits || text[0] == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view either) {
  if (text.empty() || either.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string format_rfc3339(Time time) { return format_with(time, 0); }
std::string format_rfc3339_micro(Time time) { return format_with(time, 6); }
std::string format_rfc3339_nano(Time time) { return format_with(time, 9); }

std::optional<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto year_ = take_digits(text, 4);
  if (!year_ || !take(text, "-")) return std::nullopt;
  // Nanoseconds since 1970 fit into 64 bits from 1677 to 2262; what is beyond is no time of ours.
  if (*year_ < 1678 || *year_ > 2261) return std::nullopt;
  const auto month_ = take_digits(text, 2);
  if (!month_ || !take(text, "-")) return std::nullopt;
  const auto day_ = take_digits(text, 2);
  if (!day_ || !take(text, "Tt ")) return std::nullopt;
  const year_month_day date{year{*year_}, month{static_cast<unsigned>(*month_)},
                            day{static_cast<unsigned>(*day_)}};
  const auto hour_ = take_digits(text, 2);
  if (!date.ok() || !hour_ || *hour_ > 23 || !take(text, ":")) return std::nullopt;
  const auto minute_ = take_digits(text, 2);
  if (!minute_ || *minute_ > 59 || !take(text, ":")) return std::nullopt;
  const auto second_ = take_digits(text, 2);
  if (!second_ || *second_ > 60) return std::nullopt;

  nanoseconds fraction{0};
  if (take(text, ".,")) {
    std::int64_t scale = 100'000'000;
    bool any = false;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      if (scale > 0) fraction += nanoseconds{(text[0] - '0') * scale};
      scale /= 10;
      any = true;
      text.remove_prefix(1);
    }
    if (!any) return std::nullopt;
  }

  minutes offset{0};
  if (!take(text, "Zz")) {
    const bool east = !text.empty() && text[0] == '+';
    if (!take(text, "+-")) return std::nullopt;
    const auto hours_ = take_digits(text, 2);
    if (!hours_ || *hours_ > 23 || !take(text, ":")) return std::nullopt;
    const auto minutes_ = take_digits(text, 2);
    if (!minutes_ || *minutes_ > 59) return std::nullopt;
    offset = hours{*hours_} + minutes{*minutes_};
    if (!east) offset = -offset;
  }
  if (!text.empty()) return std::nullopt;
  const auto point =
      sys_days{date} + hours{*hour_} + minutes{*minute_} + seconds{*second_} - offset;
  return Time{duration_cast<system_clock::duration>(point.time_since_epoch() + fraction)};
}

}  // namespace mizan
