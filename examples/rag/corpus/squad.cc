// See squad.h.
#include "examples/rag/corpus/squad.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "examples/rag/corpus/lined_json.h"

namespace mizan::rag {
namespace {

class Reader {
 public:
  Reader(const std::string& path, Dataset& out) : path_(path), out_(out) {}

  Result<> read(const Json& root) {
    TRY(const Json* articles, list(root, "data", "the file"));
    for (std::size_t at = 0; at < articles->size(); ++at) {
      if (auto done = article((*articles)[at], fmt::format("data[{}]", at)); !done) return done;
    }
    if (out_.questions.empty()) return fail(Code::kBadRequest, path_ + ": holds no question");
    return {};
  }

 private:
  std::unexpected<Error> wrong(const Json& near, std::string_view place, std::string_view what) {
    if (const std::size_t line = line_of(near)) line_ = line;
    return fail(Code::kBadRequest, fmt::format("{}:{}: {} {}", path_, line_, place, what));
  }

  Result<const Json*> member(const Json& object, const char* key, const std::string& place) {
    if (!object.is_object()) return wrong(object, place, "is no object");
    line_ = line_of(object);
    const auto at = object.find(key);
    if (at == object.end()) return wrong(object, place, fmt::format("has no \"{}\"", key));
    return &*at;
  }
  Result<const Json*> list(const Json& object, const char* key, const std::string& place) {
    TRY(const Json* value, member(object, key, place));
    if (!value->is_array()) return wrong(object, place, fmt::format("\"{}\" is no list", key));
    return value;
  }
  Result<std::string> text(const Json& object, const char* key, const std::string& place) {
    TRY(const Json* value, member(object, key, place));
    if (!value->is_string()) return wrong(object, place, fmt::format("\"{}\" is no text", key));
    return value->get<std::string>();
  }

  Result<> article(const Json& object, const std::string& place) {
    TRY(const Json* paragraphs, list(object, "paragraphs", place));
    Document document;
    const auto title = object.find("title");
    document.id =
        fmt::format("{}/{}", out_.documents.size(),
                    title != object.end() && title->is_string() ? title->get<std::string>()
                                                                : std::string("untitled"));
    for (std::size_t at = 0; at < paragraphs->size(); ++at) {
      auto done =
          paragraph((*paragraphs)[at], document, fmt::format("{}.paragraphs[{}]", place, at));
      if (!done) return done;
    }
    out_.documents.push_back(std::move(document));
    return {};
  }

  Result<> paragraph(const Json& object, Document& document, const std::string& place) {
    TRY(const std::string context, text(object, "context", place));
    if (!document.text.empty()) document.text += "\n\n";
    const std::size_t base = document.text.size();
    document.text += context;
    const std::vector<std::uint32_t> starts = code_points(context);
    TRY(const Json* questions, list(object, "qas", place));
    for (std::size_t at = 0; at < questions->size(); ++at) {
      auto done =
          question((*questions)[at], context, starts, base, fmt::format("{}.qas[{}]", place, at));
      if (!done) return done;
    }
    return {};
  }

  Result<> question(const Json& object, const std::string& context,
                    const std::vector<std::uint32_t>& starts, std::size_t base,
                    const std::string& place) {
    Question question;
    TRY(question.text, text(object, "question", place));
    const auto id = object.find("id");
    if (id == object.end()) return wrong(object, place, "has no \"id\"");
    question.id = id->is_string() ? id->get<std::string>() : id->dump();
    if (!ids_.insert(question.id).second) {
      return wrong(object, place, fmt::format("the id \"{}\" is there twice", question.id));
    }
    TRY(const Json* answers, list(object, "answers", place));
    if (answers->empty()) return wrong(object, place, "has no answer");
    for (std::size_t at = 0; at < answers->size(); ++at) {
      const Json& one = (*answers)[at];
      const std::string where = fmt::format("{}.answers[{}]", place, at);
      TRY(const std::string words, text(one, "text", where));
      TRY(const Json* start, member(one, "answer_start", where));
      if (!start->is_number_unsigned() || start->get<std::size_t>() >= starts.size()) {
        return wrong(one, where, "\"answer_start\" is no place in the context");
      }
      const std::size_t begin = starts[start->get<std::size_t>()];
      if (words.empty() || context.compare(begin, words.size(), words) != 0) {
        return wrong(one, where,
                     fmt::format("\"{}\" doesn't stand at answer_start {} (in code points)", words,
                                 start->get<std::size_t>()));
      }
      const Gold gold{.document = static_cast<std::uint32_t>(out_.documents.size()),
                      .begin = static_cast<std::uint32_t>(base + begin),
                      .end = static_cast<std::uint32_t>(base + begin + words.size()),
                      .whole = false};
      if (std::ranges::find(question.gold, gold) == question.gold.end()) {
        question.gold.push_back(gold);
      }
      if (std::ranges::find(question.answers, words) == question.answers.end()) {
        question.answers.push_back(words);
      }
    }
    out_.questions.push_back(std::move(question));
    return {};
  }

  /// The byte at which each code point of a text begins.
  static std::vector<std::uint32_t> code_points(std::string_view text) {
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) {
        out.push_back(static_cast<std::uint32_t>(at));
      }
    }
    return out;
  }

  const std::string& path_;
  Dataset& out_;
  std::unordered_set<std::string> ids_;
  std::size_t line_ = 1;
};

}  // namespace

Result<Dataset> read_squad(std::string_view text, const std::string& path) {
  TRY(const Json root, read_lined_json(text, path));
  Dataset dataset;
  dataset.name = "squad:" + path;
  if (auto done = Reader(path, dataset).read(root); !done) return fail(std::move(done).error());
  return dataset;
}

}  // namespace mizan::rag
