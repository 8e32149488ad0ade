// How each of the four manuals marks a question. See faq_corpus.h.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "examples/rag/corpus/faq_corpus.h"

namespace mizan::rag {
namespace {

void keep(std::vector<Faq>& out, const std::string& name, std::string question,
          std::vector<Block> answer) {
  if (question.empty() || answer.empty()) return;
  out.push_back(
      {fmt::format("{}/{}", name, out.size() + 1), std::move(question), std::move(answer)});
}

/// "1.2. What is it?" without its number.
std::string without_number(std::string text) {
  const std::size_t at = text.find_first_not_of("0123456789. ");
  return at == std::string::npos ? std::string() : text.substr(at);
}

std::size_t first_of(std::string_view text, std::size_t from,
                     std::initializer_list<std::string_view> marks) {
  std::size_t best = text.size();
  for (const std::string_view mark : marks) best = std::min(best, text.find(mark, from));
  return best;
}

std::string heading_text(std::string_view html) { return squeezed(joined(html_blocks(html))); }

}  // namespace

std::vector<Faq> perl_faqs(const std::string& name, std::string_view pod) {
  std::vector<Faq> out;
  constexpr std::string_view kMark = "\n=head2 ";
  for (std::size_t at = pod.find(kMark); at < pod.size();) {
    const std::size_t begin = at + kMark.size();
    const std::size_t end = std::min(pod.find("\n\n", begin), pod.size());
    const std::size_t next = std::min(pod.find("\n=head", begin), pod.size());
    keep(out, name, pod_text(pod.substr(begin, end - begin)),
         pod_blocks(pod.substr(end, next > end ? next - end : 0)));
    at = pod.find(kMark, next);
  }
  return out;
}

std::vector<Faq> python_faqs(const std::string& name, std::string_view html) {
  std::vector<Faq> out;
  for (std::size_t at = first_of(html, 0, {"<h2", "<h3"}); at < html.size();) {
    const std::size_t end = std::min(html.find("</h", at), html.size());
    const std::size_t body = std::min(html.find('>', end), html.size() - 1) + 1;
    const std::size_t next = first_of(html, body, {"<h2", "<h3"});
    const std::string_view head = html.substr(at, end - at);
    const std::string question = heading_text(head);
    if (head.find("toc-backref") != std::string_view::npos && question.ends_with('?')) {
      const std::size_t stop = std::min(next, first_of(html, body, {"</section>"}));
      keep(out, name, question, html_blocks(html.substr(body, stop - body)));
    }
    at = next;
  }
  return out;
}

std::vector<Faq> debian_faqs(const std::string& name, std::string_view html) {
  std::vector<Faq> out;
  constexpr std::string_view kMark = "<h2 class=\"title\"";
  for (std::size_t at = html.find(kMark); at < html.size();) {
    const std::size_t end = std::min(html.find("</h2>", at), html.size());
    const std::size_t next =
        first_of(html, end, {kMark, "<div class=\"navfooter\"", "<h1 class=\"title\""});
    const std::string question = without_number(heading_text(html.substr(at, end - at)));
    if (question.ends_with('?')) {
      keep(out, name, question, html_blocks(html.substr(end, next - end)));
    }
    at = html.find(kMark, next);
  }
  return out;
}

std::vector<Faq> sqlite_faqs(const std::string& name, std::string_view html) {
  std::vector<Faq> out;
  constexpr std::string_view kMark = "<b>(";
  for (std::size_t at = html.find(kMark); at < html.size();) {
    const std::size_t close = std::min(html.find(')', at), html.size());
    const std::size_t end = std::min(html.find("</b>", at), html.size());
    const std::size_t next = first_of(html, end, {kMark, "</ol>"});
    const std::string_view number =
        html.substr(at + kMark.size(), close - std::min(close, at + kMark.size()));
    const bool numbered = !number.empty() && std::ranges::all_of(number, [](unsigned char c) {
      return std::isdigit(c) != 0;
    });
    if (numbered && close < end) {
      keep(out, name, heading_text(html.substr(close + 1, end - close - 1)),
           html_blocks(html.substr(end, next - end)));
    }
    at = html.find(kMark, next);
  }
  return out;
}

}  // namespace mizan::rag
