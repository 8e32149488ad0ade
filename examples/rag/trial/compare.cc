// See compare.h.
#include "examples/rag/trial/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/json.h"
#include "examples/rag/trial/random.h"

namespace mizan::rag {

PairedDifference paired_difference(const std::vector<double>& ours,
                                   const std::vector<double>& theirs) {
  constexpr std::size_t kResamples = 10'000;
  PairedDifference out;
  out.questions = std::min(ours.size(), theirs.size());
  if (out.questions == 0) return out;
  const auto count = static_cast<double>(out.questions);
  std::vector<double> gaps;
  for (std::size_t at = 0; at < out.questions; ++at) {
    gaps.push_back(ours[at] - theirs[at]);
    out.mean += gaps.back() / count;
  }
  Random random(0xB007, 0);
  std::vector<double> means(kResamples, 0);
  for (double& mean : means) {
    for (std::size_t at = 0; at < out.questions; ++at) {
      mean += gaps[static_cast<std::size_t>(random.uniform() * count)] / count;
    }
  }
  out.low = percentile(means, 0.025);
  out.high = percentile(means, 0.975);
  return out;
}

Assignments naive_assignments() {
  return {{"chunk_size", "200"},   {"chunk_overlap", "0"}, {"embedding", "lsa"},
          {"embedding_dim", "64"}, {"hybrid_alpha", "1"},  {"top_k", "10"},
          {"temperature", "0.5"}};
}

namespace {

/// The list of {name, value} that is deepest inside what mizan or kubectl print of a trial.
const Json* parameter_list(const Json& object) {
  for (const char* path :
       {"spec.parameterAssignments", "status.currentOptimalTrial.parameterAssignments",
        "parameterAssignments", "trial.assignments", "assignments"}) {
    if (const Json* found = find(object, path)) return found;
  }
  return nullptr;
}

Result<Assignments> from_json(const Json& object, const std::string& path) {
  const Json* found = parameter_list(object);
  const Json& source = found ? *found : object;
  Assignments out;
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  if (source.is_array()) {
    for (const Json& one : source) {
      if (const Json* value = find(one, "value")) out[string_at(one, "name")] = text(*value);
    }
    return out;
  }
  for (const auto& [name, value] : source.items()) {
    if (value.is_structured()) {
      return fail(Code::kBadRequest,
                  fmt::format("{}: holds no assignments: an object NAME: VALUE, or a trial", path));
    }
    out[name] = text(value);
  }
  return out;
}

}  // namespace

Result<Assignments> read_configuration(const std::string& text) {
  if (text == "default") return Assignments{};
  if (text == "naive") return naive_assignments();
  if (std::filesystem::exists(text)) {
    TRY(const std::string content, read_file(text));
    auto parsed = parse_json(content);
    if (!parsed || !parsed->value.is_object()) {
      return fail(
          Code::kBadRequest,
          fmt::format("{}: {}", text, parsed ? "is no JSON object" : parsed.error().message));
    }
    return from_json(parsed->value, text);
  }
  if (text.find('=') == std::string::npos) {
    return fail(Code::kNotFound,
                fmt::format("'{}' is no configuration: default, naive, a JSON file, or "
                            "NAME=VALUE,NAME=VALUE",
                            text));
  }
  Assignments out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (auto done = add_assignment(text.substr(at, comma - at), out); !done)
      return fail(done.error());
    at = comma + 1;
  }
  return out;
}

}  // namespace mizan::rag
