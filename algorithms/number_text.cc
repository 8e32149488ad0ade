// Text to number and back on std::from_chars and std::to_chars; grids on 128-bit integers.
#include "algorithms/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mizan::algorithms {
namespace {

__extension__ using Wide = __int128;

constexpr int kMaxPlaces = 36;
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 53U;
constexpr double kExactDouble = 9007199254740992.0;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// mantissa x 10^-scale, without trailing zeros in the mantissa.
struct Decimal {
  Wide mantissa = 0;
  int scale = 0;
};

std::optional<Wide> times_ten(Wide value, int times) {
  Wide limit = 1;
  for (int i = 0; i < kMaxPlaces; ++i) limit *= 10;
  for (int i = 0; i < times; ++i) {
    if (value > limit / 10 || value < -limit / 10) return std::nullopt;
    value *= 10;
  }
  return value;
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  if (!parse_number(text)) return std::nullopt;
  Decimal result;
  bool negative = false, fraction = false;
  std::size_t i = 0;
  if (text[i] == '+' || text[i] == '-') negative = text[i++] == '-';
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      fraction = true;
      continue;
    }
    const auto shifted = times_ten(result.mantissa, 1);
    if (!shifted) return std::nullopt;
    result.mantissa = *shifted + (text[i] - '0');
    result.scale += fraction ? 1 : 0;
  }
  if (i < text.size()) {  // an exponent
    int exponent = 0;
    const char* from = text.data() + i + 1;
    if (*from == '+') ++from;
    std::from_chars(from, text.data() + text.size(), exponent);
    result.scale -= exponent;
  }
  while (result.mantissa != 0 && result.mantissa % 10 == 0) {
    result.mantissa /= 10;
    --result.scale;
  }
  if (result.mantissa == 0) result.scale = 0;
  if (negative) result.mantissa = -result.mantissa;
  return result;
}

std::string digits_of(Wide value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  const std::size_t first = !text.empty() && (text.front() == '-' || text.front() == '+') ? 1 : 0;
  // from_chars also reads "inf", "nan" and "-" after a "+": none of these is a number here.
  if (text.size() <= first || !(is_digit(text[first]) || text[first] == '.')) return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string format_number(double value) {
  if (value == 0) return "0";  // and -0
  const double size = std::fabs(value);
  const auto form =
      size < 1e-20 || size >= 1e21 ? std::chars_format::scientific : std::chars_format::fixed;
  std::array<char, 64> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, form);
  return error == std::errc{} ? std::string(text.data(), end) : std::string("0");
}

DecimalGrid::Made DecimalGrid::make(std::string_view min, std::string_view max,
                                    std::string_view step) {
  const auto low = parse_decimal(min), high = parse_decimal(max), width = parse_decimal(step);
  if (!low) return {std::nullopt, parse_number(min) ? Fault::kTooFine : Fault::kMin};
  if (!high) return {std::nullopt, parse_number(max) ? Fault::kTooFine : Fault::kMax};
  if (!width) return {std::nullopt, parse_number(step) ? Fault::kTooFine : Fault::kStep};
  if (width->mantissa <= 0) return {std::nullopt, Fault::kStep};

  DecimalGrid grid;
  grid.scale_ = std::max({low->scale, high->scale, width->scale, 0});
  const auto base = times_ten(low->mantissa, grid.scale_ - low->scale);
  const auto top = times_ten(high->mantissa, grid.scale_ - high->scale);
  const auto unit = times_ten(width->mantissa, grid.scale_ - width->scale);
  if (!base || !top || !unit) return {std::nullopt, Fault::kTooFine};
  if (*top < *base) return {std::nullopt, Fault::kMax};
  const Wide steps = (*top - *base) / *unit;
  if (steps >= static_cast<Wide>(kMaxSize)) return {std::nullopt, Fault::kTooFine};
  grid.base_ = *base;
  grid.step_ = *unit;
  grid.size_ = static_cast<std::uint64_t>(steps) + 1;
  // Neighbours must be different doubles, or values could not be told apart.
  if (grid.size_ > 1 &&
      (grid.value(0) == grid.value(1) || grid.value(grid.size_ - 2) == grid.value(grid.size_ - 1)))
    return {std::nullopt, Fault::kTooFine};
  return {grid, Fault::kMin};
}

double DecimalGrid::value(std::uint64_t k) const {
  const Wide units = base_ + step_ * static_cast<Wide>(k);
  const double exact = static_cast<double>(units);
  // Both operands exact: the quotient is the nearest double. Else the text decides.
  if (scale_ <= 22 && std::fabs(exact) <= kExactDouble) {
    double power = 1;
    for (int i = 0; i < scale_; ++i) power *= 10;
    return exact / power;
  }
  return parse_number(text(k)).value_or(0);
}

std::string DecimalGrid::text(std::uint64_t k) const {
  const Wide units = base_ + step_ * static_cast<Wide>(k);
  std::string digits = digits_of(units < 0 ? -units : units);
  const auto places = static_cast<std::size_t>(scale_);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) {
    digits.insert(digits.size() - places, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return (units < 0 ? "-" : "") + digits;
}

std::uint64_t DecimalGrid::nearest(double wanted) const {
  const double first = value(0), last = value(size_ - 1);
  if (!(wanted > first)) return 0;  // also NaN
  if (wanted >= last) return size_ - 1;
  const double steps = (wanted - first) / (last - first) * static_cast<double>(size_ - 1);
  return std::min(static_cast<std::uint64_t>(std::floor(steps + 0.5)), size_ - 1);
}

std::optional<std::uint64_t> DecimalGrid::find(double wanted) const {
  const std::uint64_t near = nearest(wanted);
  // The quotient above may be off by one step in very long grids.
  for (const std::uint64_t k :
       {near, near == 0 ? near : near - 1, near + 1 < size_ ? near + 1 : near})
    if (value(k) == wanted) return k;
  return std::nullopt;
}

}  // namespace mizan::algorithms
