// Sphinx's, DocBook's and SQLite's pages to blocks. Not a browser: the pages are well formed enough
// for a scan over tags. See blocks.h.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>
#include <utility>

#include "examples/rag/corpus/blocks.h"

namespace mizan::rag {
namespace {

void append_utf8(std::string& out, unsigned code) {
  const auto byte = [&out](unsigned value) { out += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0U | (code >> 6U));
  } else {
    if (code < 0x10000) {
      byte(0xE0U | (code >> 12U));
    } else {
      byte(0xF0U | ((code >> 18U) & 7U));
      byte(0x80U | ((code >> 12U) & 0x3FU));
    }
    byte(0x80U | ((code >> 6U) & 0x3FU));
  }
  byte(0x80U | (code & 0x3FU));
}

void append_entity(std::string& out, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNamed{{{"amp", "&"},
                                                                                  {"lt", "<"},
                                                                                  {"gt", ">"},
                                                                                  {"quot", "\""},
                                                                                  {"apos", "'"},
                                                                                  {"nbsp", " "},
                                                                                  {"mdash", "-"},
                                                                                  {"ndash", "-"},
                                                                                  {"lsquo", "'"},
                                                                                  {"rsquo", "'"},
                                                                                  {"ldquo", "\""},
                                                                                  {"rdquo", "\""},
                                                                                  {"hellip", "..."},
                                                                                  {"le", "<="}}};
  if (name.starts_with('#')) {
    name.remove_prefix(1);
    const bool hex = name.starts_with('x') || name.starts_with('X');
    if (hex) name.remove_prefix(1);
    unsigned code = 0;
    std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
    if (code == 0xA0) code = ' ';
    if (code > 0 && code < 0x110000) append_utf8(out, code);
    return;
  }
  const auto* found =
      std::ranges::find(kNamed, name, &std::pair<std::string_view, std::string_view>::first);
  out += found == kNamed.end() ? std::string_view(" ") : found->second;
}

std::string tag_name(std::string_view inside) {
  std::string out;
  for (const char byte : inside) {
    if (byte == '/' && out.empty()) {
      out += byte;
      continue;
    }
    if (!std::isalnum(static_cast<unsigned char>(byte))) break;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  }
  return out;
}

bool parts_blocks(std::string_view tag) {
  constexpr std::array<std::string_view, 22> kTags{
      "p",  "div", "li", "ul", "ol", "dl", "dt",      "dd",         "table", "tr",     "h1",
      "h2", "h3",  "h4", "h5", "h6", "hr", "section", "blockquote", "pre",   "center", "body"};
  if (tag.starts_with('/')) tag.remove_prefix(1);
  return std::ranges::find(kTags, tag) != kTags.end();
}

class Scan {
 public:
  explicit Scan(std::string_view html) : rest_(html) {}

  std::vector<Block> blocks() {
    while (!rest_.empty()) step();
    flush();
    return std::move(out_);
  }

 private:
  void step() {
    if (rest_.starts_with("<!--")) return skip_past("-->");
    const char byte = rest_.front();
    if (byte == '<' && rest_.size() > 1 &&
        (std::isalpha(static_cast<unsigned char>(rest_[1])) || rest_[1] == '/' || rest_[1] == '!' ||
         rest_[1] == '?')) {
      return tag();
    }
    rest_.remove_prefix(1);
    if (byte == '&') {
      const std::size_t end = rest_.find(';');
      if (end != std::string_view::npos && end > 0 && end <= 10) {
        append_entity(text_, rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return;
      }
    }
    text_ += byte;
  }

  void tag() {
    const std::size_t end = std::min(rest_.find('>'), rest_.size() - 1);
    const std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    const std::string name = tag_name(inside);
    if (name == "script" || name == "style" || name == "head") return skip_past("</" + name + ">");
    if (name == "a" && inside.find("headerlink") != std::string_view::npos)
      return skip_past("</a>");
    if (name == "br") text_ += code_ ? '\n' : ' ';
    if (name == "td" || name == "th") text_ += ' ';
    if (!parts_blocks(name)) return;
    flush();
    if (name == "pre") code_ = true;
    if (name == "/pre") code_ = false;
  }

  void skip_past(std::string_view mark) {
    const std::size_t at = rest_.find(mark);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + mark.size());
  }

  void flush() {
    const std::string prose = squeezed(text_);
    if (!prose.empty()) out_.push_back({code_ ? text_ : prose, code_});
    text_.clear();
  }

  std::string_view rest_;
  std::string text_;
  bool code_ = false;
  std::vector<Block> out_;
};

}  // namespace

std::vector<Block> html_blocks(std::string_view html) { return Scan(html).blocks(); }

std::string joined(const std::vector<Block>& blocks) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty()) out += "\n\n";
    out += block.text;
  }
  return out;
}

}  // namespace mizan::rag
