// trialTemplate.retry: known classes, sensible limits.
#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {

void validate_retry(const Json& trial_template, Verdict& verdict) {
  static const std::vector<std::string> kClasses = {"OOMKilled", "Preempted", "DeadlineExceeded",
                                                    "Error"};
  const Json& rules = array_field(trial_template, "retry");
  if (!rules.empty() && field(trial_template, "client") != nullptr) {
    verdict.errors.push_back(forbidden(
        "spec.trialTemplate.retry", "trials that a client runs are started again by the client"));
    return;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string path = fmt::format("spec.trialTemplate.retry[{}]", i);
    const std::string of = text_field(rules[i], "class");
    if (std::ranges::find(kClasses, of) == kClasses.end())
      verdict.errors.push_back(not_supported(path + ".class", of, kClasses));
    const auto limit = integer_field(rules[i], "limit");
    if (!limit || *limit < 1 || *limit > 100) {
      verdict.errors.push_back(invalid(path + ".limit", limit ? Json(*limit) : Json(),
                                       "must be 1 to 100: how often a trial is started again"));
    }
    const Json& codes = array_field(rules[i], "exitCodes");
    if (!codes.empty() && of != "Error")
      verdict.errors.push_back(forbidden(path + ".exitCodes", "is for class Error"));
    for (std::size_t c = 0; c < codes.size(); ++c) {
      const auto code = codes[c].is_number_integer() ? codes[c].get<std::int64_t>() : 0;
      if (code < 1 || code > 255) {
        verdict.errors.push_back(
            invalid(fmt::format("{}.exitCodes[{}]", path, c), codes[c], "must be 1 to 255"));
      }
    }
  }
}

}  // namespace mizan::resources
