// See worker.h.
#include "examples/rag/trial/worker.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "core/json.h"

namespace mizan::rag {
namespace {

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Result<Assignments> assignments_of(const Json& line) {
  Assignments out;
  const Json* given = find(line, "assignments");
  if (!given || given->is_null()) return out;
  if (given->is_object()) {
    for (const auto& [name, value] : given->items()) out[name] = value_text(value);
    return out;
  }
  if (!given->is_array()) return fail(Code::kBadRequest, "\"assignments\" is no object");
  for (const Json& one : *given) {
    const std::string name = string_at(one, "name");
    const Json* value = find(one, "value");
    if (name.empty() || !value) {
      return fail(Code::kBadRequest, "an assignment has no \"name\" or no \"value\"");
    }
    out[name] = value_text(*value);
  }
  return out;
}

void write(std::ostream& out, const Json& line) {
  out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
}

void write_metrics(std::ostream& out, std::size_t questions, const Metrics& metrics) {
  for (const auto& [name, value] : metrics) {
    if (std::isfinite(value)) write(out, {{"metric", name}, {"value", value}, {"step", questions}});
  }
}

Json run_trial(std::ostream& out, Engine& engine, const std::string& trial,
               const Assignments& all) {
  Json done{{"done", trial}};
  const auto parameters = read_parameters(all);
  if (!parameters) {
    done["infeasible"] = parameters.error().message;
    return done;
  }
  const auto result =
      engine.run(*parameters, Split::kTune, [&](std::size_t questions, const Metrics& metrics) {
        write_metrics(out, questions, metrics);
      });
  if (!result) {
    done[result.error().code == Code::kInvalid ? "infeasible" : "error"] = result.error().message;
    return done;
  }
  write_metrics(out, result->questions.size(), result->metrics);
  done["answers"] = result->answers_digest;
  done["fingerprint"] = engine.library().fingerprint();
  return done;
}

}  // namespace

void serve_trials(std::istream& in, std::ostream& out, Engine& engine, const Assignments& base) {
  for (std::string text; std::getline(in, text);) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto line = parse_json(text);
    if (!line || !line->value.is_object()) {
      write(out, {{"error", line ? "the line is no JSON object" : line.error().message}});
      continue;
    }
    const std::string trial = string_at(line->value, "trial");
    auto assignments = assignments_of(line->value);
    if (trial.empty() || !assignments) {
      write(out, {{"error",
                   trial.empty() ? "the line names no \"trial\"" : assignments.error().message}});
      continue;
    }
    for (const auto& [name, value] : base) assignments->try_emplace(name, value);
    const Json done = run_trial(out, engine, trial, *assignments);
    // Memory is given back before the runner hears of the end and may lower the limit.
    engine.trim();
    write(out, done);
  }
}

}  // namespace mizan::rag
