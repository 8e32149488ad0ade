// See yaml.h. The only file that includes yaml-cpp.
//
// The document is built from the parser's events, so that depth, size and duplicate keys are checked as they come:
// an event handler that throws stops the parser before it recurses deeper.
#include "resources/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <set>
#include <sstream>

#include "resources/yaml_scalar.h"

namespace mizan::resources {
namespace {

/// Thrown out of the parser; never leaves this file.
struct Refusal {
  YAML::Mark mark;
  std::string message;
};

std::string at(const YAML::Mark& mark) {
  return mark.is_null() ? "" : fmt::format("line {}, column {}: ", mark.line + 1, mark.column + 1);
}

/// The key of a map must be text in JSON; Go writes booleans and numbers as their usual text.
std::string key_text(const Json& key, const YAML::Mark& mark) {
  if (key.is_string()) return key.get<std::string>();
  if (key.is_boolean() || key.is_number()) return key.dump();
  throw Refusal{mark, "a key must be text, a number or a boolean"};
}

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const YamlLimits& limits) : limits_(limits) {}

  bool has_document() const { return document_.has_value(); }
  YamlDocument take_document() { return *std::exchange(document_, std::nullopt); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    document_.emplace();
    document_->first_line = mark.line + 1;
    levels_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, anchor, nullptr); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool key_position = expects_key();
    merge_key_ = key_position && tag == "?" && value == "<<";
    add(mark, anchor, scalar(mark, tag, value));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refusal{mark, "an alias inside the value that it stands for"};
    count_values(mark, known->second.values);
    if (levels_.size() + known->second.depth > limits_.max_depth) refuse_depth(mark);
    add(mark, 0, known->second.value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, Json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, Json::object());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Json value;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::size_t values_before = 0;       // to know how many this one holds
    std::size_t depth = 1;               // of the deepest value below, itself included
    std::optional<std::string> key;      // read, its value not yet
    bool merges = false;                 // the key is <<
    std::set<std::string> keys;          // given here, not merged in
    std::vector<Json> merged;            // values of <<, in order
    std::size_t path_length = 0;         // of path_ before this level
  };
  struct Anchor {
    Json value;
    std::size_t values = 1, depth = 0;
  };

  bool expects_key() const {
    return !levels_.empty() && levels_.back().value.is_object() && !levels_.back().key;
  }

  [[noreturn]] void refuse_depth(const YAML::Mark& mark) const {
    throw Refusal{mark, fmt::format("nesting is deeper than {} levels", limits_.max_depth)};
  }

  void count_values(const YAML::Mark& mark, std::size_t more) {
    values_ += more;
    if (values_ > limits_.max_values) {
      throw Refusal{mark, fmt::format("more than {} values after expanding aliases", limits_.max_values)};
    }
  }

  static Json scalar(const YAML::Mark& mark, const std::string& tag, const std::string& value) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (tag == "?" || (tag.starts_with(kCore) && !tag.ends_with(":str") && !tag.ends_with(":binary"))) {
      auto resolved = resolve_plain_scalar(value);
      if (!resolved) throw Refusal{mark, fmt::format("{} is no number that JSON can hold", value)};
      return *std::move(resolved);
    }
    return value;  // quoted, or tagged as text
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Json container) {
    if (expects_key()) throw Refusal{mark, "a key must be text, a number or a boolean"};
    if (levels_.size() >= limits_.max_depth) refuse_depth(mark);
    const std::size_t path_length = path_.size();
    enter_path(mark);
    Level& level = levels_.emplace_back();
    level.value = std::move(container);
    level.mark = mark;
    level.anchor = anchor;
    level.values_before = values_;
    level.path_length = path_length;
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    path_.resize(level.path_length);
    merge_into(level);
    if (level.anchor != 0) {
      anchors_[level.anchor] = {level.value, values_ - level.values_before + 1, level.depth};
    }
    if (!levels_.empty()) levels_.back().depth = std::max(levels_.back().depth, level.depth + 1);
    place(level.mark, std::move(level.value));
  }

  /// Explicit keys win over merged ones, earlier merges over later ones.
  static void merge_into(Level& level) {
    for (Json& source : level.merged) {
      for (auto& [key, value] : source.items()) {
        if (!level.value.contains(key)) level.value[key] = std::move(value);
      }
    }
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, Json value) {
    if (anchor != 0) anchors_[anchor] = {value, 1, 0};
    if (expects_key()) {
      take_key(mark, value);
      return;
    }
    const std::size_t path_length = path_.size();
    enter_path(mark);
    path_.resize(path_length);
    place(mark, std::move(value));
  }

  void take_key(const YAML::Mark& mark, const Json& value) {
    Level& level = levels_.back();
    level.key = key_text(value, mark);
    level.merges = std::exchange(merge_key_, false);
    if (level.merges) return;
    if (!level.keys.insert(*level.key).second) {
      document_->duplicate_fields.push_back(path_.empty() ? *level.key : path_ + "." + *level.key);
    }
    // The line of a field is that of its key.
    key_mark_ = mark;
  }

  /// Appends the step to the value that comes now and remembers its line.
  void enter_path(const YAML::Mark& mark) {
    YAML::Mark where = mark;
    if (!levels_.empty()) {
      const Level& parent = levels_.back();
      if (parent.value.is_array()) {
        path_ += fmt::format("[{}]", parent.value.size());
      } else {
        path_ += (path_.empty() ? "" : ".") + *parent.key;
        where = key_mark_;
      }
    }
    if (!path_.empty()) document_->lines[path_] = where.line + 1;
  }

  void place(const YAML::Mark& mark, Json value) {
    count_values(mark, 1);
    if (levels_.empty()) {
      document_->value = std::move(value);
      return;
    }
    Level& parent = levels_.back();
    if (parent.value.is_array()) {
      parent.value.push_back(std::move(value));
      return;
    }
    const std::string key = *std::exchange(parent.key, std::nullopt);
    if (std::exchange(parent.merges, false)) {
      take_merge(mark, std::move(value), parent);
    } else {
      parent.value[key] = std::move(value);
    }
  }

  static void take_merge(const YAML::Mark& mark, Json value, Level& parent) {
    Json sources = value.is_array() ? std::move(value) : Json::array({std::move(value)});
    for (Json& source : sources) {
      if (!source.is_object()) throw Refusal{mark, "<< merges maps only"};
      parent.merged.push_back(std::move(source));
    }
  }

  const YamlLimits& limits_;
  std::optional<YamlDocument> document_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, Anchor> anchors_;
  std::string path_;
  YAML::Mark key_mark_;
  std::size_t values_ = 0;
  bool merge_key_ = false;
};

