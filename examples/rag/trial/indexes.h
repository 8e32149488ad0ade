// The indexes that trials share: built for one, kept for the next that wants the same.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "examples/rag/retrieval/bm25.h"
#include "examples/rag/retrieval/embedding.h"

namespace mizan::rag {

/// One way to cut the corpus, with what was built over it. Pointers stay good until `trim`
/// or the next `chunking`.
struct Chunking {
  std::uint32_t size = 0;
  double overlap = 0;
  std::vector<Chunk> chunks;
  std::map<bool, Bm25Index> lexical;                // by "stems"
  std::map<std::string, std::vector<float>> dense;  // by the embedding's key
  std::size_t bytes() const;
};

/// Least recently used chunkings are dropped. One thread.
class Indexes {
 public:
  explicit Indexes(const Library& library) : library_(library) {}

  Chunking& chunking(std::uint32_t size, double overlap);
  const Bm25Index& lexical(Chunking& chunking, bool stems);
  /// Errors: an endpoint's.
  Result<const std::vector<float>*> dense(Chunking& chunking, const std::string& key,
                                          Embedding& embedding, unsigned threads);

  /// Keeps the two newest chunkings as far as they fit into `bytes`.
  void trim(std::size_t bytes);
  std::size_t bytes() const;

 private:
  const Library& library_;
  std::list<Chunking> kept_;  // newest first
};

}  // namespace mizan::rag
