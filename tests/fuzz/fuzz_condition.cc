// Success and failure conditions: the first line is the expression, the rest the object it is asked
// of.
#include "experiment/condition_expression.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mizan::fuzz::text_of(data, size);
  const auto line = text.find('\n');
  const auto expression = mizan::experiment::ConditionExpression::parse(text.substr(0, line));
  if (!expression) {
    mizan::fuzz::require(!expression.error().message.empty(), "a refusal says why");
    return 0;
  }
  if (line == std::string_view::npos) return 0;
  const auto object =
      mizan::parse_json(text.substr(line + 1), {.max_bytes = 16 * 1024, .max_depth = 16});
  if (!object) return 0;
  const auto found = expression->evaluate(object->value);
  const bool one = found && (found->is_object() || (found->is_array() && !found->empty()));
  mizan::fuzz::require(expression->test(object->value).holds == one,
                       "it holds for an object, or an array with an element");
  return 0;
}
