// Success and failure conditions of trials: the part of GJSON that Katib's users write.
//
//   status.conditions.#(type=="Complete")#|#(status=="True")#     all matches, piped on as one
//   array status.[@this].#(succeeded==1)                                 the object wrapped, the
//   first match
// Keys with dots between them, numbers as array positions, `#` (each element; at the end, how
// many), queries
// #(path op literal) for the first match and #(...)# for all, nested queries, `|`, @this and
// [path,path]. A backslash takes the next character as it is. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace mizan::experiment {

namespace gjson {
struct Path;
}

class ConditionExpression {
 public:
  /// Errors: kInvalid; the message says at which character and what would be right.
  static Result<ConditionExpression> parse(std::string_view text);

  /// What the path gives; nullopt when there is nothing there.
  std::optional<Json> evaluate(const Json& object) const;

  /// A condition holds when the result is an object, or an array with an element.
  struct Verdict {
    bool holds = false;
    std::string reason, message;  // of that object, or of the first element
  };
  Verdict test(const Json& object) const;

 private:
  explicit ConditionExpression(std::shared_ptr<const gjson::Path> path) : path_(std::move(path)) {}
  std::shared_ptr<const gjson::Path> path_;
};

}  // namespace mizan::experiment
