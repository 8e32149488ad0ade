// Models behind an OpenAI-compatible server (vLLM, llama.cpp, KServe, Ollama, …): embeddings and
// chat, over one address.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "examples/rag/retrieval/embedding.h"
#include "examples/rag/trial/parameters.h"

namespace mizan::rag {

struct Endpoint {
  std::string base_url;         // such as http://localhost:8000/v1; empty: none
  std::string model;            // for chat
  std::string embedding_model;  // for embeddings; empty: `model`
  std::string api_key_env;      // name of the variable with the key; empty: no key
  double timeout_seconds = 60;  // for each try
  unsigned tries = 4;           // with waits of 0.5, 1, 2, … seconds between them
  double first_wait_seconds = 0.5;
};

/// POSTs JSON to base_url + path and returns the answer's JSON. Tries again after a failure to
/// connect, a timeout, a 408, 425, 429 or 5xx (heeding Retry-After up to 30 s), and text that is no
/// JSON. Errors: kUnavailable with the last reason and the number of tries; kBadRequest at once
/// for any other 4xx, with what the server said. Threads: any, at once.
Result<std::string> post_json(const Endpoint& endpoint, const std::string& path,
                              const std::string& body);

/// Vectors from /embeddings, 64 texts a call; each text is asked for once in a process's life. The
/// first call tells the dimensions. Errors: as post_json, and kUnavailable for nonsense.
Result<std::unique_ptr<Embedding>> openai_embedding(const Library& library,
                                                    const Endpoint& endpoint);

/// One answer from /chat/completions. Errors: as post_json, and kUnavailable for nonsense.
Result<std::string> chat_answer(const Endpoint& endpoint, const std::string& question,
                                const std::string& context, const Parameters& parameters);

}  // namespace mizan::rag
