// The objects of the files that `mizan run` was given, and how they compare with what a server
// already has.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::cmd {

struct Submission {
  std::string file;
  Json object;
  /// Line of a field path in the file, 0 when unknown: for `experiment.yaml:17:
  /// spec.parameters[2]...`.
  std::function<int(const std::string& path)> line_of;
};

/// Every document of `file` ("-": standard input). Errors: kBadRequest with file, line and what is
/// wrong.
Result<std::vector<Submission>> read_submissions(const std::string& file);

/// Where the wanted spec says something else than the existing one: `spec.maxTrialCount: is 12, the
/// file says 20`. Fields that the file leaves to defaults don't count.
std::vector<std::string> differences(const Json& existing, const Json& wanted);

/// The text of a server's refusal (problem+json), each field with its line in the file.
std::string refusal_text(const Submission& submission, const Json& problem);

}  // namespace mizan::cmd
