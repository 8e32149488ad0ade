// Embeddings and chat from an OpenAI-compatible endpoint: what is asked, what is made of answers,
// and what happens when the endpoint is down, slow, busy, refuses, or talks nonsense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/json.h"
#include "examples/rag/trial/engine.h"
#include "tests/rag/fake_endpoint.h"
#include "tests/rag/small_corpus.h"
#include "tests/support/temp_dir.h"

namespace mizan::rag {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Endpoint endpoint_of(const std::string& base_url) {
  return {.base_url = base_url,
          .model = "m",
          .embedding_model = {},
          .api_key_env = {},
          .timeout_seconds = 5,
          .tries = 3,
          .first_wait_seconds = 0.01};
}

/// Embeds by counting letters; chats by repeating the first passage.
FakeAnswer echo(const FakeRequest& request, std::size_t) {
  const Json body = Json::parse(request.body);
  if (request.path.ends_with("/embeddings")) {
    Json data = Json::array();
    const auto& input = body["input"];
    for (std::size_t at = input.size(); at-- > 0;) {  // in any order: "index" says which
      std::vector<double> counts(26, 0.001);
      for (const char c : input[at].get<std::string>()) {
        if (c >= 'a' && c <= 'z') counts[static_cast<std::size_t>(c - 'a')] += 1;
      }
      data.push_back({{"index", at}, {"embedding", counts}});
    }
    return {.body = Json{{"data", data}}.dump()};
  }
  const std::string prompt = body["messages"][1]["content"];
  const std::size_t begin = prompt.find("[1] ") + 4;
  return {.body =
              Json{{"choices",
                    {{{"message",
                       {{"content", prompt.substr(begin, prompt.find('\n', begin) - begin)}}}}}}}
                  .dump()};
}

TEST(PostJson, TriesAgainAfterFailuresThatPass) {
  const FakeEndpoint server([](const FakeRequest&, std::size_t number) -> FakeAnswer {
    if (number == 0) return {.status = 503, .body = "busy"};
    if (number == 1) return {.status = 200, .body = "<html>gateway</html>"};
    return {.body = "{\"ok\": true}"};
  });
  const auto answer = post_json(endpoint_of(server.base_url() + "/"), "/x", "{}");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, "{\"ok\": true}");
  ASSERT_THAT(server.requests(), SizeIs(3));
  EXPECT_EQ(server.requests()[0].path, "/v1/x");
}

TEST(PostJson, GivesUpWithTheLastReason) {
  const FakeEndpoint server([](const FakeRequest&, std::size_t) -> FakeAnswer {
    return {.status = 500, .body = R"({"error": {"message": "out of memory"}})"};
  });
  const auto answer = post_json(endpoint_of(server.base_url()), "/x", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("answered 500: out of memory (tried 3 times)"));
}

TEST(PostJson, DoesNotRepeatWhatIsRefused) {
  const FakeEndpoint server([](const FakeRequest&, std::size_t) -> FakeAnswer {
    return {.status = 404, .body = R"({"error": {"message": "The model `m` does not exist."}})"};
  });
  const auto answer = post_json(endpoint_of(server.base_url()), "/x", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kBadRequest);
  EXPECT_THAT(answer.error().message, HasSubstr("The model `m` does not exist."));
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST(PostJson, AServerThatIsDownOrSlowIsUnavailable) {
  std::string gone;
  {
    const FakeEndpoint server(echo);
    gone = server.base_url();
  }
  auto answer = post_json(endpoint_of(gone), "/x", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("tried 3 times"));

  const FakeEndpoint slow(
      [](const FakeRequest&, std::size_t) { return FakeAnswer{.body = {}, .hang = true}; });
  Endpoint endpoint = endpoint_of(slow.base_url());
  endpoint.timeout_seconds = 0.05;
  endpoint.tries = 2;
  answer = post_json(endpoint, "/x", "{}");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("gave no answer within 0.05 s (tried 2 times)"));
}

TEST(PostJson, WrongAddressesAndMissingKeysAreSaidAtOnce) {
  for (const char* url : {"", "localhost:8000", "ftp://x/v1", "http:///v1"}) {
    const auto answer = post_json(endpoint_of(url), "/x", "{}");
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Code::kBadRequest) << url;
  }
  Endpoint endpoint = endpoint_of("http://127.0.0.1:1/v1");
  endpoint.api_key_env = "MIZAN_TEST_NO_SUCH_KEY";
  EXPECT_THAT(post_json(endpoint, "/x", "{}").error().message,
              HasSubstr("the environment has no MIZAN_TEST_NO_SUCH_KEY"));
}

TEST(PostJson, TheKeyIsSent) {
  const FakeEndpoint server(
      [](const FakeRequest&, std::size_t) { return FakeAnswer{.body = "{}"}; });
  ASSERT_EQ(setenv("MIZAN_TEST_KEY", "k-1", 1), 0);
  Endpoint endpoint = endpoint_of(server.base_url());
  endpoint.api_key_env = "MIZAN_TEST_KEY";
  ASSERT_TRUE(post_json(endpoint, "/x", "{}"));
  EXPECT_EQ(server.requests()[0].authorization, "Bearer k-1");
}

