// Where a Hyperband run stands, read off its trials alone: each configuration's bracket, the rungs
// it has results at, and who goes on.
//
// Nothing is kept from call to call, so nothing can be lost: an evaluation belongs to a bracket by
// its point and its place in the sequence of draws.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "algorithms/history.h"
#include "algorithms/hyperband/ladder.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {

/// What to draw next.
struct NextMove {
  std::size_t bracket = 0, rung = 0;       // rung: index into the rung values
  const Evaluation* promoted = nullptr;    // null: a new configuration at that rung
  std::size_t rank = 0, size = 0, of = 0;  // of `promoted`: its rank, how many go on, from how many
};

class BracketBoard {
 public:
  /// `resource`: the parameter that the rungs are values of. Evaluations whose resource is no rung
  /// are left out. Keeps references to what `history` and `pending` hold.
  BracketBoard(std::size_t resource, std::vector<double> rungs, std::uint64_t eta);

  /// Points outside `space` are left out: it was edited since they were drawn.
  void read(const SearchSpace& space, const History& history,
            const std::vector<EvaluationPtr>& pending);
  /// A promotion in the earliest bracket that has one; else a new configuration in the earliest
  /// bracket with room. Never waits: while a rung is open, the next bracket begins.
  NextMove next() const;

  /// Whether a configuration (all but the resource) is in a bracket.
  bool contains(const Point& point) const { return owner_.contains(configuration(point)); }
  std::size_t brackets() const { return brackets_.size(); }

 private:
  using Configuration = std::uint64_t;  // hash of a point without its resource
  struct Bracket {
    BracketPlan plan;
    std::vector<Configuration> members;  // at its first rung, as drawn
  };

  Configuration configuration(const Point& point) const;
  std::optional<std::size_t> rung_of(const Evaluation& evaluation) const;
  void place(const Evaluation& evaluation);
  std::size_t bracket_with_room(std::size_t first_rung);
  const Evaluation* at(Configuration configuration, std::size_t rung) const;
  std::optional<NextMove> promotion(std::size_t bracket) const;

  std::size_t resource_;
  std::vector<double> rungs_;
  std::uint64_t eta_;
  std::vector<Bracket> brackets_;
  std::vector<std::size_t> open_;  // by first rung: no earlier bracket that begins there has room
  std::unordered_map<Configuration, std::size_t> owner_;
  std::unordered_map<std::uint64_t, const Evaluation*> results_;  // by configuration and rung
};

}  // namespace mizan::algorithms
