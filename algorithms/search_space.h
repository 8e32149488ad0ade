// The set of points an experiment searches: parameters, of which some are active only under a
// parent's value.
//
// Conditions form a forest: one parent each, nested to any depth. Immutable once made; copies are
// deep.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/parameter.h"
#include "algorithms/point.h"

namespace mizan::algorithms {

class SearchSpace {
 public:
  /// Counts stop here: a space with more points is as good as infinite.
  static constexpr std::uint64_t kManyPoints = std::uint64_t{1} << 62U;

  SearchSpace() = default;
  /// Errors: kInvalid with fields "parameters[i].name" (used twice) and "parameters[i].activeWhen"
  /// (no such parent, a cycle, a parent without levels, a value the parent doesn't have).
  static Result<SearchSpace> make(std::vector<Parameter> parameters);

  std::size_t size() const { return parameters_.size(); }
  const Parameter& operator[](std::size_t i) const { return parameters_[i]; }
  std::span<const Parameter> parameters() const { return parameters_; }
  std::optional<std::size_t> find(std::string_view name) const;

  bool has_conditions() const { return roots_.size() != parameters_.size(); }
  /// Every parameter, parents before their children, else in the order given.
  std::span<const std::size_t> parents_first() const { return order_; }
  std::span<const std::size_t> roots() const { return roots_; }
  /// The children that a level of this parameter switches on, by level; levels without children are
  /// absent.
  const std::map<std::uint64_t, std::vector<std::size_t>>& branches(std::size_t i) const {
    return branches_[i];
  }

  /// Whether parameter `i` counts in `point`, judged by its ancestors' values alone.
  bool is_switched_on(std::size_t i, const Point& point) const;
  /// Right size, each switched-on parameter has one of its values, each other is inactive.
  bool contains(const Point& point) const;
  /// The nearest point of the space: values snapped, inactive coordinates cleared. A switched-on
  /// parameter without a value gets the middle of its range. Requires the right size.
  Point snapped(Point point) const;

  /// How many points there are: nullopt for a continuum, kManyPoints for that many or more.
  std::optional<std::uint64_t> cardinality() const { return cardinality_; }
  bool is_finite() const { return cardinality_.has_value(); }

  /// Position in the lexicographic order of a finite space (last parameter fastest; a switched-on
  /// child varies within its parent's level). nullopt: the point isn't in the space, or the
  /// position is beyond kManyPoints.
  std::optional<std::uint64_t> position_of(const Point& point) const;
  /// Requires is_finite() and position < *cardinality(). Works by arithmetic on counts: nothing is
  /// enumerated.
  Point at_position(std::uint64_t position) const;

  /// u coordinates in [0, 1] (unit_interval.h); NaN where inactive. Requires the right size.
  std::vector<double> to_unit(const Point& point) const;
  /// Requires u.size() == size(). Coordinates of parameters that turn out inactive are ignored.
  Point from_unit(std::span<const double> u) const;

  bool operator==(const SearchSpace& other) const { return parameters_ == other.parameters_; }

 private:
  Result<> add_conditions();
  void order_parameters();
  void count_points();
  std::uint64_t block_size(std::span<const std::size_t> siblings) const;
  bool add_position(std::size_t i, const Point& point, std::uint64_t& position) const;
  bool add_positions(std::span<const std::size_t> siblings, const Point& point,
                     std::uint64_t& position) const;
  void place(std::size_t i, std::uint64_t position, Point& point) const;
  void place_all(std::span<const std::size_t> siblings, std::uint64_t position, Point& point) const;

  std::vector<Parameter> parameters_;
  std::vector<std::size_t> order_, roots_;
  std::vector<std::map<std::uint64_t, std::vector<std::size_t>>> branches_;
  std::vector<std::uint64_t>
      counts_;  // points of the subtree below and with each parameter; 0: a continuum
  std::optional<std::uint64_t> cardinality_ = 1;
};

/// A hash of a point that is the same on every machine and in every run.
std::uint64_t hash_of(const Point& point);

}  // namespace mizan::algorithms