TEST(PostJson, SpeaksTlsAndChecksTheCertificate) {
  const mizan::testing::TempDir folder;
  const std::string path = (folder / "ca.pem").string();
  const FakeEndpoint server(
      [](const FakeRequest&, std::size_t) { return FakeAnswer{.body = "{}"}; }, true, path);
  Endpoint endpoint = endpoint_of(server.base_url());
  endpoint.tries = 1;
  const auto stranger = post_json(endpoint, "/x", "{}");
  ASSERT_FALSE(stranger) << "nobody vouches for this certificate";
  EXPECT_THAT(stranger.error().message, HasSubstr("certificate verify failed"));
  ASSERT_EQ(setenv("SSL_CERT_FILE", path.c_str(), 1), 0);
  const auto known = post_json(endpoint, "/x", "{}");
  ASSERT_EQ(unsetenv("SSL_CERT_FILE"), 0);
  EXPECT_TRUE(known) << known.error().message;
}

TEST(OpenaiEmbedding, AsksForEachTextOnce) {
  const FakeEndpoint server(echo);
  const auto library = small_library();
  auto embedding = openai_embedding(*library, endpoint_of(server.base_url()));
  ASSERT_TRUE(embedding) << embedding.error().message;
  EXPECT_EQ((*embedding)->dimensions(), 26U);
  const auto chunks = cut(*library, 30, 0);
  std::vector<float> vectors(chunks.size() * 26);
  ASSERT_TRUE((*embedding)->chunks(chunks, 1, vectors.data()));
  const std::size_t calls = server.requests().size();
  EXPECT_EQ(calls, 1 + (chunks.size() + 63) / 64);
  ASSERT_TRUE((*embedding)->chunks(chunks, 1, vectors.data()));
  EXPECT_EQ(server.requests().size(), calls);
  EXPECT_NEAR(dot(vectors.data(), vectors.data(), 26), 1, 1e-4);
  const auto query = (*embedding)->query(std::string(library->text(0, chunks[0].tokens)));
  EXPECT_NEAR(dot(vectors.data(), query->data(), 26), 1, 1e-4)
      << "vectors are put where \"index\" says";
}

class Nonsense : public ::testing::TestWithParam<const char*> {};
TEST_P(Nonsense, IsAClearFailure) {
  const FakeEndpoint server(
      [](const FakeRequest&, std::size_t) { return FakeAnswer{.body = GetParam()}; });
  const auto embedding = openai_embedding(*small_library(), endpoint_of(server.base_url()));
  ASSERT_FALSE(embedding);
  EXPECT_EQ(embedding.error().code, Code::kUnavailable);
  EXPECT_THAT(embedding.error().message, HasSubstr("what no OpenAI-compatible server would"));
  const auto answer = chat_answer(endpoint_of(server.base_url()), "q", "c", {});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("what no OpenAI-compatible server would"));
}
INSTANTIATE_TEST_SUITE_P(
    Bodies, Nonsense,
    ::testing::Values(
        "{}", "[]", R"({"data": [], "choices": []})",
        R"({"data": [{"embedding": "x"}], "choices": [{"message": {}}]})",
        R"({"data": [{"embedding": [1, null]}], "choices": [{"message": {"content": 3}}]})"));

TEST(Chat, ATrialAsksWithItsTemplateAndTemperature) {
  const FakeEndpoint server(echo);
  Engine engine(
      small_library(),
      {.glove_file = {}, .chat = true, .endpoint = endpoint_of(server.base_url()), .threads = 2});
  const auto parameters = read_parameters({{"embedding_dim", "6"},
                                           {"chunk_size", "60"},
                                           {"num_questions", "5"},
                                           {"prompt_template", "strict"},
                                           {"temperature", "0.7"},
                                           {"max_answer_words", "12"}});
  const auto result = engine.run(*parameters, Split::kAll, [](std::size_t, const Metrics&) {});
  ASSERT_TRUE(result) << result.error().message;
  for (const QuestionScores& question : result->questions) {
    EXPECT_EQ(std::ranges::count(question.answer, ' '), 11) << "cut at max_answer_words";
  }
  ASSERT_THAT(server.requests(), SizeIs(5));
  const Json body = Json::parse(server.requests()[0].body);
  EXPECT_EQ(server.requests()[0].path, "/v1/chat/completions");
  EXPECT_EQ(body["temperature"], 0.7);
  EXPECT_EQ(body["model"], "m");
  EXPECT_THAT(body["messages"][1]["content"].get<std::string>(), HasSubstr("in at most 12 words"));
}

TEST(Chat, ATrialFailsWithTheEndpoint) {
  const FakeEndpoint server(
      [](const FakeRequest&, std::size_t) { return FakeAnswer{.status = 503, .body = "loading"}; });
  Engine engine(
      small_library(),
      {.glove_file = {}, .chat = true, .endpoint = endpoint_of(server.base_url()), .threads = 2});
  const auto result = engine.run(*read_parameters({{"embedding_dim", "6"}}), Split::kAll,
                                 [](std::size_t, const Metrics&) {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace mizan::rag
