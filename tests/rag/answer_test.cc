// Contexts and the answers that are cut out of them: every style, lengths, temperature.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "examples/rag/answer/reader.h"
#include "examples/rag/retrieval/lsa.h"
#include "tests/rag/small_corpus.h"

namespace mizan::rag {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Answers : public ::testing::Test {
 protected:
  Answers()
      : library_(small_library()),
        embedding_(term_embedding(*library_, train_lsa(*library_, 6).value())) {
    const Question& question = library_->dataset().questions[4];  // sand viper, feeding
    query_ = {.question = &question,
              .stems = library_->query_stems(question.text),
              .words = library_->query_words(question.text),
              .gold = library_->gold_tokens(question),
              .stream = 9,
              .vector = embedding_->query(question.text).value()};
    for (std::uint32_t rank = 0; rank < 3; ++rank) {
      const auto size = static_cast<std::uint32_t>(library_->document(4 + rank).tokens.size());
      context_.push_back({4 + rank, {0, size}, rank, 1 - 0.2F * static_cast<float>(rank)});
    }
  }

  std::string answer(const Parameters& parameters) const {
    return extract_answer(*library_, *embedding_, query_, context_, parameters);
  }

  std::shared_ptr<const Library> library_;
  std::unique_ptr<Embedding> embedding_;
  Query query_;
  std::vector<Passage> context_;
};

TEST_F(Answers, EachStyleAnswersInItsWay) {
  const std::string sentence = answer({.answer_style = AnswerStyle::kSentence});
  EXPECT_THAT(sentence, HasSubstr("sand viper"));
  EXPECT_EQ(answer({.answer_style = AnswerStyle::kLead}),
            "The sand viper is described here with regard to feeding.");
  const std::string window = answer({.answer_style = AnswerStyle::kWindow, .answer_sentences = 2});
  EXPECT_NE(library_->dataset().documents[4].text.find(window.substr(0, 40)), std::string::npos);
  const std::string span = answer({.answer_style = AnswerStyle::kSpan});
  EXPECT_LE(std::ranges::count(span, ' '), 7) << span;
  EXPECT_FALSE(span.empty());
}

TEST_F(Answers, MoreSentencesAreMoreWords) {
  for (const auto style : {AnswerStyle::kSentence, AnswerStyle::kWindow, AnswerStyle::kLead}) {
    EXPECT_LT(answer({.answer_style = style}).size(),
              answer({.answer_style = style, .answer_sentences = 3}).size());
  }
}

TEST_F(Answers, NoStyleIsLongerThanMaxAnswerWords) {
  for (const auto style :
       {AnswerStyle::kSentence, AnswerStyle::kWindow, AnswerStyle::kLead, AnswerStyle::kSpan}) {
    const std::string text =
        answer({.answer_style = style, .answer_sentences = 4, .max_answer_words = 5});
    EXPECT_LE(std::ranges::count(text, ' '), 4) << text;
  }
}

TEST_F(Answers, TemperatureMattersInEveryStyleAndRepeats) {
  for (const auto style :
       {AnswerStyle::kSentence, AnswerStyle::kWindow, AnswerStyle::kLead, AnswerStyle::kSpan}) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const Parameters parameters{
          .answer_style = style, .answer_sentences = 2, .temperature = 1, .seed = seed};
      const std::string text = answer(parameters);
      EXPECT_EQ(text, answer(parameters));
      seen.insert(text);
    }
    EXPECT_GT(seen.size(), 1U) << static_cast<int>(style);
  }
}

TEST_F(Answers, OfNothingIsNothing) {
  context_.clear();
  EXPECT_EQ(answer({}), "");
}

TEST(Gather, CutsAtTheWordLimitAndTakesNoWordTwice) {
  const auto library = small_library();
  const std::vector<Chunk> chunks{{0, {0, 20}}, {0, {10, 30}}, {1, {0, 20}}};
  const std::vector<Hit> hits{{0, 1}, {1, 0.9F}, {2, 0.8F}};
  const auto context = gather(chunks, hits, 35);
  ASSERT_THAT(context, SizeIs(3));
  EXPECT_EQ(context[1].tokens, (Range{20, 30}));
  EXPECT_EQ(context[2].tokens, (Range{0, 5}));
  EXPECT_EQ(words_in(context), 35U);
  EXPECT_THAT(context_text(*library, context), StartsWith("[1] The marsh heron"));
}

TEST(Gather, AChunkInsideOneThatWasTakenAddsNothing) {
  const std::vector<Chunk> chunks{{0, {5, 10}}, {0, {0, 20}}, {0, {6, 9}}};
  const std::vector<Hit> hits{{0, 1}, {1, 0.9F}, {2, 0.8F}};
  const auto context = gather(chunks, hits, 100);
  EXPECT_EQ(words_in(context), 20U);
  EXPECT_THAT(context, SizeIs(3)) << "the middle, then what stands before and after it";
}

TEST(Holds, AllWordsOfARunInWhateverPassages) {
  const std::vector<GoldTokens> gold{{.document = 0, .tokens = {8, 12}, .whole = false}};
  EXPECT_TRUE(holds(std::vector<Passage>{{0, {0, 10}}, {0, {10, 20}}}, gold));
  EXPECT_FALSE(holds(std::vector<Passage>{{0, {0, 11}}}, gold));
  EXPECT_FALSE(holds(std::vector<Passage>{{1, {0, 20}}}, gold));
}

TEST(FirstWords, KeepsWhiteSpaceBetween) {
  EXPECT_EQ(first_words("one  two\nthree", 2), "one  two");
  EXPECT_EQ(first_words("one two", 2), "one two");
}

}  // namespace
}  // namespace mizan::rag
