// Documents, questions and what is known to be their answer: the one form that every loader makes
// and the pipeline reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace mizan::rag {

struct Document {
  std::string id;
  std::string text;  // paragraphs are parted by an empty line
};

/// Where an answer stands: bytes [begin, end) of a document, or all of it when `whole`.
struct Gold {
  std::uint32_t document = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool whole = true;
  bool operator==(const Gold&) const = default;
};

struct Question {
  std::string id;
  std::string text;
  std::vector<std::string> answers;  // references; none: only retrieval can be scored
  std::vector<Gold> gold;            // at least one
};

struct Dataset {
  std::string name;
  std::vector<Document> documents;
  std::vector<Question> questions;
};

/// Which questions: those that tuning may see, those kept back, or both.
enum class Split { kTune, kTest, kAll };

/// "tune", "test" or "all".
Result<Split> parse_split(std::string_view text);

/// The questions of a split, ordered by their hash, so that the first n are a fair sample. A
/// question is for tuning when sha256(text), read as a fraction, is below 0.6: the same everywhere
/// and whatever else the set holds.
std::vector<const Question*> select(const Dataset& dataset, Split split);

/// sha256 over documents, questions, answers and gold: 64 hex digits. Two sets with the same
/// fingerprint give the same scores.
std::string fingerprint(const Dataset& dataset);

/// sha256 as 32 raw bytes.
std::string sha256(std::string_view text);
std::string to_hex(std::string_view bytes);

/// Opens `source`: "squad:FILE" (SQuAD v1.1 JSON), "beir:FOLDER" (corpus.jsonl, queries.jsonl,
/// qrels/*.tsv), or a name such as "faq-small", which is the BEIR folder of that name under
/// `corpora`. Errors: kNotFound with the command that makes or gets it; kBadRequest with file and
/// line for text that can't be read.
Result<Dataset> open_dataset(const std::string& source, const std::string& corpora);

/// Where prepare puts the corpora: $XDG_CACHE_HOME/mizan/rag, or ~/.cache/mizan/rag.
std::string default_corpora();

/// The whole file. Errors: kNotFound with `hint` appended.
Result<std::string> read_file(const std::string& path, std::string_view hint = "");

}  // namespace mizan::rag
