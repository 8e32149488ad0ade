// Builds the document from parser events, so that depth, duplicate keys and positions are seen as
// they come.
#include "core/json.h"

#include <fmt/format.h>

#include <set>

template class nlohmann::basic_json<>;
template class nlohmann::detail::serializer<nlohmann::json>;
template class std::map<std::string, nlohmann::json, std::less<>>;
template class std::vector<nlohmann::json>;

namespace mizan {
namespace {

class CappedBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit CappedBuilder(std::size_t max_depth) : max_depth_(max_depth) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    if (!level.keys.insert(name).second) duplicates.push_back(path_to(name));
    level.key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    error = problem.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …": the bracket is
    // nlohmann's own.
    if (auto end = error.find("] "); end != std::string::npos) error.erase(0, end + 2);
    return false;
  }

  Json root;
  std::vector<std::string> duplicates;
  std::string error;

 private:
  struct Level {
    Json* value;
    std::string key;
    std::set<std::string> keys;
  };

  template <class Value>
  Json* place(Value&& value) {
    if (levels_.empty()) {
      root = std::forward<Value>(value);
      return &root;
    }
    Level& level = levels_.back();
    if (level.value->is_array()) {
      level.value->push_back(std::forward<Value>(value));
      return &level.value->back();
    }
    Json& slot = (*level.value)[level.key];
    slot = std::forward<Value>(value);
    return &slot;
  }

  template <class Value>
  bool add(Value&& value) {
    place(std::forward<Value>(value));
    return true;
  }

  bool open(Json container) {
    if (levels_.size() >= max_depth_) {
      error = fmt::format("nesting is deeper than {} levels", max_depth_);
      return false;
    }
    levels_.push_back({place(std::move(container)), {}, {}});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  std::string path_to(const std::string& name) const {
    std::string path;
    for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
      const Level& level = levels_[i];
      if (level.value->is_array()) {
        path += fmt::format("[{}]", level.value->size() - 1);
      } else {
        path += (path.empty() ? "" : ".") + level.key;
      }
    }
    return path.empty() ? name : path + "." + name;
  }

  std::size_t max_depth_;
  std::vector<Level> levels_;
};

}  // namespace

Result<ParsedJson> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(Code::kTooLarge,
                fmt::format("Request entity too large: limit is {}", limits.max_bytes));
  }
  CappedBuilder builder(limits.max_depth);
  if (!Json::sax_parse(text, &builder)) {
    return fail(Code::kBadRequest, builder.error.empty() ? "not JSON" : builder.error);
  }
  return ParsedJson{std::move(builder.root), std::move(builder.duplicates)};
}

const Json* find(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty()) {
    const auto dot = path.find('.');
    if (!at->is_object()) return nullptr;
    const auto next = at->find(path.substr(0, dot));
    if (next == at->end()) return nullptr;
    at = &*next;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return at;
}

std::string string_at(const Json& object, std::string_view path, std::string_view otherwise) {
  const Json* at = find(object, path);
  return at != nullptr && at->is_string() ? at->get<std::string>() : std::string(otherwise);
}

}  // namespace mizan
