// A snapshot on the io thread, the numbers on the pool.
#include "suggestion/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "algorithms/importance/forest.h"
#include "algorithms/importance/importance.h"
#include "algorithms/recommend.h"
#include "algorithms/unit_interval.h"
#include "core/executors.h"
#include "suggestion/algorithm_choice.h"
#include "suggestion/problem.h"
#include "suggestion/trial_history.h"

namespace mizan::suggestion {

using algorithms::EvaluationTable;
using algorithms::Importance;
using algorithms::MarginalForest;
using algorithms::Parameter;
using algorithms::SearchSpace;

struct Analysis::Input {
  std::shared_ptr<const algorithms::Problem> problem;
  resources::Objective objective;
  std::vector<resources::InitialTrial> initial;
  std::vector<std::shared_ptr<const resources::Trial>> trials;
  std::uint64_t seed = 0;

  algorithms::History finished() const {
    TrialHistory history(problem, objective);
    history.import(initial);
    for (const auto& trial : trials) history.put(*trial);
    return history.finished();
  }
  EvaluationTable table() const {
    EvaluationTable table;
    table.update(problem->space, finished());
    return table;
  }
};

namespace {

constexpr std::size_t kPoints = 25;        // of a continuum
constexpr std::uint64_t kMostLevels = 50;  // shown one by one

std::size_t completed(const EvaluationTable& table) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < table.size(); ++i)
    count += table.standing(i) == algorithms::Standing::kComplete ? 1 : 0;
  return count;
}

Json importance_json(const SearchSpace& space, const Importance& found) {
  std::vector<std::size_t> order(space.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return found.share[a] != found.share[b] ? found.share[a] > found.share[b] : a < b;
  });
  Json list = Json::array();
  if (found.results < algorithms::kLeastForImportance) return list;
  for (const std::size_t p : order)
    list.push_back({{"name", space[p].name}, {"importance", found.share[p]}, {"sd", found.sd[p]}});
  return list;
}

// Where an axis is looked at: each level, or evenly along the declared distribution.
struct Axis {
  std::vector<double> u;
  Json values = Json::array();
};

Axis axis_of(const Parameter& parameter) {
  Axis axis;
  const std::uint64_t levels = algorithms::level_count(parameter);
  const bool each = levels > 0 && levels <= kMostLevels;
  const std::size_t count = each ? levels : kPoints;
  for (std::size_t i = 0; i < count; ++i) {
    const double wanted = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    const double value =
        each ? algorithms::level_value(parameter, i) : algorithms::from_unit(parameter, wanted);
    axis.u.push_back(each || levels > 0 ? algorithms::to_unit(parameter, value) : wanted);
    axis.values.push_back(algorithms::value_text(parameter, value));
  }
  return axis;
}

Json rows(const std::vector<double>& values, std::size_t width, double sign) {
  Json list = Json::array();
  for (std::size_t at = 0; at < values.size(); at += width) {
    Json row = Json::array();
    for (std::size_t j = 0; j < width; ++j) row.push_back(sign * values[at + j]);
    list.push_back(std::move(row));
  }
  return list;
}

Json row(const std::vector<double>& values, double sign) {
  Json list = Json::array();
  for (const double value : values) list.push_back(sign * value);
  return list;
}

Result<std::size_t> parameter_named(const SearchSpace& space, const std::string& name,
                                    const char* field) {
  if (const auto found = space.find(name)) return *found;
  std::string names;
  for (const Parameter& parameter : space.parameters())
    names += (names.empty() ? "" : ", ") + parameter.name;
  const std::string message =
      fmt::format("\"{}\" is no parameter of this experiment; there are {}", name, names);
  return fail(Code::kInvalid, fmt::format("{}: {}", field, message),
              {{FieldReason::kInvalid, field, message}});
}

}  // namespace

Result<Analysis::Input> Analysis::input(const std::string& ns,
                                        const std::string& experiment) const {
  const auto found = world_.experiments.get(ns, experiment);
  if (!found) return fail(Code::kNotFound, fmt::format("experiments \"{}\" not found", experiment));
  TRY(algorithms::Problem problem, make_problem(*found));
  Input input;
  input.problem = std::make_shared<const algorithms::Problem>(std::move(problem));
  input.objective = found->objective;
  input.initial = found->initial_trials;
  input.trials = world_.trials.group(ns + "/" + experiment);
  input.seed = hash_text(found->uid);
  return input;
}

