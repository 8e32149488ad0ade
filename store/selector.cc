// Label and field selectors: their grammar, with the complaints of Kubernetes' own parser, and
// their matching.
#include <charconv>

#include "resources/meta.h"
#include "store/object_store.h"

namespace mizan::store {
namespace {

using Operator = LabelRequirement::Operator;

struct Token {
  enum class Kind { kIdentifier, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
};

bool is_symbol(char c) { return std::string_view("=!(),<>").find(c) != std::string_view::npos; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::vector<Token> tokens_of(std::string_view text) {
  static constexpr std::string_view kDouble[] = {"==", "!="};
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
    } else if (is_symbol(text[at])) {
      const std::string_view two = text.substr(at, 2);
      const std::size_t length = two == kDouble[0] || two == kDouble[1] ? 2 : 1;
      tokens.push_back({Token::Kind::kSymbol, std::string(text.substr(at, length))});
      at += length;
    } else {
      std::size_t end = at;
      while (end < text.size() && !is_symbol(text[end]) && !is_space(text[end])) ++end;
      tokens.push_back({Token::Kind::kIdentifier, std::string(text.substr(at, end - at))});
      at = end;
    }
  }
  tokens.push_back({});
  return tokens;
}

class LabelParser {
 public:
  explicit LabelParser(std::string_view text) : tokens_(tokens_of(text)) {}

  Result<std::vector<LabelRequirement>> parse() {
    std::vector<LabelRequirement> requirements;
    if (at_end()) return requirements;
    if (!is_identifier() && !is("!")) return unexpected("!, identifier, or 'end of string'");
    while (true) {
      TRY(LabelRequirement one, requirement());
      requirements.push_back(std::move(one));
      if (at_end()) return requirements;
      if (!is(",")) return unexpected("',' or 'end of string'");
      next();
      if (!is_identifier() && !is("!")) return unexpected("identifier after ','");
    }
  }

 private:
  const Token& peek() const { return tokens_[position_]; }
  bool at_end() const { return peek().kind == Token::Kind::kEnd; }
  bool is_identifier() const { return peek().kind == Token::Kind::kIdentifier; }
  bool is(std::string_view symbol) const {
    return peek().kind == Token::Kind::kSymbol && peek().text == symbol;
  }
  std::string next() {
    std::string text = peek().text;
    if (!at_end()) ++position_;
    return text;
  }

  static std::unexpected<Error> complain(const std::string& what) {
    return fail(Code::kBadRequest, "unable to parse requirement: " + what);
  }
  std::unexpected<Error> unexpected(const std::string& wanted) const {
    return complain("found '" + peek().text + "', expected: " + wanted);
  }

  Result<LabelRequirement> requirement() {
    LabelRequirement made;
    const bool absent = is("!");
    if (absent) next();
    if (!is_identifier()) return unexpected("identifier");
    made.key = next();
    if (std::string wrong = resources::check_label_key(made.key); !wrong.empty()) {
      return complain("<nil>: Invalid value: \"" + made.key + "\": " + wrong);
    }
    if (absent || at_end() || is(",")) {
      made.op = absent ? Operator::kNotExists : Operator::kExists;
      return made;
    }
    TRY(const bool is_set, operation(made));
    TRY(made.values, is_set ? value_set() : exact_value());
    return checked(std::move(made));
  }

  /// Reads the operator into `made`; true when a parenthesised set follows.
  Result<bool> operation(LabelRequirement& made) {
    const std::string text = peek().text;
    if (text == "in" || text == "notin") {
      made.op = text == "in" ? Operator::kIn : Operator::kNotIn;
      next();
      return true;
    }
    if (text == "=" || text == "==") {
      made.op = Operator::kIn;
    } else if (text == "!=") {
      made.op = Operator::kNotIn;
    } else if (text == ">") {
      made.op = Operator::kGreaterThan;
    } else if (text == "<") {
      made.op = Operator::kLessThan;
    } else {
      return unexpected("in, notin, =, ==, !=, gt, lt");
    }
    next();
    return false;
  }

  Result<std::vector<std::string>> exact_value() {
    if (at_end() || is(",")) return std::vector<std::string>{""};
    if (!is_identifier()) return unexpected("identifier");
    return std::vector<std::string>{next()};
  }

  Result<std::vector<std::string>> value_set() {
    if (!is("(")) return complain("found '" + peek().text + "' expected: '('");
    next();
    std::vector<std::string> values;
    while (true) {
      values.push_back(is_identifier() ? next() : std::string());  // `(a,)` holds an empty value
      if (is(")")) break;
      if (!is(",")) return complain("found '" + peek().text + "', expected: ',', or ')'");
      next();
    }
    next();
    return values;
  }

