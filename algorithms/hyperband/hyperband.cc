// The board says what is next; here it becomes a point.
#include "algorithms/hyperband/hyperband.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "algorithms/hyperband/bracket_board.h"
#include "algorithms/hyperband/ladder.h"
#include "algorithms/random_search.h"
#include "algorithms/seen_points.h"
#include "algorithms/sobol_search.h"
#include "algorithms/startup_design.h"

namespace mizan::algorithms {
namespace {

constexpr std::uint32_t kAttempts = 32;

constexpr std::array kHyperbandSettings = {
    SettingSpec{.name = "r_l",
                .type = SettingType::kNumber,
                .min = 0,
                .max = 1e15,
                .min_open = true,
                .words = {},
                .otherwise = "",
                .range_text = "must be a positive float number",
                .meaning = "the most of the resource that a trial gets; required",
                .note = ""},
    SettingSpec{.name = "resource_name",
                .type = SettingType::kText,
                .words = {},
                .otherwise = "",
                .range_text = "",
                .meaning = "the parameter that is the resource (epochs, samples); required",
                .note = ""},
    int_setting("eta", 2, 1e6, "3", "should be greater than or equal to two",
                "one of so many goes on from each rung, with so many times the resource"),
    seed_setting(),
};

struct HyperbandCache final : Cache::Content {
  SeenPoints seen;
  SobolSequence sequence{0};
  std::size_t bytes() const override { return seen.bytes() + 128 * sequence.dimensions(); }
};

bool is_parent(const SearchSpace& space, std::size_t parameter) {
  return std::any_of(space.parameters().begin(), space.parameters().end(), [&](const Parameter& p) {
    return p.condition && p.condition->parent == parameter;
  });
}

double most_of(const Problem& problem, const Settings& settings, std::size_t resource) {
  return settings.has("r_l") ? settings.number("r_l") : problem.space[resource].max;
}

// A configuration that no bracket has, at that rung; nothing when they seem to be used up.
std::optional<Point> new_configuration(const Query& query, const BracketBoard& board,
                                       const SobolSequence& sequence, std::size_t resource,
                                       double amount) {
  const SearchSpace& space = query.problem.space;
  for (std::uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
    Point point = attempt == 0
                      ? sobol_point(space, sequence, query.seed, query.draw)
                      : sample_point(space, query.seed, query.draw, Purpose::kAttempt, attempt);
    point.values[resource] = amount;
    if (!board.contains(point)) return point;
  }
  return std::nullopt;
}

class Hyperband final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    const SearchSpace& space = query.problem.space;
    auto& kept = cache.as<HyperbandCache>();
    if (kept.sequence.dimensions() != std::min(space.size(), kMaxSobolDimensions))
      kept.sequence = SobolSequence(space.size());
    kept.seen.update(space, query.history, query.pending);
    Proposal proposal;
    proposal.mechanism = "hyperband";
    if (const auto resource = resource_parameter(query.problem, query.settings)) {
      fill(query, kept, *resource, proposal);
    } else {  // no resource, no rungs: what is left of it is random search
      proposal.point = sobol_point(space, kept.sequence, query.seed, query.draw);
      proposal.reason = "a space-filling point, since no parameter is the resource";
    }
    avoid_repeat(query, kept.seen, proposal);
    return {{std::move(proposal)}, Next::kMore, {}};
  }

 private:
  static void fill(const Query& query, const HyperbandCache& kept, std::size_t resource,
                   Proposal& proposal) {
    const Parameter& parameter = query.problem.space[resource];
    const auto eta = static_cast<std::uint64_t>(query.settings.integer("eta"));
    const std::vector<double> rungs =
        rung_values(parameter, most_of(query.problem, query.settings, resource), eta);
    BracketBoard board(resource, rungs, eta);
    board.read(query.problem.space, query.history, query.pending);
    const NextMove move = board.next();
    const double amount = rungs[move.rung];
    const std::string place = fmt::format("bracket {}, {} = {}", move.bracket + 1, parameter.name,
                                          value_text(parameter, amount));
    proposal.fidelity = amount;
    if (move.promoted != nullptr) {
      proposal.point = move.promoted->point;
      proposal.point.values[resource] = amount;
      proposal.parent = move.promoted->name;
      proposal.reason = fmt::format("{}: rank {} of the {} that go on from {}", place, move.rank,
                                    move.size, move.of);
      return;
    }
    const auto fresh = new_configuration(query, board, kept.sequence, resource, amount);
    proposal.point =
        fresh ? *fresh
              : sample_point(query.problem.space, query.seed, query.draw, Purpose::kSample);
    proposal.reason = fresh ? fmt::format("{}: one of {} new configurations", place, move.of)
                            : "a random point, since every configuration is in a bracket";
    if (!fresh) proposal.fidelity = proposal.point.values[resource];
  }
};

}  // namespace

std::span<const SettingSpec> hyperband_settings() { return kHyperbandSettings; }

Capabilities hyperband_capabilities() { return {.conditions = true, .fidelity = true}; }

std::optional<std::size_t> resource_parameter(const Problem& problem, const Settings& settings) {
  if (problem.fidelity_parameter) return problem.fidelity_parameter;
  return settings.has("resource_name") ? problem.space.find(settings.text("resource_name"))
                                       : std::nullopt;
}

void check_hyperband(const Problem& problem, const Settings& settings, std::uint64_t,
                     Findings& findings) {
  if (!problem.fidelity_parameter && !(settings.has("r_l") && settings.has("resource_name"))) {
    findings.errors.push_back({"", "r_l and resource_name must be set."});
    return;
  }
  const auto fault = [&](std::string message) {
    findings.errors.push_back({"resource_name", std::move(message)});
  };
  const auto resource = resource_parameter(problem, settings);
  if (!resource) return fault("value of resource_name setting must be in parameters.");
  const Parameter& parameter = problem.space[*resource];
  if (!parameter.is_numeric())
    return fault(
        fmt::format("the resource \"{}\" must be a number, not categorical", parameter.name));
  if (parameter.condition || is_parent(problem.space, *resource))
    return fault(fmt::format("the resource \"{}\" can't be part of a condition (activeWhen)",
                             parameter.name));
  const double most = most_of(problem, settings, *resource);
  if (most > parameter.max)
    findings.warnings.push_back(
        fmt::format("algorithm hyperband: r_l {:g} is beyond the max of \"{}\"; rungs end at {}",
                    most, parameter.name, value_text(parameter, parameter.max)));
  const auto eta = static_cast<std::uint64_t>(settings.integer("eta"));
  if (rung_values(parameter, most, eta).size() == 1)
    findings.warnings.push_back(fmt::format(
        "algorithm hyperband: with r_l {:g} and eta {} there is one rung only, so no trial is cut "
        "short",
        most, eta));
}

std::unique_ptr<const Optimizer> make_hyperband() { return std::make_unique<Hyperband>(); }

}  // namespace mizan::algorithms
