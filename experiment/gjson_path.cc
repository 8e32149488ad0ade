// A recursive-descent parser for GJSON paths.
#include "experiment/gjson_path.h"

#include <fmt/format.h>

#include <charconv>

namespace mizan::experiment::gjson {
namespace {

constexpr std::size_t kLongestPath = 1024;
constexpr int kDeepestNesting = 16;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::shared_ptr<const Path>> whole() {
    TRY(auto path, this->path(""));
    if (!at_end()) return wrong("expected a dot, a pipe or the end");
    return path;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }  // a backslash may step past the end
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(Code::kInvalid, fmt::format("at character {}: {}", at_ + 1, what));
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }

  /// Steps until one of `stops` (outside of brackets and quotes) or the end.
  Result<std::shared_ptr<const Path>> path(std::string_view stops) {
    if (++depth_ > kDeepestNesting) return wrong("nested too deeply");
    auto result = std::make_shared<Path>();
    bool piped = false;
    while (true) {
      TRY(Step step, this->step(stops));
      step.piped = piped;
      result->steps.push_back(std::move(step));
      if (peek() == '.') {
        piped = false;
      } else if (peek() == '|') {
        piped = true;
      } else {
        break;
      }
      ++at_;
    }
    --depth_;
    return result;
  }

  Result<Step> step(std::string_view stops) {
    Step step;
    if (take("#(")) return query_step();
    if (peek() == '#') {
      ++at_;
      step.kind = Step::Kind::kEach;
      return step;
    }
    if (peek() == '@') return modifier_step();
    if (take("[")) return multipath_step();
    while (!at_end() && peek() != '.' && peek() != '|' &&
           stops.find(peek()) == std::string_view::npos) {
      if (peek() == '\\') ++at_;
      if (at_end()) return wrong("a backslash stands before the character that it takes as it is");
      step.key += text_[at_++];
    }
    if (step.key.empty()) return wrong("expected a key, such as status.conditions");
    if (step.key.find_first_of("*?") != std::string::npos) {
      return wrong("wildcards (* and ?) in keys are not supported: write the key out");
    }
    return step;
  }

  Result<Step> modifier_step() {
    if (!take("@this")) return wrong("of GJSON's modifiers only @this is supported");
    Step step;
    step.kind = Step::Kind::kThis;
    return step;
  }

  Result<Step> multipath_step() {
    Step step;
    step.kind = Step::Kind::kMultipath;
    do {
      TRY(auto part, path(",]"));
      step.parts.push_back(std::move(part));
    } while (take(","));
    if (!take("]")) return wrong("expected ] after the paths of [...]");
    return step;
  }

  Result<Step> query_step() {
    Step step;
    skip_spaces();
    if (std::string_view("=!<>%").find(peek()) == std::string_view::npos) {
      TRY(step.query.left, path("=!<>%) "));
    }
    skip_spaces();
    if (peek() != ')') {
      TRY(step.query.comparison, comparison());
      skip_spaces();
      TRY(step.query.right, literal());
      skip_spaces();
    }
    if (!take(")")) return wrong("expected ) at the end of the query");
    step.kind = take("#") ? Step::Kind::kAllMatches : Step::Kind::kFirstMatch;
    return step;
  }

  Result<Comparison> comparison() {
    if (take("==") || take("=")) return Comparison::kEqual;
    if (take("!=")) return Comparison::kNotEqual;
    if (take("!%")) return Comparison::kNotLike;
    if (take("<=")) return Comparison::kLessEqual;
    if (take("<")) return Comparison::kLess;
    if (take(">=")) return Comparison::kGreaterEqual;
    if (take(">")) return Comparison::kGreater;
    if (take("%")) return Comparison::kLike;
    return wrong("expected one of == != < <= > >= % !%");
  }

  Result<Json> literal() {
    const std::size_t begin = at_;
    if (peek() == '"') {
      ++at_;
      while (!at_end() && peek() != '"') at_ += peek() == '\\' ? 2 : 1;
      if (at_ >= text_.size()) {
        at_ = text_.size();
        return wrong("the string has no closing quote");
      }
      ++at_;
      Json value = Json::parse(text_.substr(begin, at_ - begin), nullptr, false);
      if (value.is_string()) return value;
      return wrong("the string is not valid JSON");
    }
    while (!at_end() && peek() != ')' && peek() != ' ') ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "true") return Json(true);
    if (word == "false") return Json(false);
    if (word == "null") return Json(nullptr);
    double number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc() && end == word.data() + word.size() && !word.empty())
      return Json(number);
    at_ = begin;
    return wrong(R"(expected a string in double quotes, a number, true, false or null)");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<std::shared_ptr<const Path>> parse_path(std::string_view text) {
  if (text.empty()) return fail(Code::kInvalid, "the condition is empty");
  if (text.size() > kLongestPath)
    return fail(Code::kInvalid, "the condition is longer than 1024 characters");
  return Parser(text).whole();
}

}  // namespace mizan::experiment::gjson
