// Words, stems, sentences, and what tokens of a document stand for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rag/small_corpus.h"

namespace mizan::rag {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words(std::string_view text) {
  Vocabulary vocabulary;
  std::vector<std::string> out;
  for (const Token& token : tokenize(text, vocabulary)) out.push_back(vocabulary.word(token.word));
  return out;
}

std::vector<std::string> split(const std::string& text) {
  Dataset dataset;
  dataset.documents = {{"d", text}};
  const Library library(dataset);
  std::vector<std::string> out;
  for (const Range& one : library.document(0).sentences) out.emplace_back(library.text(0, one));
  return out;
}

TEST(Tokens, AreLowerCaseRunsOfLettersDigitsAndUnderscores) {
  EXPECT_THAT(words("It's C++, x_1 = 3.5e; caf\xC3\xA9!"),
              ElementsAre("it", "s", "c", "x_1", "3", "5e", "caf\xC3\xA9"));
  EXPECT_TRUE(words(" .,- ").empty());
}

TEST(Vocabulary, WordsShareStems) {
  Vocabulary vocabulary;
  const std::uint32_t one = vocabulary.add("connected");
  const std::uint32_t two = vocabulary.add("connections");
  const std::uint32_t other = vocabulary.add("river");
  EXPECT_NE(one, two);
  EXPECT_EQ(vocabulary.add("connected"), one);
  EXPECT_EQ(vocabulary.stem(one), vocabulary.stem(two));
  EXPECT_NE(vocabulary.stem(one), vocabulary.stem(other));
  EXPECT_EQ(vocabulary.find_stem("connecting"), vocabulary.stem(one))
      << "a word never seen, a stem known";
  EXPECT_EQ(vocabulary.find("connecting"), kUnknownWord);
  EXPECT_EQ(vocabulary.find_stem("xylophone"), kUnknownWord);
}

TEST(Sentences, EndAtStopsAndEmptyLinesOnly) {
  EXPECT_THAT(split("One is here. Two is there! e.g. this goes on? 3 more\n\nnew paragraph, "
                    "version 3.5 of it."),
              ElementsAre("One is here.", "Two is there! e.g. this goes on?", "3 more",
                          "new paragraph, version 3.5 of it."));
}

TEST(Sentences, AreAtMost80Words) {
  std::string text;
  for (int at = 0; at < 200; ++at) text += "word ";
  EXPECT_THAT(split(text), ::testing::SizeIs(3));
}

TEST(Library, GoldIsFoundAsTokens) {
  const auto library = small_library();
  const Question& question = library->dataset().questions[5];
  const GoldTokens gold = library->gold_tokens(question)[0];
  EXPECT_EQ(library->text(gold.document, gold.tokens), question.answers[0]);
}

TEST(Library, AnAnswerWithinATokenIsThatToken) {
  Dataset dataset;
  dataset.documents = {{"d", "paper size B45 here"}};
  dataset.questions = {{.id = "q", .text = "?", .answers = {"45"}, .gold = {{0, 12, 14, false}}}};
  const Library library(dataset);
  EXPECT_EQ(library.gold_tokens(library.dataset().questions[0])[0].tokens, (Range{2, 3}));
}

TEST(Library, RareStemsWeighMore) {
  const auto library = small_library();
  const Vocabulary& vocabulary = library->vocabulary();
  EXPECT_GT(library->stem_idf(vocabulary.find_stem("viper")),
            library->stem_idf(vocabulary.find_stem("nesting")));
  EXPECT_GT(library->stem_idf(vocabulary.find_stem("nesting")),
            library->stem_idf(vocabulary.find_stem("here")));
}

TEST(Library, QueriesKeepKnownTermsOnce) {
  const auto library = small_library();
  EXPECT_THAT(library->query_stems("Nests nesting unheardof viper"),
              ElementsAre(library->vocabulary().find_stem("nest"),
                          library->vocabulary().find_stem("viper")));
  EXPECT_THAT(library->query_words("Viper vipers"),
              ElementsAre(library->vocabulary().find("viper")));
}

}  // namespace
}  // namespace mizan::rag
