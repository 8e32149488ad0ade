// See openai.h.
#include "examples/rag/endpoint/openai.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <unordered_map>

#include "core/json.h"
#include "examples/rag/endpoint/http.h"

namespace mizan::rag {
namespace {

constexpr JsonLimits kAnswerLimits{.max_bytes = std::size_t{64} << 20U, .max_depth = 32};

bool worth_another_try(unsigned status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

/// What a server says went wrong, short enough for a message.
std::string complaint(const std::string& body) {
  std::string text = body;
  if (const auto parsed = parse_json(body); parsed) {
    const std::string said = string_at(parsed->value, "error.message");
    if (!said.empty()) text = said;
  }
  std::ranges::replace(text, '\n', ' ');
  return text.size() > 300 ? text.substr(0, 300) + "…" : text;
}

Result<std::map<std::string, std::string>> headers_of(const Endpoint& endpoint) {
  std::map<std::string, std::string> out;
  if (endpoint.api_key_env.empty()) return out;
  const char* key = std::getenv(endpoint.api_key_env.c_str());
  if (!key || !*key) {
    return fail(Code::kBadRequest, fmt::format("the environment has no {}: --api-key-env names the "
                                               "variable that holds the endpoint's key",
                                               endpoint.api_key_env));
  }
  out["Authorization"] = std::string("Bearer ") + key;
  return out;
}

std::unexpected<Error> nonsense(const Endpoint& endpoint, const std::string& path,
                                std::string_view what) {
  return fail(Code::kUnavailable,
              fmt::format("{}{} answered what no OpenAI-compatible server would: {}",
                          endpoint.base_url, path, what));
}

class OpenaiEmbedding final : public Embedding {
 public:
  OpenaiEmbedding(const Library& library, Endpoint endpoint)
      : library_(library), endpoint_(std::move(endpoint)) {}

  Result<> probe() {
    TRY(const auto vectors, fetch({"dimensions"}));
    dimensions_ = static_cast<std::uint32_t>(vectors.front().size());
    return {};
  }

  std::uint32_t dimensions() const override { return dimensions_; }

  Result<> chunks(std::span<const Chunk> chunks, unsigned, float* out) override {
    constexpr std::size_t kTogether = 64;
    std::vector<std::string> texts;
    for (const Chunk& chunk : chunks) {
      std::string text(library_.text(chunk.document, chunk.tokens));
      if (!known_.contains(text)) texts.push_back(text);
      if (texts.size() == kTogether) {
        if (auto done = learn(texts); !done) return done;
      }
    }
    if (auto done = learn(texts); !done) return done;
    for (const Chunk& chunk : chunks) {
      const auto& vector = known_.at(std::string(library_.text(chunk.document, chunk.tokens)));
      out = std::ranges::copy(vector, out).out;
    }
    return {};
  }

  Result<std::vector<float>> query(const std::string& text) override {
    if (!known_.contains(text)) {
      std::vector<std::string> texts{text};
      if (auto done = learn(texts); !done) return fail(std::move(done).error());
    }
    return known_.at(text);
  }

  bool part(std::uint32_t, Range, std::span<float>) const override { return false; }
  std::size_t bytes() const override { return known_.size() * dimensions_ * sizeof(float); }

 private:
  Result<> learn(std::vector<std::string>& texts) {
    if (texts.empty()) return {};
    TRY(auto vectors, fetch(texts));
    for (std::size_t at = 0; at < texts.size(); ++at) {
      if (vectors[at].size() != dimensions_) {
        return nonsense(
            endpoint_, "/embeddings",
            fmt::format("a vector of {} numbers after one of {}", vectors[at].size(), dimensions_));
      }
      known_.emplace(std::move(texts[at]), std::move(vectors[at]));
    }
    texts.clear();
    return {};
  }

  Result<std::vector<std::vector<float>>> fetch(const std::vector<std::string>& texts) {
    const std::string& model =
        endpoint_.embedding_model.empty() ? endpoint_.model : endpoint_.embedding_model;
    const Json request{{"model", model}, {"input", texts}, {"encoding_format", "float"}};
    TRY(const std::string body,
        post_json(endpoint_, "/embeddings",
                  request.dump(-1, ' ', false, Json::error_handler_t::replace)));
    TRY(const ParsedJson answer, parse_json(body, kAnswerLimits));
    const Json* data = find(answer.value, "data");
    if (!data || !data->is_array() || data->size() != texts.size()) {
      return nonsense(endpoint_, "/embeddings",
                      fmt::format("not {} embeddings in \"data\"", texts.size()));
    }
    std::vector<std::vector<float>> out(texts.size());
    for (std::size_t at = 0; at < data->size(); ++at) {
      const Json& one = (*data)[at];
      const Json* index = find(one, "index");
      const std::size_t place =
          index && index->is_number_unsigned() ? index->get<std::size_t>() : at;
      const Json* numbers = find(one, "embedding");
      const bool fine = place < out.size() && out[place].empty() && numbers &&
                        numbers->is_array() && !numbers->empty() &&
                        std::ranges::all_of(*numbers, [](const Json& n) { return n.is_number(); });
      if (!fine)
        return nonsense(endpoint_, "/embeddings", "an embedding that is no list of numbers");
      out[place] = numbers->get<std::vector<float>>();
      normalize(out[place]);
    }
    return out;
  }

  const Library& library_;
  Endpoint endpoint_;
  std::uint32_t dimensions_ = 0;
  std::unordered_map<std::string, std::vector<float>> known_;
};

std::string prompt(PromptTemplate which, const std::string& question, const std::string& context,
                   std::uint32_t words) {
  switch (which) {
    case PromptTemplate::kPlain:
      return fmt::format("Context:\n{}\nQuestion: {}\nAnswer:", context, question);
    case PromptTemplate::kStrict:
      return fmt::format(
          "Answer from these passages alone, in at most {} words. Keep their wording. If they "
          "don't "
          "hold the answer, say \"I don't know\".\n\n{}\nQuestion: {}",
          words, context, question);
    case PromptTemplate::kSteps:
      return fmt::format(
          "{}\nQuestion: {}\n\nFind the passage that answers best, then state its answer in at "
          "most "
          "{} words. Write the answer only.",
          context, question, words);
  }
  return {};
}

}  // namespace

Result<std::string> post_json(const Endpoint& endpoint, const std::string& path,
                              const std::string& body) {
  if (endpoint.base_url.empty()) {
    return fail(Code::kBadRequest, "there is no endpoint: give --base-url http://HOST:PORT/v1");
  }
  std::string base = endpoint.base_url;
  while (base.ends_with('/')) base.pop_back();
  TRY(const auto headers, headers_of(endpoint));
  std::string last;
  double wait = endpoint.first_wait_seconds;
  for (unsigned at = 0; at < endpoint.tries; ++at) {
    if (at > 0) {
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(wait, 30.0)));
      wait *= 2;
    }
    auto response = http_post(base + path, headers, body, endpoint.timeout_seconds);
    if (!response) {
      if (response.error().code == Code::kBadRequest) return fail(std::move(response).error());
      last = response.error().message;
      continue;
    }
    if (response->status == 200) {
      if (auto parsed = parse_json(response->body, kAnswerLimits); parsed)
        return std::move(response->body);
      last = fmt::format("{}{} answered no JSON: {}", base, path, complaint(response->body));
      continue;
    }
    last = fmt::format("{}{} answered {}: {}", base, path, response->status,
                       complaint(response->body));
    if (!worth_another_try(response->status)) return fail(Code::kBadRequest, last);
    wait = std::max(wait, response->retry_after_seconds);
  }
  return fail(Code::kUnavailable, fmt::format("{} (tried {} times)", last, endpoint.tries));
}

