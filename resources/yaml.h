// YAML text to JSON, as kubectl and sigs.k8s.io/yaml read it, with the limits that a server needs.
//
// Scalars follow YAML 1.1: `yes`, `no`, `on`, `off`, `y`, `n` are booleans, `012` is ten, `1_000`
// is a thousand; what is quoted stays text. Merge keys (`<<`) work. JSON is YAML, too.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

struct YamlLimits {
  std::size_t max_bytes = 3 * 1024 * 1024;
  std::size_t max_depth = 64;
  std::size_t max_documents = 1000;
  /// Values after aliases are expanded: stops alias bombs.
  std::size_t max_values = 500'000;
};

struct YamlDocument {
  Json value;
  std::vector<std::string> duplicate_fields;  // field paths given twice; the last one won
  std::map<std::string, int>
      lines;  // by field path ("spec.parameters[2].name"), from 1; the first 20,000
  int first_line = 1;

  /// The line of the field at `path`, or of the nearest ancestor that is in the text: a missing
  /// field is looked for where it should stand.
  int line_of(std::string_view path) const;
};

/// Documents in order; empty ones are left out. Errors: kTooLarge past max_bytes; kBadRequest with
/// line and column for syntax errors, bytes that are no UTF-8, nesting past max_depth, infinities
/// and NaN (JSON has none), and keys that are no scalars. Thread: any. Pure.
Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace mizan::resources
