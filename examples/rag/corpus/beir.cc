// See beir.h.
#include "examples/rag/corpus/beir.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

#include "core/json.h"

namespace mizan::rag {
namespace {

namespace fs = std::filesystem;
constexpr JsonLimits kLineLimits{.max_bytes = 64 * 1024 * 1024, .max_depth = 32};
constexpr std::string_view kForm =
    "a BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv";

/// Calls `each(line, number)` for every line that isn't empty, until one fails.
template <class Each>
Result<> for_each_line(std::string_view text, Each each) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (auto done = each(line, number); !done) return done;
  }
  return {};
}

std::unexpected<Error> wrong(const std::string& path, std::size_t line, std::string_view what) {
  return fail(Code::kBadRequest, fmt::format("{}:{}: {}", path, line, what));
}

Result<Json> object_of(const std::string& path, std::size_t number, std::string_view line) {
  auto parsed = parse_json(line, kLineLimits);
  if (!parsed) return wrong(path, number, parsed.error().message);
  if (!parsed->value.is_object()) return wrong(path, number, "is no JSON object");
  return std::move(parsed->value);
}

Result<std::string> text_of(const std::string& path, std::size_t number, const Json& object,
                            const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) {
    return wrong(path, number, fmt::format("has no text field \"{}\"", key));
  }
  return at->get<std::string>();
}

using Index = std::unordered_map<std::string, std::size_t>;

Result<Index> read_corpus(const std::string& path, Dataset& dataset) {
  TRY(const std::string text, read_file(path, kForm));
  Index index;
  auto done = for_each_line(text, [&](std::string_view line, std::size_t number) -> Result<> {
    TRY(const Json object, object_of(path, number, line));
    TRY(const std::string id, text_of(path, number, object, "_id"));
    TRY(const std::string body, text_of(path, number, object, "text"));
    const std::string title = string_at(object, "title");
    if (!index.emplace(id, dataset.documents.size()).second) {
      return wrong(path, number, fmt::format("the document \"{}\" is there twice", id));
    }
    dataset.documents.push_back({id, title.empty() ? body : title + "\n\n" + body});
    return {};
  });
  if (!done) return fail(std::move(done).error());
  if (index.empty()) return fail(Code::kBadRequest, path + ": holds no document");
  return index;
}

Result<std::vector<std::string>> answers_of(const std::string& path, std::size_t number,
                                            const Json& object) {
  std::vector<std::string> out;
  const Json* answers = find(object, "metadata.answers");
  if (!answers) return out;
  if (!answers->is_array()) return wrong(path, number, "metadata.answers is no list of texts");
  for (const Json& answer : *answers) {
    if (!answer.is_string()) return wrong(path, number, "metadata.answers is no list of texts");
    out.push_back(answer.get<std::string>());
  }
  return out;
}

Result<Index> read_queries(const std::string& path, std::vector<Question>& questions) {
  TRY(const std::string text, read_file(path, kForm));
  Index index;
  auto done = for_each_line(text, [&](std::string_view line, std::size_t number) -> Result<> {
    TRY(const Json object, object_of(path, number, line));
    Question question;
    TRY(question.id, text_of(path, number, object, "_id"));
    TRY(question.text, text_of(path, number, object, "text"));
    TRY(question.answers, answers_of(path, number, object));
    if (!index.emplace(question.id, questions.size()).second) {
      return wrong(path, number, fmt::format("the query \"{}\" is there twice", question.id));
    }
    questions.push_back(std::move(question));
    return {};
  });
  if (!done) return fail(std::move(done).error());
  return index;
}

Result<std::string> qrels_path(const std::string& folder) {
  const fs::path qrels = fs::path(folder) / "qrels";
  if (fs::exists(qrels / "test.tsv")) return (qrels / "test.tsv").string();
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(qrels, error)) {
    if (entry.path().extension() == ".tsv") found.push_back(entry.path().string());
  }
  if (found.size() == 1) return found.front();
  return fail(Code::kNotFound, fmt::format("{} holds {} files *.tsv and no test.tsv; {}",
                                           qrels.string(), found.size(), kForm));
}

