// `mizan suggest`: the first draws of an experiment, before anything of it is run. Nothing is
// written and no server is asked.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cmd/mizan/admission.h"
#include "cmd/mizan/commands.h"
#include "cmd/mizan/submission.h"
#include "resources/definition.h"
#include "suggestion/algorithm_choice.h"
#include "suggestion/assignment.h"
#include "suggestion/draw.h"
#include "suggestion/problem.h"
#include "suggestion/trial_history.h"

namespace mizan::cmd {
namespace {

using resources::TrialAssignment;

/// Errors as a server would answer, each with its line in the file.
Result<resources::Experiment> read_valid(const Submission& submission) {
  TRY(const resources::ResourceTable table, resources::ResourceTable::builtin());
  const resources::AdmissionTable admission = admission_for(table);
  const Json& given = submission.object;
  const auto row = admission.find({string_at(given, "apiVersion"), string_at(given, "kind")});
  if (row == admission.end() || string_at(given, "kind") != "Experiment")
    return fail(Code::kBadRequest,
                fmt::format("{}: is no kubeflow.org/v1beta1 Experiment", submission.file));
  Json object = given;
  row->second.apply_defaults(object);
  const resources::Admission::Verdict verdict = row->second.validate(object, nullptr);
  for (const std::string& warning : verdict.warnings)
    std::fputs(fmt::format("warning: {}\n", warning).c_str(), stderr);
  if (verdict.errors.empty()) return resources::read_experiment(object);
  std::string text;
  for (const FieldError& error : verdict.errors) {
    const int line = submission.line_of ? submission.line_of(error.path) : 0;
    text += fmt::format("{}{}{}: {}: {}", text.empty() ? "" : "\n", submission.file,
                        line > 0 ? fmt::format(":{}", line) : "", error.path, error.message);
  }
  return fail(Code::kInvalid, std::move(text));
}

struct Preview {
  suggestion::Drawn drawn;
  std::string algorithm;
  std::uint64_t seed = 0;
};

/// As the Suggestion controller draws for an experiment without trials.
Result<Preview> preview(const resources::Experiment& experiment, std::size_t count) {
  TRY(algorithms::Problem problem, suggestion::make_problem(experiment));
  const suggestion::AlgorithmChoice choice = suggestion::choose_algorithm(experiment);
  suggestion::DrawInput input;
  input.problem = std::make_shared<const algorithms::Problem>(std::move(problem));
  input.settings = choice.settings;
  input.row = choice.row;
  input.seed = suggestion::effective_seed(choice.settings, experiment.uid);
  input.objective = experiment.objective;
  for (const resources::InitialTrial& trial : experiment.initial_trials) {
    if (!trial.metrics.empty()) continue;
    algorithms::Point point =
        suggestion::point_of(input.problem->space, suggestion::to_assignments(trial.assignments));
    if (input.problem->space.contains(point)) input.first.push_back(std::move(point));
  }
  suggestion::TrialHistory history(input.problem, experiment.objective);
  history.import(experiment.initial_trials);
  input.history = history.finished();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("{}", i + 1));
  algorithms::Cache cache;
  Preview shown;
  shown.drawn = suggestion::draw(input, names, cache);
  shown.algorithm = choice.named->name;
  shown.seed = input.seed;
  return shown;
}

void print_json(const std::vector<TrialAssignment>& draws) {
  for (const TrialAssignment& draw : draws) {
    Json values = Json::object();
    for (const auto& [name, value] : draw.assignments) values[name] = value;
    std::fputs((Json{{"assignments", values}, {"why", draw.why}}.dump() + "\n").c_str(), stdout);
  }
}

void print_text(const Preview& shown) {
  std::size_t width = 0;
  std::vector<std::string> points;
  for (const TrialAssignment& draw : shown.drawn.assignments) {
    std::string point;
    for (const auto& [name, value] : draw.assignments)
      point += fmt::format("{}{}={}", point.empty() ? "" : " ", name, value);
    width = std::max(width, point.size());
    points.push_back(std::move(point));
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::fputs(
        fmt::format("{:>4}  {:<{}}  {}\n", i + 1, points[i], width, shown.drawn.assignments[i].why)
            .c_str(),
        stdout);
  }
  std::fputs(fmt::format("{} draws of {} with random_state {}; no trial was started, so none knows "
                         "a result of those before it\n",
                         points.size(), shown.algorithm, shown.seed)
                 .c_str(),
             stderr);
  if (shown.drawn.next == algorithms::Next::kExhausted)
    std::fputs("the algorithm has no more points\n", stderr);
}

int complain(const std::string& what, int code) {
  std::fputs(fmt::format("mizan suggest: {}\n", what).c_str(), stderr);
  return code;
}

}  // namespace

int suggest(const SuggestOptions& options) {
  const auto submissions = read_submissions(options.file.string());
  if (!submissions) return complain(submissions.error().message, kExitUsage);
  for (const Submission& submission : *submissions) {
    const auto experiment = read_valid(submission);
    if (!experiment) return complain(experiment.error().message, kExitUsage);
    const auto shown = preview(*experiment, static_cast<std::size_t>(options.count));
    if (!shown) return complain(shown.error().message, kExitUsage);
    if (options.json) {
      print_json(shown->drawn.assignments);
    } else {
      print_text(*shown);
    }
  }
  return kExitSucceeded;
}

}  // namespace mizan::cmd
