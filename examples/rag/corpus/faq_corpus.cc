// Finds the packages' files, reads them, and drops questions that give themselves away. See
// faq_corpus.h.
#include "examples/rag/corpus/faq_corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <system_error>
#include <unordered_map>

namespace mizan::rag {
namespace {

namespace fs = std::filesystem;

/// Paths of regular files below `folder`, sorted; none when there is no such folder.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_regular_file(error) && !at->is_symlink(error)) out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

/// The first folder `parent`/`prefix`*/`rest` that exists.
fs::path versioned(const fs::path& parent, const std::string& prefix, const fs::path& rest) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (entry.path().filename().string().starts_with(prefix) &&
        fs::is_directory(entry.path() / rest)) {
      found.push_back(entry.path() / rest);
    }
  }
  std::ranges::sort(found);
  return found.empty() ? fs::path() : found.back();
}

std::unexpected<Error> missing(const std::string& package, const std::string& root) {
  return fail(Code::kNotFound,
              fmt::format("{0} holds nothing of the Debian package {1}; `examples/rag/prepare` "
                          "downloads it, or `apt-get install {1}` (slim images leave "
                          "/usr/share/doc out) and --from /",
                          root, package));
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> heads) {
  return std::ranges::any_of(heads, [&](std::string_view head) { return text.starts_with(head); });
}

class Builder {
 public:
  explicit Builder(std::string root) : root_(std::move(root)) {}

  Result<FaqCorpora> build() {
    for (const auto part : {&Builder::perl, &Builder::python, &Builder::debian, &Builder::sqlite}) {
      if (auto done = (this->*part)(); !done) return fail(std::move(done).error());
    }
    return corpora();
  }

 private:
  using Pages = std::vector<Faq> (*)(const std::string&, std::string_view);

  Result<std::size_t> add_faqs(const fs::path& path, const std::string& source, Pages pages) {
    TRY(const std::string text, read_file(path.string()));
    std::vector<Faq> found = pages(source + "/" + path.stem().string(), text);
    const std::size_t count = found.size();
    std::ranges::move(found, std::back_inserter(faqs_));
    return count;
  }
  Result<> add_manual(const fs::path& path, const std::string& id, bool html) {
    TRY(const std::string text, read_file(path.string()));
    std::string_view body = text;
    // Sphinx: the page itself, without menus.
    const std::size_t main = body.find("role=\"main\"");
    if (html && main != std::string_view::npos) {
      body = body.substr(body.find('>', main) + 1);
      body = body.substr(0, body.find("class=\"sphinxsidebar\""));
    }
    Document document{.id = id, .text = joined(html ? html_blocks(body) : pod_blocks(body))};
    if (!document.text.empty()) manuals_.push_back(std::move(document));
    return {};
  }

  Result<> perl() {
    const fs::path pods = versioned(fs::path(root_) / "usr/share/perl", "5.", "pod");
    std::size_t count = 0;
    for (const fs::path& path : files_below(pods)) {
      const std::string name = path.stem().string();
      if (path.extension() != ".pod") continue;
      if (name.starts_with("perlfaq")) {
        if (name == "perlfaq") continue;  // the table of contents: it names every question
        TRY(const std::size_t found, add_faqs(path, "perl", perl_faqs));
        count += found;
      } else if (name != "perltoc" && !(name.starts_with("perl5") && name.ends_with("delta"))) {
        if (auto done = add_manual(path, "perl/" + name, false); !done) return done;
      }
    }
    if (count == 0) return missing("perl-doc", root_);
    return {};
  }

  Result<> python() {
    const fs::path html = versioned(fs::path(root_) / "usr/share/doc", "python3.", "html");
    std::size_t count = 0;
    for (const fs::path& path : files_below(html)) {
      const std::string name = path.lexically_relative(html).string();
      if (path.extension() != ".html") continue;
      if (name.starts_with("faq/")) {
        TRY(const std::size_t found, add_faqs(path, "python", python_faqs));
        count += found;
      } else if (!starts_with_any(
                     name, {"whatsnew/", "c-api/", "genindex", "py-modindex", "search", "contents",
                            "index", "_", "download", "copyright", "changelog"})) {
        if (auto done = add_manual(path, "python/" + name, true); !done) return done;
      }
    }
    if (count == 0) return missing("python3.11-doc", root_);
    return {};
  }

  Result<> debian() {
    std::size_t count = 0;
    for (const fs::path& path : files_below(fs::path(root_) / "usr/share/doc/debian/FAQ")) {
      if (!path.filename().string().ends_with(".en.html")) continue;
      TRY(const std::size_t found, add_faqs(path, "debian", debian_faqs));
      count += found;
    }
    if (count == 0) return missing("debian-faq", root_);
    return {};
  }

