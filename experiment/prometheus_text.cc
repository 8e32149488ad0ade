// name{label="value",…} number [milliseconds]
#include "experiment/prometheus_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "experiment/observation.h"

namespace mizan::experiment {
namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

std::string_view take_name(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && (end == 0 ? is_name_start(text[end]) : is_name(text[end]))) ++end;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  return name;
}

std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end])) ++end;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

/// "…" with \\, \" and \n.
bool take_quoted(std::string_view& text, std::string& value) {
  if (!text.starts_with('"')) return false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return true;
    }
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      value += text[at] == 'n' ? '\n' : text[at];
    } else {
      value += text[at];
    }
  }
  return false;
}

/// {a="1",b="2",}; nothing at all is right too.
bool take_labels(std::string_view& text, std::map<std::string, std::string>& labels) {
  skip_blanks(text);
  if (!text.starts_with('{')) return true;
  text.remove_prefix(1);
  while (true) {
    skip_blanks(text);
    if (text.starts_with('}')) {
      text.remove_prefix(1);
      return true;
    }
    const std::string name(take_name(text));
    skip_blanks(text);
    if (name.empty() || !text.starts_with('=')) return false;
    text.remove_prefix(1);
    skip_blanks(text);
    if (!take_quoted(text, labels[name])) return false;
    skip_blanks(text);
    if (text.starts_with(',')) {
      text.remove_prefix(1);
    } else if (!text.starts_with('}')) {
      return false;
    }
  }
}

std::optional<Time> take_time(std::string_view& text) {
  const std::string_view word = take_word(text);
  std::int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), milliseconds);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  constexpr std::int64_t kMost = 9'000'000'000'000;
  if (milliseconds < 0 || milliseconds > kMost) return std::nullopt;
  return Time(std::chrono::milliseconds(milliseconds));
}

/// What a wanted metric's name asks for.
struct Wanted {
  std::string name;
  std::map<std::string, std::string> labels;
};

Wanted read_wanted(const std::string& metric) {
  std::string_view text = metric;
  Wanted wanted{std::string(take_name(text)), {}};
  if (!take_labels(text, wanted.labels) || !text.empty()) return {metric, {}};
  return wanted;
}

bool fits(const Wanted& wanted, const PrometheusSample& sample) {
  return sample.name == wanted.name && std::ranges::all_of(wanted.labels, [&](const auto& label) {
           const auto found = sample.labels.find(label.first);
           return found != sample.labels.end() && found->second == label.second;
         });
}

}  // namespace

std::optional<PrometheusSample> read_prometheus_line(std::string_view line) {
  skip_blanks(line);
  PrometheusSample sample;
  sample.name = take_name(line);
  if (sample.name.empty() || !take_labels(line, sample.labels)) return std::nullopt;
  skip_blanks(line);
  sample.value = take_word(line);
  if (!parse_metric_value(sample.value)) return std::nullopt;
  skip_blanks(line);
  if (!line.empty()) {
    sample.time = take_time(line);
    if (!sample.time) return std::nullopt;
    skip_blanks(line);
  }
  return line.empty() ? std::optional(std::move(sample)) : std::nullopt;
}

std::vector<std::pair<std::string, PrometheusSample>> read_prometheus(
    std::string_view text, const std::vector<std::string>& metrics, MetricsNotes& notes) {
  std::vector<Wanted> wanted;
  for (const std::string& metric : metrics) wanted.push_back(read_wanted(metric));
  std::vector<std::optional<PrometheusSample>> found(metrics.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    skip_blanks(line);
    if (line.empty() || line.starts_with('#')) continue;
    std::optional<PrometheusSample> sample = read_prometheus_line(line);
    if (!sample) {
      notes.damage = fmt::format("a line of it is no sample: \"{}\"", line.substr(0, kLongestNote));
      continue;
    }
    bool any = false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!fits(wanted[i], *sample)) continue;
      any = true;
      // The series without labels is the metric itself.
      if (!found[i] || (sample->labels.empty() && !found[i]->labels.empty())) found[i] = *sample;
    }
    if (!any) notes.add_other(sample->name);
  }
  std::vector<std::pair<std::string, PrometheusSample>> samples;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (found[i]) samples.emplace_back(metrics[i], *std::move(found[i]));
  }
  return samples;
}

}  // namespace mizan::experiment
