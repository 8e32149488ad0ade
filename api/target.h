// The target of a request, taken apart: decoded path segments and query parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace mizan::api {

class Query {
 public:
  void add(std::string name, std::string value) {
    pairs_.emplace_back(std::move(name), std::move(value));
  }
  bool has(std::string_view name) const;
  /// The first of that name, "" when absent.
  std::string_view get(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  /// As kube-apiserver reads booleans: absent, "false" and "0" are false, all else is true.
  bool flag(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct Target {
  std::string path;                   // decoded, without a trailing slash but for "/"
  std::vector<std::string> segments;  // decoded; none is empty, "." or ".."
  Query query;
};

/// Errors: kBadRequest for what is no origin-form target, a bad escape, a NUL, or dot segments.
Result<Target> parse_target(std::string_view raw);

/// Percent-encodes what may not stand in a path segment or a query value.
std::string encode_component(std::string_view text);

}  // namespace mizan::api
