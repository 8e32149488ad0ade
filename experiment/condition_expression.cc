// Evaluates GJSON paths over nlohmann::json.
//
// After `#` or #(...)# a dot goes on with each element and gathers the results; a pipe goes on with
// the array.
#include "experiment/condition_expression.h"

#include <charconv>

#include "experiment/gjson_path.h"

namespace mizan::experiment {
namespace {

using gjson::Comparison;
using gjson::Query;
using gjson::Step;
using Steps = std::vector<Step>;

std::optional<Json> follow(const Json& value, const Steps& steps, std::size_t from);

/// Glob with * and ?, as GJSON's % operator has it. Linear in text for each star: no recursion.
bool matches_glob(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++t;
      ++p;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

template <class T>
bool compare(const T& left, Comparison comparison, const T& right) {
  switch (comparison) {
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessEqual:
      return left <= right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterEqual:
      return left >= right;
    case Comparison::kExists:
    case Comparison::kLike:
    case Comparison::kNotLike:
      break;
  }
  return false;
}

/// Values of different types never match, whatever the operator.
bool holds(const Query& query, const Json& element) {
  std::optional<Json> left =
      query.left ? follow(element, query.left->steps, 0) : std::optional<Json>(element);
  if (!left) return false;
  if (query.comparison == Comparison::kExists) return true;
  const Json& right = query.right;
  if (left->is_string() && right.is_string()) {
    const auto& text = left->get_ref<const std::string&>();
    const auto& pattern = right.get_ref<const std::string&>();
    if (query.comparison == Comparison::kLike) return matches_glob(text, pattern);
    if (query.comparison == Comparison::kNotLike) return !matches_glob(text, pattern);
    return compare(text, query.comparison, pattern);
  }
  if (left->is_number() && right.is_number()) {
    return compare(left->get<double>(), query.comparison, right.get<double>());
  }
  if (left->is_boolean() && right.is_boolean()) {
    return compare(left->get<bool>(), query.comparison, right.get<bool>());
  }
  if (left->is_null() && right.is_null()) return compare(0, query.comparison, 0);
  return false;
}

/// The rest of the path for each element; elements where it leads nowhere are left out.
std::optional<Json> follow_each(const Json& elements, const Steps& steps, std::size_t from) {
  // A pipe ends what is done for each: what follows it works on the gathered array.
  std::size_t end = from;
  while (end < steps.size() && !steps[end].piped) ++end;
  Json gathered = Json::array();
  const Steps part(steps.begin() + static_cast<std::ptrdiff_t>(from),
                   steps.begin() + static_cast<std::ptrdiff_t>(end));
  for (const Json& element : elements) {
    if (std::optional<Json> result = follow(element, part, 0))
      gathered.push_back(*std::move(result));
  }
  return follow(gathered, steps, end);
}

std::optional<Json> follow_key(const Json& value, const Step& step, const Steps& steps,
                               std::size_t from) {
  if (value.is_object()) {
    const auto member = value.find(step.key);
    return member == value.end() ? std::nullopt : follow(*member, steps, from + 1);
  }
  if (value.is_array()) {
    std::size_t position = 0;
    const char* const end = step.key.data() + step.key.size();
    const auto [parsed, error] = std::from_chars(step.key.data(), end, position);
    if (error != std::errc() || parsed != end || position >= value.size()) return std::nullopt;
    return follow(value[position], steps, from + 1);
  }
  return std::nullopt;
}

std::optional<Json> follow_query(const Json& value, const Step& step, const Steps& steps,
                                 std::size_t from) {
  if (!value.is_array()) return std::nullopt;
  if (step.kind == Step::Kind::kFirstMatch) {
    for (const Json& element : value) {
      if (holds(step.query, element)) return follow(element, steps, from + 1);
    }
    return std::nullopt;
  }
  Json matches = Json::array();
  for (const Json& element : value) {
    if (holds(step.query, element)) matches.push_back(element);
  }
  if (from + 1 < steps.size() && !steps[from + 1].piped)
    return follow_each(matches, steps, from + 1);
  return follow(matches, steps, from + 1);
}

std::optional<Json> follow(const Json& value, const Steps& steps, std::size_t from) {
  if (from == steps.size()) return value;
  const Step& step = steps[from];
  switch (step.kind) {
    case Step::Kind::kThis:
      return follow(value, steps, from + 1);
    case Step::Kind::kKey:
      return follow_key(value, step, steps, from);
    case Step::Kind::kFirstMatch:
    case Step::Kind::kAllMatches:
      return follow_query(value, step, steps, from);
    case Step::Kind::kEach:
      if (!value.is_array()) return std::nullopt;
      if (from + 1 == steps.size()) return Json(value.size());
      if (steps[from + 1].piped) return follow(Json(value.size()), steps, from + 1);
      return follow_each(value, steps, from + 1);
    case Step::Kind::kMultipath: {
      Json gathered = Json::array();
      for (const auto& part : step.parts) {
        if (std::optional<Json> result = follow(value, part->steps, 0))
          gathered.push_back(*std::move(result));
      }
      return follow(gathered, steps, from + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<ConditionExpression> ConditionExpression::parse(std::string_view text) {
  TRY(auto path, gjson::parse_path(text));
  return ConditionExpression(std::move(path));
}

std::optional<Json> ConditionExpression::evaluate(const Json& object) const {
  return follow(object, path_->steps, 0);
}

ConditionExpression::Verdict ConditionExpression::test(const Json& object) const {
  Verdict verdict;
  const std::optional<Json> result = evaluate(object);
  if (!result || (!result->is_object() && !(result->is_array() && !result->empty())))
    return verdict;
  verdict.holds = true;
  const Json& first = result->is_array() ? result->front() : *result;
  verdict.reason = string_at(first, "reason");
  verdict.message = string_at(first, "message");
  return verdict;
}

}  // namespace mizan::experiment
