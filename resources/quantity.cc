// See quantity.h.
#include "resources/quantity.h"

#include <fmt/format.h>

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace mizan::resources {

namespace {

__extension__ using Wide = __int128;

constexpr Wide kNano = 1'000'000'000;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr Wide kBound = Wide{kLargest} * kNano;

struct Suffix {
  std::string_view text;
  Wide nanos;  // of one
};

constexpr std::array<Suffix, 10> kDecimalSuffixes = {{{"n", 1},
                                                      {"u", 1'000},
                                                      {"m", 1'000'000},
                                                      {"", kNano},
                                                      {"k", kNano * 1'000},
                                                      {"M", kNano * 1'000'000},
                                                      {"G", kNano * 1'000'000'000},
                                                      {"T", kNano * 1'000'000'000'000},
                                                      {"P", kNano * 1'000'000'000'000'000},
                                                      {"E", kNano * 1'000'000'000'000'000'000}}};
constexpr std::array<Suffix, 6> kBinarySuffixes = {{{"Ki", kNano << 10},
                                                    {"Mi", kNano << 20},
                                                    {"Gi", kNano << 30},
                                                    {"Ti", kNano << 40},
                                                    {"Pi", kNano << 50},
                                                    {"Ei", kNano << 60}}};

std::string digits_of(Wide number) {
  // Bounded by kBound / 1, so it can be longer than 64 bits: written in two halves.
  constexpr Wide kHalf = 1'000'000'000'000'000'000;
  const auto high = static_cast<std::uint64_t>(number / kHalf);
  const auto low = static_cast<std::uint64_t>(number % kHalf);
  return high == 0 ? fmt::format("{}", low) : fmt::format("{}{:018}", high, low);
}

Wide divide_up(Wide number, Wide by) { return number / by + (number % by > 0 ? 1 : 0); }

std::int64_t saturated(Wide number) {
  if (number > kLargest) return kLargest;
  if (number < -Wide{kLargest}) return -kLargest;
  return static_cast<std::int64_t>(number);
}

}  // namespace

/// Takes the text apart: sign, digits, point, digits, suffix.
class QuantityReader {
 public:
  explicit QuantityReader(std::string_view text) : rest_(text) {}

  Result<Quantity> read() {
    if (rest_.size() > 100) return malformed();
    const bool negative = rest_.starts_with('-');
    if (negative || rest_.starts_with('+')) rest_.remove_prefix(1);
    const std::string_view whole = take_digits();
    std::string_view fraction;
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      fraction = take_digits();
    }
    if (whole.empty() && fraction.empty()) return malformed();
    if (!read_suffix()) return malformed();
    return scaled(whole, fraction, negative);
  }

 private:
  static std::unexpected<Error> malformed() {
    return fail(Code::kInvalid,
                "quantities must match the regular expression "
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', as in "
                "500m, 2, 64Mi or 1.5Gi");
  }
  static std::unexpected<Error> too_large() {
    return fail(Code::kInvalid, "the quantity is too large: at most 2^63 - 1 units");
  }

  std::string_view take_digits() {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] >= '0' && rest_[end] <= '9') ++end;
    const std::string_view digits = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return digits;
  }

  bool read_suffix() {
    for (const Suffix& suffix : kDecimalSuffixes) {
      if (rest_ == suffix.text) {
        unit_ = suffix.nanos;
        return true;
      }
    }
    for (const Suffix& suffix : kBinarySuffixes) {
      if (rest_ == suffix.text) {
        unit_ = suffix.nanos;
        style_ = Quantity::Style::kBinary;
        return true;
      }
    }
    return read_exponent();
  }

  bool read_exponent() {
    if (!rest_.starts_with('e') && !rest_.starts_with('E')) return false;
    rest_.remove_prefix(1);
    if (rest_.starts_with('+')) rest_.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), exponent_);
    style_ = Quantity::Style::kExponent;
    return error == std::errc{} && end == rest_.data() + rest_.size() && std::abs(exponent_) < 1000;
  }

  /// digits x 10^-places x unit, in nanos, rounded away from zero.
  Result<Quantity> scaled(std::string_view whole, std::string_view fraction, bool negative) const {
    std::string digits = std::string(whole) + std::string(fraction);
    digits.erase(0, digits.find_first_not_of('0'));
    if (digits.empty()) return Quantity(0, style_);
    const int places = static_cast<int>(fraction.size()) - exponent_;
    // Far beyond any bound the answer is known without arithmetic.
    const int magnitude = static_cast<int>(digits.size()) - places;
    if (magnitude > 30) return too_large();
    if (magnitude < -40) return Quantity(negative ? -1 : 1, style_);
    using boost::multiprecision::cpp_int;
    const cpp_int power =
        boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(std::abs(places)));
    cpp_int nanos = cpp_int(digits) * cpp_int(unit_);
    nanos = places < 0 ? cpp_int(nanos * power) : cpp_int((nanos + power - 1) / power);
    if (nanos > cpp_int(kBound)) return too_large();
    const auto amount = nanos.convert_to<Wide>();
    return Quantity(negative ? -amount : amount, style_);
  }

  std::string_view rest_;
  Wide unit_ = kNano;
  int exponent_ = 0;
  Quantity::Style style_ = Quantity::Style::kDecimal;
};

Result<Quantity> Quantity::parse(std::string_view text) { return QuantityReader(text).read(); }

std::optional<Quantity> Quantity::from_json(const Json& value) {
  if (!value.is_string() && !value.is_number()) return std::nullopt;
  auto quantity = parse(value.is_string() ? value.get<std::string>() : value.dump());
  return quantity ? std::optional(*quantity) : std::nullopt;
}

Quantity Quantity::of_bytes(std::int64_t bytes) { return {Wide{bytes} * kNano, Style::kBinary}; }
Quantity Quantity::of_milli(std::int64_t milli) {
  return {Wide{milli} * (kNano / 1000), Style::kDecimal};
}

std::int64_t Quantity::units() const { return saturated(divide_up(nanos_, kNano)); }
std::int64_t Quantity::milli() const { return saturated(divide_up(nanos_, kNano / 1000)); }
double Quantity::value() const { return static_cast<double>(nanos_) / 1e9; }

std::string Quantity::text() const {
  if (nanos_ == 0) return "0";
  const std::string sign = nanos_ < 0 ? "-" : "";
  const Wide nanos = nanos_ < 0 ? -nanos_ : nanos_;
  // Fractions and what is below 1024 have no binary form.
  if (style_ == Style::kBinary && nanos >= kNano * 1024 && nanos % kNano == 0) {
    for (auto suffix = kBinarySuffixes.rbegin(); suffix != kBinarySuffixes.rend(); ++suffix) {
      if (nanos % suffix->nanos == 0)
        return sign + digits_of(nanos / suffix->nanos) + std::string(suffix->text);
    }
    return sign + digits_of(nanos / kNano);
  }
  for (auto suffix = kDecimalSuffixes.rbegin(); suffix != kDecimalSuffixes.rend(); ++suffix) {
    if (nanos % suffix->nanos != 0) continue;
    const std::string digits = sign + digits_of(nanos / suffix->nanos);
    if (style_ != Style::kExponent) return digits + std::string(suffix->text);
    const auto exponent = 3 * static_cast<int>(kDecimalSuffixes.rend() - suffix - 1) - 9;
    return exponent == 0 ? digits : fmt::format("{}e{}", digits, exponent);
  }
  return sign + digits_of(nanos) + "n";
}

}  // namespace mizan::resources
