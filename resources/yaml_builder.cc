// See yaml_builder.h.
#include "resources/yaml_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "resources/yaml_scalar.h"

namespace mizan::resources {
namespace {

std::unexpected<Error> refuse(const YamlMark& mark, std::string_view message) {
  return fail(Code::kBadRequest, to_string(mark) + std::string(message));
}

/// The key of a map must be text in JSON; Go writes booleans and numbers as their usual text.
std::optional<std::string> key_text(const Json& key) {
  if (key.is_string()) return key.get<std::string>();
  if (key.is_boolean() || key.is_number()) return key.dump();
  return std::nullopt;
}

/// Explicit keys win over merged ones, earlier merges over later ones.
void merge_into(Json& map, std::vector<Json>& sources) {
  for (Json& source : sources) {
    for (auto& [key, value] : source.items()) {
      if (!map.contains(key)) map[key] = std::move(value);
    }
  }
}

/// Quoted or tagged as text; all else means what it looks like.
bool is_text(std::string_view tag, bool plain) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  if (!tag.starts_with(kCore)) return !plain;
  tag.remove_prefix(kCore.size());
  return tag == "str" || tag == "binary";
}

constexpr std::string_view kBadKey = "a key must be text, a number or a boolean";

}  // namespace

std::string to_string(const YamlMark& mark) {
  return fmt::format("line {}, column {}: ", mark.line, mark.column);
}

void YamlBuilder::start_document(const YamlMark& mark) {
  document_ = YamlDocument{};
  document_.first_line = static_cast<int>(mark.line);
  levels_.clear();
  anchors_.clear();
  open_anchors_.clear();
  path_.clear();
}

Result<> YamlBuilder::scalar(const YamlMark& mark, const std::string& anchor, std::string_view tag,
                             std::string value, bool plain) {
  merge_key_ = expects_key() && plain && value == "<<";
  Json resolved;
  if (is_text(tag, plain)) {
    resolved = std::move(value);
  } else {
    auto meaning = resolve_plain_scalar(value);
    if (!meaning) return refuse(mark, fmt::format("{} is no number that JSON can hold", value));
    resolved = *std::move(meaning);
  }
  if (!anchor.empty()) anchors_[anchor] = {resolved, 1, 0};
  return add(mark, std::move(resolved));
}

Result<> YamlBuilder::alias(const YamlMark& mark, const std::string& anchor) {
  if (open_anchors_.contains(anchor))
    return refuse(mark, fmt::format("anchor '{}' value contains itself", anchor));
  const auto known = anchors_.find(anchor);
  if (known == anchors_.end())
    return refuse(mark, fmt::format("unknown anchor '{}' referenced", anchor));
  if (auto counted = count_values(mark, known->second.values); !counted) return counted;
  if (levels_.size() + known->second.depth > limits_.max_depth) return refuse_depth(mark);
  if (!levels_.empty())
    levels_.back().depth = std::max(levels_.back().depth, known->second.depth + 1);
  return add(mark, known->second.value);
}

Result<> YamlBuilder::end() {
  Level level = std::move(levels_.back());
  levels_.pop_back();
  path_.resize(level.path_length);
  merge_into(level.value, level.merged);
  if (!level.anchor.empty()) {
    open_anchors_.erase(level.anchor);
    anchors_[level.anchor] = {level.value, values_ - level.values_before + 1, level.depth};
  }
  if (!levels_.empty()) levels_.back().depth = std::max(levels_.back().depth, level.depth + 1);
  return place(level.mark, std::move(level.value));
}

bool YamlBuilder::expects_key() const {
  return !levels_.empty() && levels_.back().value.is_object() && !levels_.back().key;
}

Result<> YamlBuilder::count_values(const YamlMark& mark, std::size_t more) {
  values_ += more;
  if (values_ <= limits_.max_values) return {};
  return refuse(mark,
                fmt::format("more than {} values after expanding aliases", limits_.max_values));
}

Result<> YamlBuilder::refuse_depth(const YamlMark& mark) const {
  return refuse(mark, fmt::format("nesting is deeper than {} levels", limits_.max_depth));
}

Result<> YamlBuilder::open(const YamlMark& mark, const std::string& anchor, Json container) {
  if (levels_.size() >= limits_.max_depth) return refuse_depth(mark);
  if (expects_key()) return refuse(mark, kBadKey);
  const std::size_t path_length = path_.size();
  enter_path(mark);
  Level& level = levels_.emplace_back();
  level.value = std::move(container);
  level.mark = mark;
  level.anchor = anchor;
  level.values_before = values_;
  level.path_length = path_length;
  if (!anchor.empty()) open_anchors_.insert(anchor);
  return {};
}

Result<> YamlBuilder::add(const YamlMark& mark, Json value) {
  if (expects_key()) return take_key(mark, value);
  const std::size_t path_length = path_.size();
  enter_path(mark);
  path_.resize(path_length);
  return place(mark, std::move(value));
}

Result<> YamlBuilder::take_key(const YamlMark& mark, const Json& value) {
  auto key = key_text(value);
  if (!key) return refuse(mark, kBadKey);
  Level& level = levels_.back();
  level.key = *std::move(key);
  level.merges = std::exchange(merge_key_, false);
  key_mark_ = mark;
  if (!level.merges && !level.keys.insert(*level.key).second) {
    document_.duplicate_fields.push_back(path_.empty() ? *level.key : path_ + "." + *level.key);
  }
  return {};
}

/// Appends the step to the value that comes now, and remembers its line: in a map that of its key.
void YamlBuilder::enter_path(const YamlMark& mark) {
  YamlMark where = mark;
  if (!levels_.empty()) {
    const Level& parent = levels_.back();
    if (parent.value.is_array()) {
      path_ += fmt::format("[{}]", parent.value.size());
    } else {
      path_ += (path_.empty() ? "" : ".") + *parent.key;
      where = key_mark_;
    }
  }
  // People look at errors in documents of a few hundred lines; beyond that paths would cost more
  // than the document.
  constexpr std::size_t kMostLines = 20'000;
  if (!path_.empty() && document_.lines.size() < kMostLines)
    document_.lines[path_] = static_cast<int>(where.line);
}

Result<> YamlBuilder::place(const YamlMark& mark, Json value) {
  if (auto counted = count_values(mark, 1); !counted) return counted;
  if (levels_.empty()) {
    document_.value = std::move(value);
    return {};
  }
  Level& parent = levels_.back();
  if (parent.value.is_array()) {
    parent.value.push_back(std::move(value));
    return {};
  }
  const std::string key = *std::exchange(parent.key, std::nullopt);
  if (std::exchange(parent.merges, false)) return take_merge(mark, std::move(value), parent);
  parent.value[key] = std::move(value);
  return {};
}

Result<> YamlBuilder::take_merge(const YamlMark& mark, Json value, Level& parent) {
  Json sources = value.is_array() ? std::move(value) : Json::array({std::move(value)});
  for (Json& source : sources) {
    if (!source.is_object())
      return refuse(mark, "map merge requires map or sequence of maps as the value");
    parent.merged.push_back(std::move(source));
  }
  return {};
}

}  // namespace mizan::resources