std::vector<std::string_view> cells(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t tab = line.find('\t');
    out.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    line.remove_prefix(tab + 1);
  }
}

Result<> read_qrels(const std::string& path, const Index& queries, const Index& documents,
                    std::vector<Question>& questions) {
  TRY(const std::string text, read_file(path, kForm));
  return for_each_line(text, [&](std::string_view line, std::size_t number) -> Result<> {
    const auto row = cells(line);
    if (row.size() != 3) {
      return wrong(path, number,
                   fmt::format("has {} columns and not query-id, corpus-id, score", row.size()));
    }
    if (number == 1 && row[0] == "query-id") return {};
    int score = 0;
    const auto [end, error] = std::from_chars(row[2].data(), row[2].data() + row[2].size(), score);
    if (error != std::errc{} || end != row[2].data() + row[2].size()) {
      return wrong(path, number, fmt::format("the score '{}' is no whole number", row[2]));
    }
    const auto query = queries.find(std::string(row[0]));
    if (query == queries.end()) {
      return wrong(path, number, fmt::format("there is no query \"{}\"", row[0]));
    }
    const auto document = documents.find(std::string(row[1]));
    if (document == documents.end()) {
      return wrong(path, number, fmt::format("there is no document \"{}\"", row[1]));
    }
    if (score > 0) {
      questions[query->second].gold.push_back(
          {.document = static_cast<std::uint32_t>(document->second)});
    }
    return {};
  });
}

Result<> write_file(const fs::path& path, const std::string& text) {
  fs::path part = path;
  part += ".part";
  {
    std::ofstream file(part, std::ios::binary);
    file << text;
    file.close();
    if (!file) return fail(Code::kInternal, fmt::format("can't write {}", part.string()));
  }
  fs::rename(part, path);
  return {};
}

}  // namespace

Result<Dataset> load_beir(const std::string& folder, const std::string& name) {
  Dataset dataset;
  dataset.name = name;
  TRY(const Index documents, read_corpus(folder + "/corpus.jsonl", dataset));
  std::vector<Question> questions;
  TRY(const Index queries, read_queries(folder + "/queries.jsonl", questions));
  TRY(const std::string qrels, qrels_path(folder));
  if (auto done = read_qrels(qrels, queries, documents, questions); !done) {
    return fail(std::move(done).error());
  }
  for (Question& question : questions) {
    if (!question.gold.empty()) dataset.questions.push_back(std::move(question));
  }
  if (dataset.questions.empty()) {
    return fail(Code::kBadRequest, fmt::format("{}: no query has a document", qrels));
  }
  return dataset;
}

Result<> write_beir(const Dataset& dataset, const std::string& folder) {
  std::string corpus;
  std::string queries;
  std::string qrels = "query-id\tcorpus-id\tscore\n";
  for (const Document& document : dataset.documents) {
    corpus += Json{{"_id", document.id}, {"text", document.text}}.dump(
                  -1, ' ', false, Json::error_handler_t::replace) +
              "\n";
  }
  for (const Question& question : dataset.questions) {
    queries += Json{{"_id", question.id},
                    {"text", question.text},
                    {"metadata", {{"answers", question.answers}}}}
                   .dump(-1, ' ', false, Json::error_handler_t::replace) +
               "\n";
    for (const Gold& gold : question.gold) {
      qrels += fmt::format("{}\t{}\t1\n", question.id, dataset.documents[gold.document].id);
    }
  }
  std::error_code error;
  fs::create_directories(fs::path(folder) / "qrels", error);
  if (error)
    return fail(Code::kInternal, fmt::format("can't make {}: {}", folder, error.message()));
  for (const auto& [file, text] : {std::pair{"corpus.jsonl", &corpus},
                                   {"queries.jsonl", &queries},
                                   {"qrels/test.tsv", &qrels}}) {
    if (auto done = write_file(fs::path(folder) / file, *text); !done) return done;
  }
  return {};
}

}  // namespace mizan::rag
