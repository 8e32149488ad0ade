// Numbers as text, both ways.
//
// Assignments travel as text, and a value must come back as exactly the value that it was.
// Decision: a number is written as the shortest plain decimal that reads back as the same double,
// without an exponent ("0.00001", not "1e-05"): shells, awk and INI readers take it too. Only
// beyond 1e21 or under 1e-20 in magnitude an exponent is used. Values with a step are exact
// decimals: 0.1 + 2 x 0.1 is "0.3".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mizan::algorithms {

/// A finite decimal number with nothing around it: "0.01", "-3", "+2", "1e-5", ".5". Not
/// hexadecimal, nan, inf.
std::optional<double> parse_number(std::string_view text);

/// Requires a finite value.
std::string format_number(double value);

/// The numbers min, min + step, ... up to max, in exact decimal arithmetic.
class DecimalGrid {
 public:
  enum class Fault { kMin, kMax, kStep, kTooFine };
  /// An empty result of `make` says which text is at fault: no number, a step that is not above 0,
  /// max under min, or more than 2^53 values or 36 digits between the largest and the smallest
  /// place.
  struct Made;
  static Made make(std::string_view min, std::string_view max, std::string_view step);

  std::uint64_t size() const { return size_; }  // at least 1
  double value(std::uint64_t k) const;          // the double nearest to the decimal; k < size()
  std::string text(std::uint64_t k) const;      // "0.3"
  std::optional<std::uint64_t> find(double value) const;  // the k with value(k) == value
  std::uint64_t nearest(double value) const;              // clamped; ties go up
  bool operator==(const DecimalGrid&) const = default;

 private:
  __extension__ using Wide = __int128;
  Wide base_ = 0, step_ = 1;  // in units of 10^-scale_
  int scale_ = 0;
  std::uint64_t size_ = 1;
};

struct DecimalGrid::Made {
  std::optional<DecimalGrid> grid;
  Fault fault = Fault::kMin;  // when there is no grid
};

}  // namespace mizan::algorithms
