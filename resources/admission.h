// The table of what happens to an object on its way in, beyond its schema: kind -> {default,
// validate}.
//
// Filled in cmd/ (the algorithms' settings are checked by suggestion/, which lies above), called by
// LocalStore. Controllers never rely on it: they default in memory and validate again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

struct Admission {
  /// Fills in what is absent. Pure and idempotent. Runs before validation on create and update.
  std::function<void(Json& object)> apply_defaults;

  struct Verdict {
    std::vector<FieldError> errors;     // any: the write is refused with all of them
    std::vector<std::string> warnings;  // each becomes a Warning: header
  };
  /// `old` is null on create. Pure, no I/O.
  std::function<Verdict(const Json& object, const Json* old)> validate;
};

/// By {api version, kind}: {"kubeflow.org/v1beta1", "Experiment"}.
using AdmissionTable = std::map<std::pair<std::string, std::string>, Admission>;

}  // namespace mizan::resources
