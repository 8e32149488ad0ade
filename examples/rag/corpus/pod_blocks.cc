// Perl's manuals: POD (perlpod) to blocks. See blocks.h.
#include <cctype>

#include "examples/rag/corpus/blocks.h"

namespace mizan::rag {
namespace {

std::string escape(std::string_view name) {
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "verbar") return "|";
  if (name == "sol") return "/";
  return " ";
}

/// L<text|page>, L<page/"section">, L<https://…>: what a reader would see.
std::string link_text(const std::string& inside) {
  const std::size_t bar = inside.find('|');
  if (bar != std::string::npos) return inside.substr(0, bar);
  if (inside.find("://") != std::string::npos) return inside;
  const std::size_t slash = inside.find('/');
  if (slash == std::string::npos) return inside;
  std::string section = inside.substr(slash + 1);
  std::erase(section, '"');
  return slash == 0 ? section : section + " in " + inside.substr(0, slash);
}

/// Undoes formatting codes from `at` to the end of the text or of the code that is `angles` wide.
std::string undo(std::string_view text, std::size_t& at, std::size_t angles) {
  std::string out;
  while (at < text.size()) {
    if (angles && text.substr(at, angles) == std::string(angles, '>')) {
      at += angles;
      return out;
    }
    const bool code = std::isupper(static_cast<unsigned char>(text[at])) && at + 1 < text.size() &&
                      text[at + 1] == '<';
    if (!code) {
      out += text[at++];
      continue;
    }
    const char letter = text[at++];
    std::size_t width = 0;
    while (at < text.size() && text[at] == '<') ++width, ++at;
    const std::string inside = undo(text, at, width);
    if (letter == 'E') out += escape(inside);
    if (letter == 'L') out += link_text(inside);
    if (letter != 'E' && letter != 'L' && letter != 'X' && letter != 'Z') out += inside;
  }
  return out;
}

}  // namespace

std::string squeezed(std::string_view text) {
  constexpr std::string_view kNoBreak = "\xC2\xA0";
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool hard = text.substr(at, kNoBreak.size()) == kNoBreak;
    if (hard) ++at;
    if (!hard && !std::isspace(static_cast<unsigned char>(text[at]))) {
      out += text[at];
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string pod_text(std::string_view paragraph) {
  std::size_t at = 0;
  return squeezed(undo(paragraph, at, 0));
}

std::vector<Block> pod_blocks(std::string_view pod) {
  std::vector<Block> out;
  bool skipping = false;  // between =begin and =end
  while (!pod.empty()) {
    const std::size_t end = std::min(pod.find("\n\n"), pod.size());
    std::string_view paragraph = pod.substr(0, end);
    pod.remove_prefix(end);
    pod.remove_prefix(std::min(pod.find_first_not_of('\n'), pod.size()));
    while (paragraph.starts_with('\n')) paragraph.remove_prefix(1);
    if (paragraph.empty()) continue;
    if (paragraph.front() == '=') {
      if (paragraph.starts_with("=begin")) skipping = true;
      if (paragraph.starts_with("=end")) skipping = false;
      if (!paragraph.starts_with("=head") && !paragraph.starts_with("=item")) continue;
      const std::size_t space = paragraph.find_first_of(" \n");
      paragraph.remove_prefix(std::min(space, paragraph.size()));
    } else if (paragraph.front() == ' ' || paragraph.front() == '\t') {
      if (!skipping) out.push_back({.text = std::string(paragraph), .code = true});
      continue;
    }
    const std::string text = pod_text(paragraph);
    if (!skipping && text.find_first_not_of("* ") != std::string::npos) out.push_back({text});
  }
  return out;
}

}  // namespace mizan::rag
