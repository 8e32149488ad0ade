// Data sets in the form of SQuAD v1.1: articles of paragraphs, questions with marked answers.
#pragma once

#include <string>
#include <string_view>

#include "examples/rag/corpus/dataset.h"

namespace mizan::rag {

/// An article becomes one document: its paragraphs, parted by an empty line. `answer_start` counts
/// code points, and every answer must stand where it says.
/// Errors: kBadRequest with `path`, the line and the place (data[3].paragraphs[0].qas[1]).
Result<Dataset> read_squad(std::string_view text, const std::string& path);

}  // namespace mizan::rag