  Result<> sqlite() {
    const fs::path folder = fs::path(root_) / "usr/share/doc/sqlite3";
    std::size_t count = 0;
    for (const fs::path& path : files_below(folder)) {
      const std::string name = path.lexically_relative(folder).string();
      if (path.extension() != ".html") continue;
      if (name == "faq.html") {
        TRY(const std::size_t found, add_faqs(path, "sqlite", sqlite_faqs));
        count += found;
      } else if (!starts_with_any(
                     name, {"releaselog/", "changes", "chronology", "c3ref/", "syntax/", "session/",
                            "keyword_index", "sitemap", "doc_"})) {
        if (auto done = add_manual(path, "sqlite/" + name, true); !done) return done;
      }
    }
    if (count == 0) return missing("sqlite3-doc", root_);
    return {};
  }

  FaqCorpora corpora() {
    FaqCorpora out;
    out.small.name = "faq-small";
    out.full.name = "faq-full";
    std::vector<Document> documents;
    for (const Faq& faq : faqs_) documents.push_back({faq.id, joined(faq.answer)});
    out.small.documents = documents;
    std::ranges::move(manuals_, std::back_inserter(documents));
    std::map<std::size_t, std::string> bad;
    for (auto& [at, reason] : leaks(faqs_, documents)) bad.emplace(at, std::move(reason));
    for (std::size_t at = 0; at < faqs_.size(); ++at) {
      const std::string reference = reference_answer(faqs_[at].answer);
      if (reference.empty()) bad.emplace(at, "its answer has no prose");
      if (const auto found = bad.find(at); found != bad.end()) {
        out.left.push_back(
            fmt::format("{} \"{}\": {}", faqs_[at].id, faqs_[at].question, found->second));
        continue;
      }
      out.small.questions.push_back({.id = "q:" + faqs_[at].id,
                                     .text = faqs_[at].question,
                                     .answers = {reference},
                                     .gold = {{.document = static_cast<std::uint32_t>(at)}}});
    }
    out.full.documents = std::move(documents);
    out.full.questions = out.small.questions;
    return out;
  }

  std::string root_;
  std::vector<Faq> faqs_;
  std::vector<Document> manuals_;
};

std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> out;
  bool open = false;
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    if (!std::isalnum(c) && c < 0x80) {
      open = false;
      continue;
    }
    if (!open) out.emplace_back();
    open = true;
    out.back() += static_cast<char>(std::tolower(c));
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::size_t, std::string>> leaks(const std::vector<Faq>& faqs,
                                                       const std::vector<Document>& documents) {
  std::vector<std::vector<std::string>> asked;
  std::unordered_map<std::string, std::vector<std::size_t>> by_start;  // first two words
  std::map<std::vector<std::string>, std::size_t> seen;
  std::map<std::size_t, std::string> out;
  for (std::size_t at = 0; at < faqs.size(); ++at) {
    asked.push_back(plain_words(faqs[at].question));
    const auto [first, fresh] = seen.emplace(asked[at], at);
    if (!fresh) out.emplace(at, "asked before as " + faqs[first->second].id);
    if (asked[at].size() >= 2) by_start[asked[at][0] + " " + asked[at][1]].push_back(at);
  }
  for (const Document& document : documents) {
    const std::vector<std::string> words = plain_words(document.text);
    for (std::size_t begin = 0; begin + 1 < words.size(); ++begin) {
      const auto found = by_start.find(words[begin] + " " + words[begin + 1]);
      if (found == by_start.end()) continue;
      for (const std::size_t at : found->second) {
        const auto& question = asked[at];
        if (begin + question.size() > words.size() ||
            !std::equal(question.begin(), question.end(),
                        words.begin() + static_cast<std::ptrdiff_t>(begin))) {
          continue;
        }
        out.emplace(at, "stands word for word in " + document.id);
      }
    }
  }
  return {out.begin(), out.end()};
}

std::string reference_answer(const std::vector<Block>& blocks) {
  constexpr std::size_t kEnough = 40;
  constexpr std::size_t kMost = 60;
  std::string out;
  std::size_t words = 0;
  const auto count = [](std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1;
  };
  for (const Block& block : blocks) {
    const bool credit = block.text.starts_with('(') && block.text.find("ontributed by") < 20 &&
                        block.text.size() < 120;
    if (block.code || credit) continue;
    std::string_view rest = block.text;
    while (!rest.empty() && words < kEnough) {
      std::size_t end = rest.find(". ");
      end = end == std::string_view::npos ? rest.size() : end + 1;
      const std::string_view sentence = rest.substr(0, end);
      if (words > 0 && words + count(sentence) > kMost) return out;
      if (!out.empty()) out += ' ';
      out += sentence;
      words += count(sentence);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (words >= kEnough) break;
  }
  if (words <= kMost) return out;
  std::size_t at = 0;  // one sentence that is longer than a reference may be
  for (std::size_t n = 0; n < kMost && at != std::string::npos; ++n) at = out.find(' ', at + 1);
  return out.substr(0, at);
}

Result<FaqCorpora> build_faq_corpora(const std::string& root) { return Builder(root).build(); }

}  // namespace mizan::rag
