// See yaml.h. The only file that includes libyaml, which go-yaml was made from: what it takes,
// kubectl takes.
//
// Events are pulled one by one into YamlBuilder, so that the first one past a limit ends
// everything: nothing recurses.
#include "resources/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>

#include "resources/yaml_builder.h"

namespace mizan::resources {
namespace {

/// Offset of the first byte that is no UTF-8.
std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
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

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (code < 0x20 && c != '\t' && c != '\n' && c != '\r') || code == 0x7F;
}

YamlMark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line_start = before.rfind('\n');
  return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          line_start == std::string_view::npos ? offset + 1 : offset - line_start};
}

YamlMark mark_of(const yaml_mark_t& mark) { return {mark.line + 1, mark.column + 1}; }

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? "" : std::string(reinterpret_cast<const char*>(text));
}

/// Owns libyaml's parser and the event at hand.
class Events {
 public:
  explicit Events(std::string_view text) : text_(text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// The next event, valid until the next call.
  Result<const yaml_event_t*> next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) != 0) return &event_;
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    return fail(Code::kBadRequest, problem());
  }

 private:
  std::string problem() const {
    const std::string what = parser_.problem == nullptr ? "can't be read" : parser_.problem;
    if (parser_.error == YAML_READER_ERROR)
      return to_string(mark_at(text_, parser_.problem_offset)) + what;
    std::string text = to_string(mark_of(parser_.problem_mark)) + what;
    if (parser_.context != nullptr) {
      text += fmt::format(" {}", parser_.context);
      if (parser_.context_mark.line != parser_.problem_mark.line) {
        text += fmt::format(" that begins in line {}", parser_.context_mark.line + 1);
      }
    }
    return text;
  }

  std::string_view text_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

Result<> feed(YamlBuilder& builder, const yaml_event_t& event) {
  const YamlMark mark = mark_of(event.start_mark);
  switch (event.type) {
    case YAML_SCALAR_EVENT: {
      const auto& scalar = event.data.scalar;
      return builder.scalar(mark, text_of(scalar.anchor), text_of(scalar.tag),
                            {reinterpret_cast<const char*>(scalar.value), scalar.length},
                            scalar.style == YAML_PLAIN_SCALAR_STYLE);
    }
    case YAML_ALIAS_EVENT:
      return builder.alias(mark, text_of(event.data.alias.anchor));
    case YAML_SEQUENCE_START_EVENT:
      return builder.start_list(mark, text_of(event.data.sequence_start.anchor));
    case YAML_MAPPING_START_EVENT:
      return builder.start_map(mark, text_of(event.data.mapping_start.anchor));
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      return builder.end();
    case YAML_DOCUMENT_START_EVENT:
      builder.start_document(mark);
      return {};
    default:
      return {};
  }
}

}  // namespace

int YamlDocument::line_of(std::string_view path) const {
  while (!path.empty()) {
    if (const auto known = lines.find(std::string(path)); known != lines.end())
      return known->second;
    const auto step = path.find_last_of(".[");
    path = step == std::string_view::npos ? std::string_view{} : path.substr(0, step);
  }
  return first_line;
}

Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(Code::kTooLarge,
                fmt::format("Request entity too large: limit is {}", limits.max_bytes));
  }
  if (const auto bad = first_bad_byte(text)) {
    return fail(Code::kBadRequest, to_string(mark_at(text, *bad)) + "not UTF-8");
  }
  if (const auto control = std::ranges::find_if(text, is_control); control != text.end()) {
    const auto mark = mark_at(text, static_cast<std::size_t>(control - text.begin()));
    return fail(Code::kBadRequest,
                fmt::format("{}control character 0x{:02x}; in double quotes write \\x{:02x}",
                            to_string(mark), *control, *control));
  }
  std::vector<YamlDocument> documents;
  YamlBuilder builder(limits);
  Events events(text);
  while (true) {
    TRY(const yaml_event_t* event, events.next());
    if (event->type == YAML_STREAM_END_EVENT) return documents;
    if (auto fed = feed(builder, *event); !fed) return fail(std::move(fed).error());
    if (event->type != YAML_DOCUMENT_END_EVENT) continue;
    YamlDocument document = builder.take_document();
    if (document.value.is_null()) continue;
    if (documents.size() == limits.max_documents) {
      return fail(Code::kTooLarge, fmt::format("more than {} documents", limits.max_documents));
    }
    documents.push_back(std::move(document));
  }
}

}  // namespace mizan::resources
