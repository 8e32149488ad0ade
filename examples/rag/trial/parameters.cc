// See parameters.h. One table row per parameter.
#include "examples/rag/trial/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <functional>
#include <limits>
#include <span>
#include <string_view>

namespace mizan::rag {
namespace {

/// Reads a value into the parameters; what is wrong with it, or empty.
using Read = std::function<std::string(const std::string&, Parameters&)>;

struct Row {
  std::string name;
  std::string range;
  std::string otherwise;
  std::string about;
  Read read;
};

template <class Number>
bool parse_number(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && at == end;
}

template <std::unsigned_integral Field>
Row whole(const char* name, Field Parameters::* field, Field low, Field high, const char* about) {
  const std::string range = high == std::numeric_limits<Field>::max()
                                ? fmt::format("whole, from {}", low)
                                : fmt::format("whole, {} to {}", low, high);
  return {name, range, fmt::format("{}", Parameters{}.*field), about,
          [=](const std::string& text, Parameters& out) -> std::string {
            double value = 0;  // "5.0" is 5: some searches print whole numbers so
            const bool number = parse_number(text, value) && value == std::floor(value);
            if (!number || value < static_cast<double>(low) || value > static_cast<double>(high)) {
              return "must be " + range;
            }
            out.*field = static_cast<Field>(value);
            return {};
          }};
}

Row fraction(const char* name, double Parameters::* field, double low, double high,
             const char* about) {
  return {name, fmt::format("{} to {}", low, high), fmt::format("{}", Parameters{}.*field), about,
          [=](const std::string& text, Parameters& out) -> std::string {
            double value = 0;
            if (!parse_number(text, value) || !(value >= low && value <= high)) {
              return fmt::format("must be a number from {} to {}", low, high);
            }
            out.*field = value;
            return {};
          }};
}

Row yes_no(const char* name, bool Parameters::* field, const char* about) {
  return {name, "0 or 1", Parameters{}.*field ? "1" : "0", about,
          [=](const std::string& text, Parameters& out) -> std::string {
            if (text != "0" && text != "1") return "must be 0 or 1";
            out.*field = text == "1";
            return {};
          }};
}

/// `words` in the order of the enumeration.
template <class Enum>
Row choice(const char* name, Enum Parameters::* field, std::vector<std::string> words,
           const char* about) {
  const std::string range = fmt::format("{}", fmt::join(words, ", "));
  return {name, range, words[static_cast<std::size_t>(Parameters{}.*field)], about,
          [=](const std::string& text, Parameters& out) -> std::string {
            const auto at = std::ranges::find(words, text);
            if (at == words.end()) return "must be one of " + range;
            out.*field = static_cast<Enum>(at - words.begin());
            return {};
          }};
}

const std::vector<Row>& table() {
  using P = Parameters;
  constexpr auto kAny32 = std::numeric_limits<std::uint32_t>::max();
  constexpr auto kAny64 = std::numeric_limits<std::uint64_t>::max();
  static const std::vector<Row> rows{
      whole("chunk_size", &P::chunk_size, 10U, 2000U, "words in a chunk"),
      fraction("chunk_overlap", &P::chunk_overlap, 0, 0.9, "share that the next chunk repeats"),
      choice("embedding", &P::embedding, {"lsa", "glove", "openai"}, "where vectors come from"),
      whole("embedding_dim", &P::embedding_dim, 2U, 1024U,
            "numbers in a vector; at most 100 for glove; not for openai"),
      fraction("bm25_k1", &P::bm25_k1, 0, 10, "how soon repeated words stop counting"),
      fraction("bm25_b", &P::bm25_b, 0, 1, "how much long chunks are held back"),
      yes_no("stem", &P::stem, "index Snowball stems rather than words"),
      fraction("hybrid_alpha", &P::hybrid_alpha, 0, 1,
               "0 is BM25 alone, 1 is dense alone; for fusion convex"),
      choice("fusion", &P::fusion, {"convex", "rrf"}, "how both lists become one"),
      yes_no("rerank", &P::rerank, "look at the first 30 again, word by word"),
      fraction("mmr_lambda", &P::mmr_lambda, 0, 1, "below 1: prefer chunks that differ"),
      whole("top_k", &P::top_k, 1U, 50U, "chunks that are passed on"),
      whole("max_context", &P::max_context, 10U, 10'000U, "words that are passed on"),
      choice("answer_style", &P::answer_style, {"sentence", "window", "lead", "span"},
             "how an answer is cut out of the context; not with an endpoint"),
      whole("answer_sentences", &P::answer_sentences, 1U, 10U, "sentences in an answer"),
      whole("max_answer_words", &P::max_answer_words, 5U, 500U, "words in an answer"),
      fraction("temperature", &P::temperature, 0, 2, "0 takes the best, more takes chances"),
      choice("prompt_template", &P::prompt_template, {"plain", "strict", "steps"},
             "what the endpoint is asked; only with an endpoint"),
      whole("num_questions", &P::num_questions, 1U, kAny32, "questions asked: the fidelity"),
      whole("seed", &P::seed, std::uint64_t{0}, kAny64, "of the draws that temperature makes"),
  };
  return rows;
}

/// What no single value shows.
void contradictions(const Parameters& p, const Assignments& given, std::vector<FieldError>& out) {
  const auto is_given = [&](const char* name) {
    const auto at = given.find(name);
    return at != given.end() && !at->second.empty();
  };
  const auto add = [&](const char* name, std::string message) {
    out.push_back({FieldReason::kInvalid, name, std::move(message)});
  };
  if (p.max_answer_words > p.max_context) {
    add("max_answer_words", fmt::format("{} words can't be cut out of a max_context of {}",
                                        p.max_answer_words, p.max_context));
  }
  if (p.embedding == EmbeddingKind::kGlove && is_given("embedding_dim") && p.embedding_dim > 100) {
    add("embedding_dim",
        fmt::format("{} is more than the 100 of embedding glove", p.embedding_dim));
  }
  if (p.chunk_size * (1 - p.chunk_overlap) < 5) {
    add("chunk_overlap", fmt::format("{} leaves less than 5 new words in a chunk of {}",
                                     p.chunk_overlap, p.chunk_size));
  }
}

}  // namespace

Result<Parameters> read_parameters(const Assignments& assignments) {
  Parameters out;
  std::vector<FieldError> wrong;
  for (const auto& [name, value] : assignments) {
    const auto row = std::ranges::find(table(), name, &Row::name);
    if (row == table().end()) {
      wrong.push_back({FieldReason::kNotSupported, name, "is no parameter of this pipeline"});
      continue;
    }
    if (value.empty()) continue;
    std::string message = row->read(value, out);
    if (!message.empty()) {
      wrong.push_back({FieldReason::kInvalid, name, fmt::format("'{}' {}", value, message)});
    }
  }
  if (wrong.empty()) contradictions(out, assignments, wrong);
  if (out.embedding == EmbeddingKind::kGlove) out.embedding_dim = std::min(out.embedding_dim, 100U);
  if (wrong.empty()) return out;
  std::string message;
  for (const FieldError& one : wrong) {
    message += fmt::format("{}{}: {}", message.empty() ? "" : "; ", one.path, one.message);
  }
  return fail(Code::kInvalid, message, wrong);
}

Result<> add_assignment(const std::string& text, Assignments& out) {
  std::string_view name = text;
  while (name.starts_with('-')) name.remove_prefix(1);
  const std::size_t equals = name.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(
        Code::kBadRequest,
        fmt::format("'{}' is no assignment: give NAME=VALUE, such as chunk_size=200", text));
  }
  std::string key(name.substr(0, equals));
  std::ranges::replace(key, '-', '_');
  out[key] = name.substr(equals + 1);
  return {};
}

std::string describe_parameters() {
  std::string out;
  for (const Row& row : table()) {
    out += fmt::format("  {:<17} {:<28} {:<9} {}\n", row.name, row.range, row.otherwise, row.about);
  }
  return out;
}

}  // namespace mizan::rag
