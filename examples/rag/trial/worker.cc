// See worker.h.
#include "examples/rag/trial/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

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

/// The lines that have come, read ahead on a thread of their own: a stop comes during a trial.
class Orders {
 public:
  explicit Orders(std::istream& in)
      : reader_([this, &in] {
          for (std::string text; std::getline(in, text);) add(std::move(text));
          const std::lock_guard lock(mutex_);
          ended_ = true;
          changed_.notify_all();
        }) {}

  /// nullopt when the input has ended.
  std::optional<std::string> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || !lines_.empty(); });
    if (lines_.empty()) return std::nullopt;
    std::string first = std::move(lines_.front());
    lines_.pop_front();
    return first;
  }

  bool is_stopped(const std::string& trial) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(lines_, [&](const std::string& text) {
      if (text.find("\"stop\"") == std::string::npos) return false;
      const auto line = parse_json(text);
      return line && string_at(line->value, "stop") == trial;
    });
  }

 private:
  void add(std::string text) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(text));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  bool ended_ = false;
  std::jthread reader_;  // ends with the input
};

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
  Orders orders(in);
  while (const auto text = orders.next()) {
    if (text->find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto line = parse_json(*text);
    if (!line || !line->value.is_object()) {
      write(out, {{"error", line ? "the line is no JSON object" : line.error().message}});
      continue;
    }
    if (line->value.contains("stop")) continue;  // of a trial that has ended
    const std::string trial = string_at(line->value, "trial");
    auto assignments = assignments_of(line->value);
    if (trial.empty() || !assignments) {
      write(out, {{"error",
                   trial.empty() ? "the line names no \"trial\"" : assignments.error().message}});
      continue;
    }
    for (const auto& [name, value] : base) assignments->try_emplace(name, value);
    engine.stop_when([&orders, &trial] { return orders.is_stopped(trial); });
    const Json done = run_trial(out, engine, trial, *assignments);
    // Memory is given back before the runner hears of the end and may lower the limit.
    engine.stop_when({});
    engine.trim();
    write(out, done);
  }
}

}  // namespace mizan::rag
