// The part of JSONPath that printer columns and selectable fields use: .a.b, ['a.b'], [0], [-1:],
// [1:3], [*] and
// [?(@.type=="x")].
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::api {

class JsonPath {
 public:
  /// Takes ".spec.x", "{.spec.x}" and "spec.x". Errors: kBadRequest with the position.
  static Result<JsonPath> parse(std::string_view text);

  /// Everything in `document` that the path names, in order. Pointers into `document`. Never fails.
  std::vector<const Json*> find(const Json& document) const;

 private:
  struct Field {
    std::string name;
  };
  struct Slice {  // [from:to], negative counts from the end; an index i is [i:i+1]
    long from = 0;
    long to = 0;
    bool has_to = false;
    bool is_index = false;
  };
  struct All {};
  struct Filter {  // [?(@.path OP literal)], or only [?(@.path)]
    std::vector<std::string> path;
    std::string op;  // "", "==", "!="
    Json literal;
  };
  using Step = std::variant<Field, Slice, All, Filter>;
  class Parser;

  static void apply(const Step& step, const Json& at, std::vector<const Json*>& out);

  std::vector<Step> steps_;
};

}  // namespace mizan::api
