// CMA-ES over a search space: results go in one by one, in order; each full generation moves the
// distribution. Integer parameters have a margin, categories a distribution of their own, and a
// search that has converged starts again.
//
// A result counts towards the generation that is open when it arrives, whoever drew it and when: so
// nobody waits for stragglers, given and imported points are learnt from like drawn ones, and the
// whole search is a function of the list of results.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/cmaes/cma_distribution.h"
#include "algorithms/counter_rng.h"
#include "algorithms/search_space.h"
#include "algorithms/sobol.h"

namespace mizan::algorithms {

enum class Restarts {
  kNone,
  kIpop,   // each with twice the population
  kBipop,  // by turns with larger populations and with small ones that look closely
};

struct CmaOptions {
  double sigma = 0.17;  // first standard deviation, as a share of the unit range
  Restarts restarts = Restarts::kIpop;
  std::size_t least_population = 0;  // trials that run at once: fewer would be learnt from too late
  std::uint64_t seed = 0;
};

/// How good a result was: any of a lower rank is better than all of a higher one.
struct CmaResult {
  std::uint64_t draw = 0;
  int rank = 0;      // 0 complete, 1 stopped early, 2 failed
  double value = 0;  // orders within a rank; smaller is better, finite
};

/// Copies are deep. Requires a space without conditions.
class CmaSearch {
 public:
  CmaSearch(const SearchSpace& space, CmaOptions options);

  /// Unit coordinates for a draw; another `attempt` gives others. In [0, 1].
  std::vector<double> sample(std::uint64_t draw, std::uint32_t attempt) const;
  /// Learns of one result at these unit coordinates.
  void learn(std::span<const double> unit, const CmaResult& result);

  std::size_t generation() const { return generation_; }
  std::size_t restarts() const { return restart_; }
  /// Null without numeric parameters.
  const CmaDistribution* distribution() const { return numbers_ ? &*numbers_ : nullptr; }
  /// The probabilities of each category of a parameter; empty for others.
  std::vector<double> probabilities(std::size_t parameter) const;

 private:
  struct Category {
    std::size_t parameter = 0;
    std::vector<double> probabilities;
  };
  struct Member {
    std::vector<double> unit;
    CmaResult result;
  };

  void begin(std::size_t population, double sigma);
  void end_generation();
  void update_numbers(const std::vector<Member>& ranked);
  void update_categories(const std::vector<Member>& ranked);
  void keep_margins();
  bool has_converged() const;
  void restart();
  double plausible(Eigen::Index axis, const Member& member) const;

  SearchSpace space_;
  CmaOptions options_;
  std::vector<std::size_t> axes_;  // parameters behind the distribution's axes
  std::vector<Category> categories_;
  SobolSequence sequence_;
  std::optional<CmaDistribution> numbers_;
  std::vector<Member> open_;   // of the generation that is being filled
  std::vector<double> bests_;  // of the generations since the restart
  std::size_t population_ = 0, first_population_ = 0;
  double first_sigma_ = 0;
  std::size_t generation_ = 0, restart_ = 0, large_ = 0;
  std::size_t spent_large_ = 0, spent_small_ = 0;  // results used by each regime of kBipop
  bool is_small_ = false;
};

}  // namespace mizan::algorithms
