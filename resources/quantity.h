// Amounts of CPU and memory as Kubernetes writes them: "500m", "1.5Gi", "2e3".
//
// Exact down to a billionth (what is finer is rounded up, as Kubernetes does), so that 0.1 + 0.2 is
// 0.3.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

class Quantity {
 public:
  /// How the canonical form is written.
  enum class Style { kDecimal, kBinary, kExponent };

  Quantity() = default;  // 0

  /// Errors: kInvalid in Kubernetes' words ("quantities must match the regular expression …"), or
  /// when the amount is beyond 2^63 units.
  static Result<Quantity> parse(std::string_view text);
  /// Text as above, or a JSON number. nullopt for anything else.
  static std::optional<Quantity> from_json(const Json& value);
  static Quantity of_bytes(std::int64_t bytes);  // written with Ki, Mi, Gi
  static Quantity of_milli(std::int64_t milli);  // thousandths of a CPU, written with m

  std::int64_t units() const;  // bytes, or whole CPUs; rounded up
  std::int64_t milli() const;  // thousandths, rounded up; the largest integer when it does not fit
  double value() const;
  bool is_zero() const { return nanos_ == 0; }
  bool is_negative() const { return nanos_ < 0; }

  /// The one form that Kubernetes gives back: "1.5Gi" is "1536Mi", "1000m" is "1".
  std::string text() const;

  friend Quantity operator+(const Quantity& a, const Quantity& b) {
    return {a.nanos_ + b.nanos_, a.style_};
  }
  friend Quantity operator-(const Quantity& a, const Quantity& b) {
    return {a.nanos_ - b.nanos_, a.style_};
  }
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nanos_ == b.nanos_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nanos_ <=> b.nanos_;
  }

 private:
  __extension__ using Wide = __int128;
  Quantity(Wide nanos, Style style) : nanos_(nanos), style_(style) {}

  Wide nanos_ = 0;
  Style style_ = Style::kDecimal;

  friend class QuantityReader;
};

}  // namespace mizan::resources
