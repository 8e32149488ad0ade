// The text parser: split into lines, take the time off, apply the filter.
#include "experiment/text_metrics.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>

namespace mizan::experiment {
namespace {

using store::Measurement;

constexpr std::size_t kLongestLine = 64 * 1024;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) { return is_word(c) || c == '|' || c == '-'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

std::size_t digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end;
}

/// How long the number at the front of `text` is: [+-]?\d*(\.\d+)?([Ee][+-]?\d+)? with at least one
/// digit before the exponent, or nan, inf, infinity as a whole word. 0: none.
std::size_t number_length(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  std::size_t word = at;
  while (word < text.size() && is_word(text[word])) ++word;
  for (const std::string_view name : {"nan", "inf", "infinity"}) {
    if (equals_ignoring_case(text.substr(at, word - at), name)) return word;
  }
  const std::size_t begin = at;
  at = digits(text, at);
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits(text, at + 1);
    if (fraction > at + 1) at = fraction;
  }
  if (at == begin) return 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    const std::size_t end = digits(text, exponent);
    if (end > exponent) at = end;
  }
  return at;
}

/// Takes a leading RFC 3339 time and the space after it off `line`.
std::optional<Time> take_time(std::string_view& line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space < 20 || !is_digit(line[0])) return std::nullopt;
  const std::optional<Time> time = parse_rfc3339(line.substr(0, space));
  if (time) line.remove_prefix(space + 1);
  return time;
}

Result<std::unique_ptr<re2::RE2>> compile(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto compiled = std::make_unique<re2::RE2>(pattern, options);
  if (!compiled->ok())
    return fail(Code::kInvalid, "is not a regular expression that RE2 takes: " + compiled->error());
  if (compiled->NumberOfCapturingGroups() < 2) {
    return fail(
        Code::kInvalid,
        R"(must have two groups, the metric's name and its value, as in (\w+)\s*=\s*(\S+))");
  }
  return compiled;
}

}  // namespace

std::vector<FieldError> check_filters(const std::vector<std::string>& filters) {
  std::vector<FieldError> errors;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    if (const auto compiled = compile(filters[i]); !compiled) {
      errors.push_back({FieldReason::kInvalid,
                        fmt::format("spec.metricsCollectorSpec.source.filter.metricsFormat[{}]", i),
                        compiled.error().message});
    }
  }
  return errors;
}

TextMetricsParser::TextMetricsParser() : lines_(kLongestLine) {}
TextMetricsParser::TextMetricsParser(TextMetricsParser&&) noexcept = default;
TextMetricsParser& TextMetricsParser::operator=(TextMetricsParser&&) noexcept = default;
TextMetricsParser::~TextMetricsParser() = default;

Result<TextMetricsParser> TextMetricsParser::create(TextMetricsOptions options) {
  TextMetricsParser parser;
  if (std::vector<FieldError> errors = check_filters(options.filters); !errors.empty()) {
    std::string message = errors[0].path + " " + errors[0].message;
    return fail(Code::kInvalid, std::move(message), std::move(errors));
  }
  for (const std::string& pattern : options.filters) {
    TRY(auto compiled, compile(pattern));
    parser.filters_.push_back(std::move(compiled));
  }
  parser.options_ = std::move(options);
  return parser;
}

void TextMetricsParser::feed(std::string_view bytes, std::vector<Measurement>& out) {
  lines_.feed(bytes, [&](std::string_view text) { line(text, out); });
}

void TextMetricsParser::finish(std::vector<Measurement>& out) {
  lines_.finish([&](std::string_view text) { line(text, out); });
}

void TextMetricsParser::line(std::string_view text, std::vector<Measurement>& out) {
  std::optional<Time> time;
  if (options_.stamped_lines) time = take_time(text);
  note_last_line(text);
  // The trial's own time counts more than when its line was read.
  if (const std::optional<Time> own = take_time(text)) time = own;
  if (filters_.empty()) {
    default_filter(text, time, out);
  } else {
    custom_filters(text, time, out);
  }
}

bool TextMetricsParser::is_wanted(std::string_view name) const {
  return std::find(options_.metrics.begin(), options_.metrics.end(), name) !=
         options_.metrics.end();
}

void TextMetricsParser::default_filter(std::string_view text, std::optional<Time> time,
                                       std::vector<Measurement>& out) {
  std::size_t equals = text.find('=');
  std::size_t from = 0;  // what stands before it belongs to an earlier match
  while (equals != std::string_view::npos) {
    std::size_t name_end = equals;
    while (name_end > from && is_space(text[name_end - 1])) --name_end;
    std::size_t name_begin = name_end;
    while (name_begin > from && is_name(text[name_begin - 1])) --name_begin;
    const std::string_view name = text.substr(name_begin, name_end - name_begin);
    std::size_t value = equals + 1;
    while (value < text.size() && is_space(text[value])) ++value;
    const std::size_t length = name.empty() ? 0 : number_length(text.substr(value));
    if (length > 0 && is_wanted(name)) {
      out.push_back(
          {std::string(name), std::string(text.substr(value, length)), time, std::nullopt});
    } else if (length > 0) {
      notes_.add_other(name);
    } else if (!name.empty() && is_wanted(name)) {
      notes_.not_a_number =
          text.substr(name_begin, std::min(kLongestNote, text.size() - name_begin));
    }
    from = length > 0 ? value + length : equals + 1;
    equals = text.find('=', from);
  }
}

void TextMetricsParser::custom_filters(std::string_view text, std::optional<Time> time,
                                       std::vector<Measurement>& out) {
  for (const auto& filter : filters_) {
    const re2::StringPiece whole(text.data(), text.size());
    std::size_t at = 0;
    re2::StringPiece groups[3];
    while (at <= text.size() &&
           filter->Match(whole, at, text.size(), re2::RE2::UNANCHORED, groups, 3)) {
      const std::string_view name = trimmed({groups[1].data(), groups[1].size()});
      const std::string_view value = trimmed({groups[2].data(), groups[2].size()});
      if (is_wanted(name) && !value.empty()) {
        out.push_back({std::string(name), std::string(value), time, std::nullopt});
      } else if (!value.empty() && !name.empty()) {
        notes_.add_other(name);
      }
      const auto end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - text.data());
      at = groups[0].empty() ? end + 1 : end;
    }
  }
}

void TextMetricsParser::note_last_line(std::string_view text) {
  text = trimmed(text);
  if (!text.empty()) notes_.last_line = text.substr(0, kLongestNote);
}

}  // namespace mizan::experiment
