// A recursive-descent parser, and an evaluator that widens a set of nodes step by step.
#include "api/jsonpath.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mizan::api {

class JsonPath::Parser {
 public:
  explicit Parser(std::string_view text) : all_(text), rest_(text) {}

  Result<JsonPath> parse() {
    if (rest_.starts_with('{') && rest_.ends_with('}')) {
      rest_.remove_prefix(1);
      rest_.remove_suffix(1);
    }
    if (rest_.starts_with('$')) rest_.remove_prefix(1);
    JsonPath path;
    bool first = true;
    while (!rest_.empty()) {
      if (rest_.front() == '[') {
        TRY(auto step, bracket());
        path.steps_.push_back(std::move(step));
      } else {
        if (rest_.front() == '.') {
          rest_.remove_prefix(1);
        } else if (!first) {
          return wrong("'.' or '['");
        }
        std::string name = field_name();
        if (name.empty() && rest_.empty() && path.steps_.empty()) break;  // "." is the document
        if (name.empty()) return wrong("a field's name");
        if (name == "*") {
          path.steps_.emplace_back(All{});
        } else {
          path.steps_.emplace_back(Field{std::move(name)});
        }
      }
      first = false;
    }
    return path;
  }

 private:
  std::unexpected<Error> wrong(std::string_view wanted) const {
    const auto position = all_.size() - rest_.size() + 1;
    return fail(Code::kBadRequest, fmt::format("JSONPath \"{}\": {} is expected at character {}",
                                               all_, wanted, position));
  }

  std::string field_name() {
    std::string name;
    while (!rest_.empty() && rest_.front() != '.' && rest_.front() != '[') {
      if (rest_.front() == '\\' && rest_.size() > 1)
        rest_.remove_prefix(1);  // \. is a dot in a name
      name += rest_.front();
      rest_.remove_prefix(1);
    }
    return name;
  }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  void skip_spaces() {
    while (take(" ")) {
    }
  }

  bool number(long& value) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  Result<Step> bracket() {
    take("[");
    if (take("*]")) return Step{All{}};
    if (take("?(")) return filter();
    if (rest_.starts_with('\'') || rest_.starts_with('"')) {
      TRY(auto text, quoted());
      if (!take("]")) return wrong("']'");
      return Step{Field{std::move(text)}};
    }
    Slice slice;
    const bool has_from = number(slice.from);
    if (take(":")) {
      slice.has_to = number(slice.to);
    } else if (has_from) {
      slice.is_index = true;
    } else {
      return wrong("an index, a slice, '*', a quoted name or a filter");
    }
    if (!take("]")) return wrong("']'");
    return Step{slice};
  }

  Result<std::string> quoted() {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty() && rest_.front() != quote) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return wrong("a closing quote");
    rest_.remove_prefix(1);
    return text;
  }

  Result<Step> filter() {
    Filter filter;
    skip_spaces();
    if (!take("@")) return wrong("'@'");
    while (take(".")) {
      std::string name;
      while (!rest_.empty() &&
             std::string_view(".=!<> )").find(rest_.front()) == std::string_view::npos) {
        name += rest_.front();
        rest_.remove_prefix(1);
      }
      if (name.empty()) return wrong("a field's name");
      filter.path.push_back(std::move(name));
    }
    skip_spaces();
    if (take("==")) {
      filter.op = "==";
    } else if (take("!=")) {
      filter.op = "!=";
    }
    if (!filter.op.empty()) {
      skip_spaces();
      TRY(filter.literal, literal());
    }
    skip_spaces();
    if (!take(")]")) return wrong("')]'");
    return Step{std::move(filter)};
  }

  Result<Json> literal() {
    if (rest_.starts_with('\'') || rest_.starts_with('"')) {
      TRY(auto text, quoted());
      return Json(std::move(text));
    }
    if (take("true")) return Json(true);
    if (take("false")) return Json(false);
    long value = 0;
    if (number(value)) return Json(value);
    return wrong("a string, a number, true or false");
  }

  std::string_view all_;
  std::string_view rest_;
};

Result<JsonPath> JsonPath::parse(std::string_view text) { return Parser(text).parse(); }

void JsonPath::apply(const Step& step, const Json& at, std::vector<const Json*>& out) {
  if (const auto* field = std::get_if<Field>(&step)) {
    if (!at.is_object()) return;
    const auto found = at.find(field->name);
    if (found != at.end()) out.push_back(&*found);
  } else if (std::holds_alternative<All>(step)) {
    if (!at.is_array() && !at.is_object()) return;
    for (const Json& child : at) out.push_back(&child);
  } else if (const auto* slice = std::get_if<Slice>(&step)) {
    if (!at.is_array()) return;
    const long size = static_cast<long>(at.size());
    const auto clamped = [&](long index) {
      return std::clamp(index < 0 ? index + size : index, 0L, size);
    };
    if (slice->is_index) {
      const long index = slice->from < 0 ? slice->from + size : slice->from;
      if (index >= 0 && index < size) out.push_back(&at[static_cast<std::size_t>(index)]);
      return;
    }
    const long to = slice->has_to ? clamped(slice->to) : size;
    for (long i = clamped(slice->from); i < to; ++i)
      out.push_back(&at[static_cast<std::size_t>(i)]);
  } else if (const auto* filter = std::get_if<Filter>(&step)) {
    if (!at.is_array()) return;
    for (const Json& child : at) {
      const Json* value = &child;
      for (const std::string& name : filter->path) {
        const auto found = value->is_object() ? value->find(name) : value->end();
        value = value->is_object() && found != value->end() ? &*found : nullptr;
        if (value == nullptr) break;
      }
      const bool equal = value != nullptr && *value == filter->literal;
      const bool taken =
          filter->op.empty() ? value != nullptr : value != nullptr && equal == (filter->op == "==");
      if (taken) out.push_back(&child);
    }
  }
}

std::vector<const Json*> JsonPath::find(const Json& document) const {
  std::vector<const Json*> nodes{&document};
  for (const Step& step : steps_) {
    std::vector<const Json*> next;
    for (const Json* node : nodes) apply(step, *node, next);
    nodes = std::move(next);
    if (nodes.empty()) break;
  }
  return nodes;
}

}  // namespace mizan::api
