// Questions with human answers, and manuals to get lost in, out of four Debian packages:
// perl-doc, python3-doc, debian-faq and sqlite3-doc. Nothing of their text is kept in the project.
#pragma once

#include <string>
#include <vector>

#include "examples/rag/corpus/blocks.h"
#include "examples/rag/corpus/dataset.h"

namespace mizan::rag {

struct Faq {
  std::string id;  // "perlfaq4/12"
  std::string question;
  std::vector<Block> answer;
};

/// What each source's pages hold; the names say which. Questions without an answer are left out.
std::vector<Faq> perl_faqs(const std::string& name, std::string_view pod);
std::vector<Faq> python_faqs(const std::string& name, std::string_view html);
std::vector<Faq> debian_faqs(const std::string& name, std::string_view html);
std::vector<Faq> sqlite_faqs(const std::string& name, std::string_view html);

struct FaqCorpora {
  Dataset small;                  // the answers
  Dataset full;                   // the answers and the manuals
  std::vector<std::string> left;  // questions that were left out, each with the reason
};

/// Reads `root`, a file tree as Debian lays it out ("/" when the packages are installed). The
/// document of a question is its answer; the question itself is nowhere, or it is left out.
/// Errors: kNotFound with the package that is missing.
Result<FaqCorpora> build_faq_corpora(const std::string& root);

/// Questions whose words, in order, stand in a document (other questions' answers, manuals), and
/// questions asked twice. Indexes into `faqs`, each with what is wrong.
std::vector<std::pair<std::size_t, std::string>> leaks(const std::vector<Faq>& faqs,
                                                       const std::vector<Document>& documents);

}  // namespace mizan::rag