  static Result<LabelRequirement> checked(LabelRequirement made) {
    for (std::size_t i = 0; i < made.values.size(); ++i) {
      const std::string& value = made.values[i];
      std::string wrong = resources::check_label_value(value);
      if (made.op == Operator::kGreaterThan || made.op == Operator::kLessThan) {
        std::int64_t number = 0;
        const auto [end, problem] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (problem != std::errc() || end != value.data() + value.size()) {
          wrong = "for 'Gt', 'Lt' operators, the value must be an integer";
        }
      }
      if (!wrong.empty()) {
        return complain("values[" + std::to_string(i) + "][" + made.key + "]: Invalid value: \"" +
                        value + "\": " + wrong);
      }
    }
    return made;
  }

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

bool compares(const std::string& value, const LabelRequirement& requirement) {
  std::int64_t left = 0;
  std::int64_t right = 0;
  const auto read = [](const std::string& text, std::int64_t& number) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size();
  };
  if (!read(value, left) || !read(requirement.values.front(), right)) return false;
  return requirement.op == Operator::kGreaterThan ? left > right : left < right;
}

bool matches_label(const LabelRequirement& requirement, const Json* labels) {
  const std::string* value = nullptr;
  if (labels != nullptr && labels->is_object()) {
    if (auto found = labels->find(requirement.key); found != labels->end()) {
      value = found->get_ptr<const std::string*>();
    }
  }
  const auto listed = [&] {
    return std::ranges::find(requirement.values, *value) != requirement.values.end();
  };
  switch (requirement.op) {
    case Operator::kExists:
      return value != nullptr;
    case Operator::kNotExists:
      return value == nullptr;
    case Operator::kIn:
      return value != nullptr && listed();
    case Operator::kNotIn:
      return value == nullptr || !listed();
    case Operator::kGreaterThan:
    case Operator::kLessThan:
      return value != nullptr && compares(*value, requirement);
  }
  return false;
}

bool matches_field(const FieldRequirement& requirement, const Json& object) {
  const Json* field = find(object, requirement.path);
  std::string text;
  if (field == nullptr || field->is_null()) {
    // An absent flag is a false one: spec.unschedulable=false finds every node that takes pods.
    if (requirement.path == "spec.unschedulable") text = "false";
  } else {
    text = field->is_string() ? field->get<std::string>() : field->dump();
  }
  return (text == requirement.value) == requirement.equal;
}

}  // namespace

Result<std::vector<LabelRequirement>> parse_label_selector(std::string_view text) {
  return LabelParser(text).parse();
}

Result<std::vector<FieldRequirement>> parse_field_selector(std::string_view text) {
  std::vector<FieldRequirement> requirements;
  std::vector<std::string> terms(1);
  for (std::size_t i = 0; i < text.size();
       ++i) {  // a backslash keeps the next comma, '=' or backslash in the value
    if (text[i] == '\\' && i + 1 < text.size()) {
      terms.back() += text.substr(i++, 2);
    } else if (text[i] == ',') {
      terms.emplace_back();
    } else {
      terms.back() += text[i];
    }
  }
  for (const std::string& term : terms) {
    if (term.empty()) continue;
    const std::size_t sign = term.find('=');
    if (sign == std::string::npos || sign == 0) {
      return fail(Code::kBadRequest,
                  "invalid selector: '" + std::string(text) + "'; can't understand '" + term + "'");
    }
    FieldRequirement made;
    made.equal = term[sign - 1] != '!';
    made.path = term.substr(0, made.equal ? sign : sign - 1);
    std::size_t from = sign + 1;
    if (made.equal && from < term.size() && term[from] == '=') ++from;
    for (std::size_t i = from; i < term.size(); ++i) {
      if (term[i] == '\\' && i + 1 < term.size()) ++i;
      made.value += term[i];
    }
    requirements.push_back(std::move(made));
  }
  return requirements;
}

bool matches(const Selection& selection, const Json& object) {
  if (!selection.ns.empty() && string_at(object, "metadata.namespace") != selection.ns)
    return false;
  if (!selection.labels.empty()) {
    const Json* labels = find(object, "metadata.labels");
    for (const LabelRequirement& requirement : selection.labels) {
      if (!matches_label(requirement, labels)) return false;
    }
  }
  return std::ranges::all_of(selection.fields, [&](const FieldRequirement& requirement) {
    return matches_field(requirement, object);
  });
}

}  // namespace mizan::store
