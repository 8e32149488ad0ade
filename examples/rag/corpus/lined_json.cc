// See lined_json.h.
#include "examples/rag/corpus/lined_json.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace mizan::rag {
namespace {

/// Reads bytes and counts the lines they end. The parser copies iterators; the count is shared.
class LineCounter {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCounter(const char* at, std::size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  LineCounter& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  LineCounter operator++(int) {
    LineCounter old = *this;
    ++*this;
    return old;
  }
  bool operator==(const LineCounter& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  std::size_t* line_;
};

/// Builds the value from the parser's events.
class LineBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit LineBuilder(const std::size_t* line) : line_(line) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& value) override {
    keys_.back() = std::move(value);
    return true;
  }
  bool start_object(std::size_t) override { return open(Json{{kLineKey, *line_}}); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    error = e.what();
    return false;
  }

  Json result;
  std::string error;

 private:
  bool put(Json value) {
    if (open_.empty()) {
      result = std::move(value);
    } else if (open_.back().is_array()) {
      open_.back().push_back(std::move(value));
    } else {
      open_.back()[keys_.back()] = std::move(value);
    }
    return true;
  }
  bool open(Json value) {
    constexpr std::size_t kDeepest = 64;
    if (open_.size() >= kDeepest) {
      error = "nested too deeply";
      return false;
    }
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Json done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(done));
  }

  const std::size_t* line_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
};

}  // namespace

Result<Json> read_lined_json(std::string_view text, const std::string& path) {
  std::size_t line = 1;
  LineBuilder builder(&line);
  const bool whole = Json::sax_parse(LineCounter(text.data(), &line),
                                     LineCounter(text.data() + text.size(), &line), &builder);
  if (!whole) {
    return fail(Code::kBadRequest, fmt::format("{}:{}: is no JSON: {}", path, line, builder.error));
  }
  return std::move(builder.result);
}

std::size_t line_of(const Json& object) {
  if (!object.is_object()) return 0;
  const auto at = object.find(kLineKey);
  return at == object.end() || !at->is_number_unsigned() ? 0 : at->get<std::size_t>();
}

}  // namespace mizan::rag
