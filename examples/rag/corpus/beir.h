// Data sets in the form of BEIR: corpus.jsonl, queries.jsonl and qrels/*.tsv. The FAQ corpora are
// written in it too, with answers in each query's metadata.
#pragma once

#include <string>

#include "examples/rag/corpus/dataset.h"

namespace mizan::rag {

/// Reads `folder`. The qrels file is qrels/test.tsv, or the only one there. Rows with a score of 0
/// or less are no gold; queries without gold are left out. Answers come from
/// `metadata.answers` of a query and may be missing.
/// Errors: kNotFound for a missing file; kBadRequest with file and line.
Result<Dataset> load_beir(const std::string& folder, const std::string& name);

/// Writes what load_beir reads: every file first beside its place, then moved.
Result<> write_beir(const Dataset& dataset, const std::string& folder);

}  // namespace mizan::rag
