// The worker's protocol: JSON lines in, JSON lines out, one process for many trials.
#include "examples/rag/trial/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "core/json.h"
#include "tests/rag/small_corpus.h"

namespace mizan::rag {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<Json> serve(const std::string& lines) {
  Engine engine(small_library(), {.glove_file = {}, .endpoint = {}, .threads = 1});
  std::istringstream in(lines);
  std::ostringstream out;
  serve_trials(in, out, engine,
               {{"embedding_dim", "6"}, {"chunk_size", "30"}, {"max_answer_words", "20"}});
  std::vector<Json> answers;
  std::istringstream text(out.str());
  for (std::string line; std::getline(text, line);) answers.push_back(Json::parse(line));
  return answers;
}

std::vector<Json> ends(const std::vector<Json>& lines) {
  std::vector<Json> out;
  for (const Json& line : lines) {
    if (line.contains("done") || line.contains("error")) out.push_back(line);
  }
  return out;
}

TEST(Worker, ServesTrialAfterTrialWithTheSameAnswers) {
  const std::string one = R"({"trial": "a", "assignments": {"top_k": "3"}})";
  const std::string two = R"({"trial": "b", "assignments": [{"name": "top_k", "value": 3}]})";
  const auto lines = serve(one + "\n\n" + two + "\n");
  const auto done = ends(lines);
  ASSERT_THAT(done, SizeIs(2));
  EXPECT_EQ(done[0]["done"], "a");
  EXPECT_EQ(done[1]["done"], "b");
  EXPECT_EQ(done[0]["answers"], done[1]["answers"]);
  EXPECT_FALSE(done[0].contains("error") || done[0].contains("infeasible"));
  std::set<std::string> names;
  std::size_t last_step = 0;
  for (const Json& line : lines) {
    if (!line.contains("metric")) continue;
    names.insert(line["metric"].get<std::string>());
    EXPECT_TRUE(line["value"].is_number());
    last_step = line["step"].get<std::size_t>();
  }
  EXPECT_TRUE(names.contains("rouge_l") && names.contains("index_bytes") &&
              names.contains("p95_ms"));
  EXPECT_EQ(last_step, select(small_dataset(), Split::kTune).size());
}

TEST(Worker, SaysWhatIsInfeasibleAndGoesOn) {
  const auto done =
      ends(serve(R"({"trial": "a", "assignments": {"max_context": "10", "max_answer_words": "100"}}
{"trial": "b", "assignments": {"embedding_dim": "900"}}
{"trial": "c", "assignments": {"embedding_dim": ""}}
)"));
  ASSERT_THAT(done, SizeIs(3));
  EXPECT_THAT(done[0]["infeasible"].get<std::string>(), HasSubstr("can't be cut out"));
  EXPECT_THAT(done[1]["infeasible"].get<std::string>(),
              HasSubstr("more than this corpus can tell apart"));
  EXPECT_TRUE(done[2].contains("infeasible"))
      << "an empty value is the default of 128, too many here";
}

TEST(Worker, AnswersNonsenseWithAnError) {
  const auto done =
      ends(serve("{oops\n[1]\n{\"assignments\": {}}\n{\"trial\": \"x\", \"assignments\": "
                 "3}\n{\"trial\": \"y\"}\n"));
  ASSERT_THAT(done, SizeIs(5));
  for (std::size_t at = 0; at < 4; ++at) EXPECT_TRUE(done[at].contains("error")) << done[at];
  EXPECT_EQ(done[4]["done"], "y");
}

TEST(Worker, AnEndpointThatIsMissingFailsTheTrialOnly) {
  const auto done = ends(serve(
      "{\"trial\": \"x\", \"assignments\": {\"embedding\": \"openai\"}}\n{\"trial\": \"y\"}\n"));
  ASSERT_THAT(done, SizeIs(2));
  EXPECT_THAT(done[0].value("error", ""), HasSubstr("--base-url")) << "no fault of the parameters";
  EXPECT_TRUE(done[1].contains("answers"));
}

TEST(Worker, AStopOfAnotherTrialIsNobodys) {
  const std::string one = R"({"trial": "a", "assignments": {"top_k": "3"}})";
  const std::string two = R"({"trial": "b", "assignments": {"top_k": "3"}})";
  const auto all = ends(serve(one + "\n" + two + "\n"));
  const auto done = ends(serve(R"({"stop": "b"})" + std::string("\n") + one + "\n" +
                               R"({"stop": "c"})" + "\n" + two + "\n"));
  ASSERT_THAT(done, SizeIs(2));
  EXPECT_EQ(done[0]["answers"], all[0]["answers"]) << "a stop of another trial is nobody's";
  EXPECT_EQ(done[1]["answers"], all[1]["answers"]) << "a stop that came before is over";
}

}  // namespace
}  // namespace mizan::rag