Result<std::unique_ptr<Embedding>> openai_embedding(const Library& library,
                                                    const Endpoint& endpoint) {
  auto out = std::make_unique<OpenaiEmbedding>(library, endpoint);
  if (auto done = out->probe(); !done) return fail(std::move(done).error());
  return out;
}

Result<std::string> chat_answer(const Endpoint& endpoint, const std::string& question,
                                const std::string& context, const Parameters& parameters) {
  // A word is at most about two of a model's tokens.
  const Json request{
      {"model", endpoint.model},
      {"messages",
       {{{"role", "system"}, {"content", "You answer questions from the passages you are given."}},
        {{"role", "user"},
         {"content",
          prompt(parameters.prompt_template, question, context, parameters.max_answer_words)}}}},
      {"temperature", parameters.temperature},
      {"max_tokens", 2 * parameters.max_answer_words + 16},
      {"seed", parameters.seed}};
  constexpr const char* kPath = "/chat/completions";
  TRY(const std::string body,
      post_json(endpoint, kPath, request.dump(-1, ' ', false, Json::error_handler_t::replace)));
  TRY(const ParsedJson answer, parse_json(body, kAnswerLimits));
  const Json* choices = find(answer.value, "choices");
  if (!choices || !choices->is_array() || choices->empty()) {
    return nonsense(endpoint, kPath, "no \"choices\"");
  }
  const Json* content = find(choices->front(), "message.content");
  if (!content || !content->is_string()) return nonsense(endpoint, kPath, "a choice without text");
  return content->get<std::string>();
}

}  // namespace mizan::rag
