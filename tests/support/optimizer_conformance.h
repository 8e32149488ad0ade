// What every algorithm must hold to, whatever it computes. Each row of the registry is run through
// it (tests/algorithms/optimizer_conformance_test.cc); an algorithm that needs an exception is not
// ready.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "algorithms/registry.h"
#include "tests/support/random_problems.h"

namespace mizan::testing {

class OptimizerConformance : public ::testing::TestWithParam<std::string> {
 protected:
  const algorithms::Algorithm& row() const { return *algorithms::find_algorithm(GetParam()); }

  /// Settings as they are when the user gives none.
  algorithms::Settings settings() const {
    return algorithms::parse_settings(row().name, row().settings, {}).settings;
  }

  /// Problems that the row doesn't refuse.
  std::vector<algorithms::Problem> problems(std::uint64_t first_seed, std::size_t count) const;

  static algorithms::Query query(const algorithms::Problem& problem,
                                 const algorithms::Settings& settings, const Record& record,
                                 std::uint64_t seed = 7) {
    algorithms::Query q{problem, settings, seed, record.history, record.pending, {}, 0};
    q.draw = record.history.size() + record.pending.size();
    return q;
  }

  algorithms::Batch ask(const algorithms::Query& q, std::size_t count,
                        algorithms::Cache& cache) const {
    return row().make()->suggest(q, count, cache);
  }
  algorithms::Batch ask(const algorithms::Query& q, std::size_t count = 1) const {
    algorithms::Cache fresh;
    return ask(q, count, fresh);
  }

  /// Inside the space, exactly: the text of every value reads back as the value.
  static void expect_proper(const algorithms::Problem& problem, const algorithms::Batch& batch);

  /// Runs the algorithm for `draws` results with `workers` trials at once; returns the proposals in
  /// order.
  std::vector<algorithms::Proposal> run(const algorithms::Problem& problem, std::size_t draws,
                                        std::size_t workers, algorithms::Cache* kept) const;
};

}  // namespace mizan::testing
