// A data set made ready once for all trials: every document as tokens and sentences, with how
// often each word and stem occurs. Read-only afterwards, so that threads may share it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "examples/rag/corpus/dataset.h"
#include "examples/rag/text/tokens.h"

namespace mizan::rag {

struct TokenizedDocument {
  std::vector<Token> tokens;
  std::vector<Range> sentences;  // runs of tokens
};

/// Gold as tokens of its document.
struct GoldTokens {
  std::uint32_t document = 0;
  Range tokens;
  bool whole = true;
};

class Library {
 public:
  explicit Library(Dataset dataset);

  const Dataset& dataset() const { return dataset_; }
  const std::string& fingerprint() const { return fingerprint_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  const TokenizedDocument& document(std::size_t at) const { return documents_[at]; }
  std::size_t documents() const { return documents_.size(); }
  std::size_t tokens() const { return tokens_; }

  /// The text that tokens [begin, end) of a document stand for, punctuation between them included.
  std::string_view text(std::size_t document, Range tokens) const;
  std::vector<GoldTokens> gold_tokens(const Question& question) const;

  /// Documents that hold each stem; the idf that rerankers and readers weigh words with.
  double stem_idf(std::uint32_t stem) const;

  /// Known stems of a question, each once, in order of first sight; without stop words unless it
  /// has no other.
  std::vector<std::uint32_t> query_stems(std::string_view text) const;
  /// The same in words.
  std::vector<std::uint32_t> query_words(std::string_view text) const;

 private:
  Dataset dataset_;
  std::string fingerprint_;
  Vocabulary vocabulary_;
  std::vector<TokenizedDocument> documents_;
  std::vector<std::uint32_t> stem_documents_;
  std::size_t tokens_ = 0;
};

}  // namespace mizan::rag