Task<Result<Json>> Analysis::importance(std::string ns, std::string experiment,
                                        std::string method) {
  if (method.empty()) method = "ped-anova";
  if (method != "ped-anova" && method != "fanova") {
    const std::string message =
        fmt::format("\"{}\" is no method; there are ped-anova and fanova", method);
    co_return fail(Code::kInvalid, "method: " + message,
                   {{FieldReason::kNotSupported, "method", message}});
  }
  CO_TRY(Input snapshot, input(ns, experiment));
  auto job = [snapshot = std::move(snapshot), method] {
    const SearchSpace& space = snapshot.problem->space;
    const EvaluationTable table = snapshot.table();
    Json answer = {{"method", method}, {"objective", snapshot.objective.metric}};
    answer["results"] = completed(table);
    answer["parameters"] = Json::array();
    if (method == "ped-anova") {
      answer["parameters"] =
          importance_json(space, algorithms::ped_anova(space, table, snapshot.seed));
    } else if (const auto forest = MarginalForest::make(space, table, snapshot.seed)) {
      double interactions = 0;
      answer["parameters"] = importance_json(space, forest->main_effects(interactions));
      answer["interactions"] = interactions;
    }
    return answer;
  };
  co_return co_await run_on(world_.numbers, std::move(job));
}

Task<Result<Json>> Analysis::surface(std::string ns, std::string experiment, std::string x,
                                     std::string y) {
  CO_TRY(Input snapshot, input(ns, experiment));
  CO_TRY(const std::size_t at_x, parameter_named(snapshot.problem->space, x, "x"));
  std::size_t at_y = at_x;
  if (!y.empty()) {
    CO_TRY(at_y, parameter_named(snapshot.problem->space, y, "y"));
    if (at_x == at_y)
      co_return fail(Code::kInvalid, "y: must be another parameter than x",
                     {{FieldReason::kInvalid, "y", "must be another parameter than x"}});
  }
  auto job = [snapshot = std::move(snapshot), at_x, at_y] {
    const SearchSpace& space = snapshot.problem->space;
    const EvaluationTable table = snapshot.table();
    const double sign = loss_sign(snapshot.objective);
    Axis along_x = axis_of(space[at_x]);
    Json answer = {{"objective", snapshot.objective.metric}};
    answer["results"] = completed(table);
    answer["x"] = {{"name", space[at_x].name}, {"values", std::move(along_x.values)}};
    answer["mean"] = answer["sd"] = Json::array();
    const auto forest = MarginalForest::make(space, table, snapshot.seed);
    if (at_x == at_y) {
      if (!forest) return answer;
      const algorithms::Average average = forest->along(at_x, along_x.u);
      answer["mean"] = row(average.mean, sign);
      answer["sd"] = row(average.sd, 1);
      return answer;
    }
    Axis along_y = axis_of(space[at_y]);
    answer["y"] = {{"name", space[at_y].name}, {"values", std::move(along_y.values)}};
    if (!forest) return answer;
    const algorithms::Average average = forest->across(at_x, along_x.u, at_y, along_y.u);
    answer["mean"] = rows(average.mean, along_y.u.size(), sign);
    answer["sd"] = rows(average.sd, along_y.u.size(), 1);
    return answer;
  };
  co_return co_await run_on(world_.numbers, std::move(job));
}

Task<Result<Json>> Analysis::recommended(std::string ns, std::string experiment) {
  CO_TRY(Input snapshot, input(ns, experiment));
  auto job = [snapshot = std::move(snapshot)]() -> Json {
    const algorithms::History history = snapshot.finished();
    const auto found = algorithms::recommend(*snapshot.problem, history);
    if (!found) return nullptr;
    const algorithms::Evaluation& evaluation = history[found->index];
    const SearchSpace& space = snapshot.problem->space;
    Json assignments = Json::object();
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (evaluation.point.is_active(i))
        assignments[space[i].name] = algorithms::value_text(space[i], evaluation.point.values[i]);
    }
    Json answer = {{"name", evaluation.name}, {"assignments", std::move(assignments)}};
    answer["mean"] = found->mean ? Json(loss_sign(snapshot.objective) * *found->mean) : Json();
    answer["sd"] = found->sd ? Json(*found->sd) : Json();
    return answer;
  };
  co_return co_await run_on(world_.numbers, std::move(job));
}

}  // namespace mizan::suggestion
