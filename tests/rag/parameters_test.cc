// Assignments to parameters; what can't work is infeasible, with every reason.
#include "examples/rag/trial/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mizan::rag {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Parameters, EveryNameIsRead) {
  const auto read = read_parameters({{"chunk_size", "57"},
                                     {"chunk_overlap", "0.25"},
                                     {"embedding", "glove"},
                                     {"embedding_dim", "64"},
                                     {"bm25_k1", "0.6"},
                                     {"bm25_b", "0"},
                                     {"stem", "0"},
                                     {"hybrid_alpha", "0.15"},
                                     {"fusion", "rrf"},
                                     {"rerank", "1"},
                                     {"mmr_lambda", "0.7"},
                                     {"top_k", "9"},
                                     {"max_context", "700"},
                                     {"answer_style", "lead"},
                                     {"answer_sentences", "3"},
                                     {"max_answer_words", "33"},
                                     {"temperature", "0.2"},
                                     {"prompt_template", "steps"},
                                     {"num_questions", "75"},
                                     {"seed", "4"}});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->chunk_size, 57U);
  EXPECT_EQ(read->embedding, EmbeddingKind::kGlove);
  EXPECT_EQ(read->fusion, Fusion::kReciprocal);
  EXPECT_FALSE(read->stem);
  EXPECT_TRUE(read->rerank);
  EXPECT_EQ(read->answer_style, AnswerStyle::kLead);
  EXPECT_EQ(read->prompt_template, PromptTemplate::kSteps);
  EXPECT_EQ(read->max_answer_words, 33U);
  EXPECT_EQ(read->bm25_k1, 0.6);
  EXPECT_EQ(read->seed, 4U);
}

TEST(Parameters, EmptyMeansSwitchedOffAndWholeNumbersMayHaveAPoint) {
  const auto read = read_parameters({{"embedding_dim", ""}, {"top_k", "7.0"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->embedding_dim, 128U);
  EXPECT_EQ(read->top_k, 7U);
}

TEST(Parameters, AllThatIsWrongIsSaid) {
  const auto read = read_parameters({{"chunk_size", "5"},
                                     {"fusion", "mean"},
                                     {"topk", "3"},
                                     {"temperature", "nan"},
                                     {"top_k", "2.5"}});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kInvalid);
  EXPECT_THAT(read.error().fields, SizeIs(5));
  EXPECT_THAT(read.error().message, HasSubstr("chunk_size: '5' must be whole, 10 to 2000"));
  EXPECT_THAT(read.error().message, HasSubstr("fusion: 'mean' must be one of convex, rrf"));
  EXPECT_THAT(read.error().message, HasSubstr("topk: is no parameter of this pipeline"));
}

TEST(Parameters, ContradictionsAreInfeasible) {
  const auto message = [](const Assignments& assignments) {
    const auto read = read_parameters(assignments);
    return read ? std::string("taken") : read.error().message;
  };
  EXPECT_THAT(message({{"max_context", "50"}, {"max_answer_words", "60"}}),
              HasSubstr("can't be cut out of a max_context of 50"));
  EXPECT_THAT(message({{"embedding", "glove"}, {"embedding_dim", "256"}}),
              HasSubstr("more than the 100 of embedding glove"));
  EXPECT_EQ(message({{"embedding", "glove"}}), "taken") << "a default is no contradiction";
  EXPECT_THAT(message({{"chunk_size", "20"}, {"chunk_overlap", "0.9"}}),
              HasSubstr("less than 5 new words"));
}

TEST(Assignments, AreNameEqualsValue) {
  Assignments out;
  ASSERT_TRUE(add_assignment("--chunk-size=100", out));
  ASSERT_TRUE(add_assignment("embedding_dim=", out));
  EXPECT_EQ(out, (Assignments{{"chunk_size", "100"}, {"embedding_dim", ""}}));
  EXPECT_FALSE(add_assignment("chunk_size", out));
  EXPECT_FALSE(add_assignment("=3", out));
}

}  // namespace
}  // namespace mizan::rag