/// Offset of the first byte that is no UTF-8.
std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) return i;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second >= 0xA0;
    if (overlong || surrogate || (lead == 0xF4 && second >= 0x90)) return i;
    i += length;
  }
  return std::nullopt;
}

YAML::Mark mark_at(std::string_view text, std::size_t offset) {
  YAML::Mark mark;
  mark.pos = static_cast<int>(offset);
  mark.line = static_cast<int>(std::ranges::count(text.substr(0, offset), '\n'));
  const auto line_start = text.substr(0, offset).rfind('\n');
  mark.column = static_cast<int>(line_start == std::string_view::npos ? offset : offset - line_start - 1);
  return mark;
}

std::unexpected<Error> refuse(const YAML::Mark& mark, std::string_view message) {
  return fail(Code::kBadRequest, at(mark) + std::string(message));
}

}  // namespace

int YamlDocument::line_of(std::string_view path) const {
  while (!path.empty()) {
    if (const auto known = lines.find(std::string(path)); known != lines.end()) return known->second;
    const auto step = path.find_last_of(".[");
    path = step == std::string_view::npos ? std::string_view{} : path.substr(0, step);
  }
  return first_line;
}

Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(Code::kTooLarge, fmt::format("Request entity too large: limit is {}", limits.max_bytes));
  }
  if (const auto bad = first_bad_byte(text)) return refuse(mark_at(text, *bad), "not UTF-8");
  std::vector<YamlDocument> documents;
  std::istringstream stream{std::string(text)};
  Builder builder(limits);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
      if (!builder.has_document()) continue;
      YamlDocument document = builder.take_document();
      if (document.value.is_null()) continue;
      documents.push_back(std::move(document));
      if (documents.size() > limits.max_documents) {
        return fail(Code::kTooLarge, fmt::format("more than {} documents", limits.max_documents));
      }
    }
  } catch (const Refusal& refusal) {
    return refuse(refusal.mark, refusal.message);
  } catch (const YAML::Exception& problem) {
    return refuse(problem.mark, problem.msg);
  }
  return documents;
}

}  // namespace mizan::resources
