// Turns a YAML parser's events into JSON documents, checking limits as the events come.
//
// Knows no parser library: yaml.cc feeds it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "resources/yaml.h"

namespace mizan::resources {

/// A place in the text, from 1.
struct YamlMark {
  std::size_t line = 1, column = 1;
};
/// "line 3, column 7: "
std::string to_string(const YamlMark& mark);

/// Errors of all events: kBadRequest, with the place.
class YamlBuilder {
 public:
  explicit YamlBuilder(const YamlLimits& limits) : limits_(limits) {}

  void start_document(const YamlMark& mark);
  /// An empty anchor or tag: none. `plain`: not in quotes, no block text.
  Result<> scalar(const YamlMark& mark, const std::string& anchor, std::string_view tag,
                  std::string value, bool plain);
  Result<> alias(const YamlMark& mark, const std::string& anchor);
  Result<> start_list(const YamlMark& mark, const std::string& anchor) {
    return open(mark, anchor, Json::array());
  }
  Result<> start_map(const YamlMark& mark, const std::string& anchor) {
    return open(mark, anchor, Json::object());
  }
  Result<> end();  // of the innermost list or map
  YamlDocument take_document() { return std::move(document_); }

 private:
  struct Level {
    Json value;
    YamlMark mark;
    std::string anchor;
    std::size_t values_before = 0;   // to know how many this one holds
    std::size_t depth = 1;           // of the deepest value below, itself included
    std::optional<std::string> key;  // read, its value not yet
    bool merges = false;             // the key is <<
    std::set<std::string> keys;      // given here, not merged in
    std::vector<Json> merged;        // values of <<, in order
    std::size_t path_length = 0;     // of path_ before this level
  };
  struct Anchor {
    Json value;
    std::size_t values = 1, depth = 0;
  };

  bool expects_key() const;
  Result<> count_values(const YamlMark& mark, std::size_t more);
  Result<> refuse_depth(const YamlMark& mark) const;
  Result<> open(const YamlMark& mark, const std::string& anchor, Json container);
  Result<> add(const YamlMark& mark, Json value);
  Result<> take_key(const YamlMark& mark, const Json& value);
  void enter_path(const YamlMark& mark);
  Result<> place(const YamlMark& mark, Json value);
  static Result<> take_merge(const YamlMark& mark, Json value, Level& parent);

  const YamlLimits& limits_;
  YamlDocument document_;
  std::vector<Level> levels_;
  std::map<std::string, Anchor> anchors_;
  std::set<std::string> open_anchors_;
  std::string path_;
  YamlMark key_mark_;
  std::size_t values_ = 0;
  bool merge_key_ = false;
};

}  // namespace mizan::resources
