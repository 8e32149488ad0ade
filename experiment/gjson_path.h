// The syntax tree of a GJSON path and its parser; condition_expression.cc evaluates it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::experiment::gjson {

struct Path;

enum class Comparison {
  kExists,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kLike,
  kNotLike
};

struct Query {
  std::shared_ptr<const Path> left;  // null: the element itself
  Comparison comparison = Comparison::kExists;
  Json right;  // string, number, bool or null
};

struct Step {
  enum class Kind { kKey, kEach, kFirstMatch, kAllMatches, kThis, kMultipath };
  Kind kind = Kind::kKey;
  bool piped = false;  // reached by `|`: works on the whole result, not on each element of it
  std::string key;
  Query query;
  std::vector<std::shared_ptr<const Path>> parts;  // kMultipath
};

struct Path {
  std::vector<Step> steps;
};

/// Errors: kInvalid, with the position.
Result<std::shared_ptr<const Path>> parse_path(std::string_view text);

}  // namespace mizan::experiment::gjson
