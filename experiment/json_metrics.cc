// One JSON object per line; what isn't one is noted and passed over.
#include "experiment/json_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mizan::experiment {
namespace {

using store::Measurement;

constexpr std::size_t kLongestLine = 1024 * 1024;
constexpr double kLatestSecond = 9e9;  // past the year 2255 the clock's range ends

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Python writes NaN and Infinity bare, which JSON doesn't know: they become texts.
std::string with_quoted_words(std::string_view text) {
  std::string out;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (in_string && c == '\\' && at + 1 < text.size()) {
      out += text.substr(at, 2);
      at += 2;
      continue;
    }
    if (c == '"') in_string = !in_string;
    std::size_t end = at;
    if (!in_string && c == '-') ++end;
    while (!in_string && end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (word == "NaN" || word == "Infinity" || word == "-Infinity") {
      out += fmt::format("\"{}\"", word);
      at = end;
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

Result<ParsedJson> parse_line(std::string_view text) {
  Result<ParsedJson> parsed = parse_json(text);
  if (!parsed && text.find_first_of("NI") != std::string_view::npos)
    return parse_json(with_quoted_words(text));
  return parsed;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::optional<Time> json_metrics_time(const Json& stamp) {
  if (stamp.is_string()) return parse_rfc3339(stamp.get_ref<const std::string&>());
  if (!stamp.is_number()) return std::nullopt;
  const double seconds = stamp.get<double>();
  if (!std::isfinite(seconds) || std::abs(seconds) > kLatestSecond) return std::nullopt;
  // Microseconds are what a double of this size still holds.
  return Time(std::chrono::microseconds(std::llround(seconds * 1e6)));
}

JsonMetricsParser::JsonMetricsParser(std::vector<std::string> metrics)
    : metrics_(std::move(metrics)), lines_(kLongestLine) {}

bool JsonMetricsParser::is_wanted(const std::string& name) const {
  return std::ranges::find(metrics_, name) != metrics_.end();
}

void JsonMetricsParser::feed(std::string_view bytes, std::vector<Measurement>& out) {
  lines_.feed(bytes, [&](std::string_view text) { line(text, out); });
}

void JsonMetricsParser::finish(std::vector<Measurement>& out) {
  lines_.finish([&](std::string_view text) { line(text, out); });
}

void JsonMetricsParser::line(std::string_view text, std::vector<Measurement>& out) {
  text = trimmed(text);
  if (text.empty()) return;
  notes_.last_line = text.substr(0, kLongestNote);
  const Result<ParsedJson> parsed = parse_line(text);
  if (!parsed || !parsed->value.is_object()) {
    notes_.damage = fmt::format("a line of it is no JSON object: \"{}\"", notes_.last_line);
    return;
  }
  const Json& object = parsed->value;
  const auto stamp = object.find("timestamp");
  const std::optional<Time> time = stamp == object.end() ? std::nullopt : json_metrics_time(*stamp);
  for (const auto& [name, value] : object.items()) {
    const bool counts = value.is_number() || value.is_string();
    if (!is_wanted(name)) {
      if (counts && name != "timestamp") notes_.add_other(name);
    } else if (counts) {
      std::string said = value.is_string() ? value.get<std::string>() : value.dump();
      out.push_back({name, std::move(said), time, std::nullopt});
    } else {
      notes_.not_a_number = fmt::format("{}: {}", name, value.dump()).substr(0, kLongestNote);
    }
  }
}

}  // namespace mizan::experiment
