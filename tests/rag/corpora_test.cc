// Loading: SQuAD and BEIR as they come from others, good and broken; the split; the fingerprint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "examples/rag/corpus/beir.h"
#include "examples/rag/corpus/squad.h"
#include "tests/rag/small_corpus.h"
#include "tests/support/temp_dir.h"

namespace mizan::rag {
namespace {

using mizan::testing::put;
using mizan::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Squad, OffsetsCountCodePointsAndParagraphsJoin) {
  const std::string text = R"({"version": "1.1", "data": [{"title": "Caf\u00e9", "paragraphs": [
    {"context": "Un caf\u00e9 noir.", "qas": [
      {"id": "a", "question": "Quoi?", "answers": [{"text": "noir", "answer_start": 8}]}]},
    {"context": "Second part.", "qas": [
      {"id": "b", "question": "Which?", "answers": [{"text": "Second", "answer_start": 0},
                                                   {"text": "Second", "answer_start": 0}]}]}]}]})";
  const auto read = read_squad(text, "f.json");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->documents.size(), 1U);
  const std::string& document = read->documents[0].text;
  EXPECT_EQ(document, "Un caf\xC3\xA9 noir.\n\nSecond part.");
  ASSERT_EQ(read->questions.size(), 2U);
  const Gold first = read->questions[0].gold[0];
  EXPECT_EQ(document.substr(first.begin, first.end - first.begin), "noir");
  const Gold second = read->questions[1].gold[0];
  EXPECT_EQ(document.substr(second.begin, second.end - second.begin), "Second");
  EXPECT_EQ(read->questions[1].answers.size(), 1U) << "the same answer twice is one";
}

struct BadSquad {
  const char* name;
  const char* text;
  const char* said;
};
class BadSquads : public ::testing::TestWithParam<BadSquad> {};

TEST_P(BadSquads, NameTheLine) {
  const auto read = read_squad(GetParam().text, "f.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kBadRequest);
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadSquads,
    ::testing::Values(
        BadSquad{"cut_off", "{\n\"data\": [\n{\"paragraphs\"", "f.json:3: is no JSON"},
        BadSquad{"no_data", "{\n\n}", "f.json:1: the file has no \"data\""},
        BadSquad{"no_context", "{\"data\": [\n{\"paragraphs\": [\n{\"qas\": []}]}]}",
                 "f.json:3: data[0].paragraphs[0] has no \"context\""},
        BadSquad{"wrong_offset",
                 "{\"data\":[{\"paragraphs\":[{\"context\":\"one "
                 "two\",\n\"qas\":[{\"id\":\"1\",\"question\":\"?\","
                 "\"answers\":[\n{\"text\":\"two\",\"answer_start\":3}]}]}]}]}",
                 "f.json:3: data[0].paragraphs[0].qas[0].answers[0] \"two\" doesn't stand at "
                 "answer_start 3"},
        BadSquad{"beyond_the_end",
                 "{\"data\":[{\"paragraphs\":[{\"context\":\"one\",\"qas\":[{\"id\":\"1\","
                 "\"question\":\"?\","
                 "\"answers\":[{\"text\":\"one\",\"answer_start\":30}]}]}]}]}",
                 "is no place in the context"},
        BadSquad{"no_answer",
                 "{\"data\":[{\"paragraphs\":[{\"context\":\"one\",\"qas\":[{\"id\":\"1\","
                 "\"question\":\"?\","
                 "\"answers\":[]}]}]}]}",
                 "qas[0] has no answer"},
        BadSquad{"same_id",
                 "{\"data\":[{\"paragraphs\":[{\"context\":\"one\",\"qas\":[{\"id\":\"1\","
                 "\"question\":\"?\","
                 "\"answers\":[{\"text\":\"one\",\"answer_start\":0}]},\n{\"id\":\"1\","
                 "\"question\":\"?\",\"answers\":"
                 "[]}]}]}]}",
                 "f.json:2: data[0].paragraphs[0].qas[1] the id \"1\" is there twice"},
        BadSquad{"no_question", "{\"data\": []}", "holds no question"}),
    [](const auto& info) { return info.param.name; });

TEST(Beir, WhatIsWrittenIsRead) {
  const TempDir folder;
  Dataset dataset = small_dataset();
  for (Question& question : dataset.questions)
    question.gold = {{.document = question.gold[0].document}};
  ASSERT_TRUE(write_beir(dataset, folder.path().string()));
  const auto read = load_beir(folder.path().string(), "animals");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(fingerprint(*read), fingerprint(dataset));
}

struct BadBeir {
  const char* name;
  const char* corpus;
  const char* queries;
  const char* qrels;
  const char* said;
};
class BadBeirs : public ::testing::TestWithParam<BadBeir> {};

TEST_P(BadBeirs, NameFileAndLine) {
  const TempDir folder;
  put(folder.path() / "corpus.jsonl", GetParam().corpus);
  put(folder.path() / "queries.jsonl", GetParam().queries);
  put(folder.path() / "qrels/test.tsv", GetParam().qrels);
  const auto read = load_beir(folder.path().string(), "x");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().said));
}

constexpr const char* kCorpus = "{\"_id\":\"d\",\"title\":\"T\",\"text\":\"words\"}\n";
constexpr const char* kQueries = "{\"_id\":\"q\",\"text\":\"what?\"}\n";
INSTANTIATE_TEST_SUITE_P(
    Cases, BadBeirs,
    ::testing::Values(
        BadBeir{"syntax", "{\"_id\":\"d\",\"text\":\"x\"}\n\n{oops\n", kQueries, "q\td\t1\n",
                "corpus.jsonl:3: "},
        BadBeir{"no_text", "{\"_id\":\"d\"}\n", kQueries, "q\td\t1\n",
                "corpus.jsonl:1: has no text field \"text\""},
        BadBeir{"twice", "{\"_id\":\"d\",\"text\":\"x\"}\n{\"_id\":\"d\",\"text\":\"x\"}\n",
                kQueries, "q\td\t1\n", "corpus.jsonl:2: the document \"d\" is there twice"},
        BadBeir{"empty", "\n", kQueries, "q\td\t1\n", "holds no document"},
        BadBeir{"columns", kCorpus, kQueries, "query-id\tcorpus-id\tscore\nq\td\n",
                "test.tsv:2: has 2 columns"},
        BadBeir{"score", kCorpus, kQueries, "q\td\tmany\n",
                "test.tsv:1: the score 'many' is no whole number"},
        BadBeir{"unknown_document", kCorpus, kQueries, "q\te\t1\n", "there is no document \"e\""},
        BadBeir{"unknown_query", kCorpus, kQueries, "r\td\t1\n", "there is no query \"r\""},
        BadBeir{"no_gold", kCorpus, kQueries, "q\td\t0\n", "no query has a document"}),
    [](const auto& info) { return info.param.name; });

TEST(Beir, MissingFilesSayWhatAFolderHolds) {
  const TempDir folder;
  const auto read = open_dataset("beir:" + folder.path().string(), "");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("a BEIR folder holds corpus.jsonl"));
}

TEST(Corpora, AMissingCorpusNamesTheCommandThatMakesIt) {
  const auto read = open_dataset("faq-full", "/nowhere");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kNotFound);
  EXPECT_THAT(read.error().message, HasSubstr("examples/rag/prepare"));
  EXPECT_FALSE(open_dataset("csv:x", "/nowhere"));
}

TEST(Split, PartsQuestionsByTheirTextAlone) {
  const Dataset all = small_dataset();
  Dataset half = all;
  half.questions.resize(20);
  const auto ids = [](const std::vector<const Question*>& questions) {
    std::set<std::string> out;
    for (const Question* question : questions) out.insert(question->id);
    return out;
  };
  const auto tune = ids(select(all, Split::kTune));
  const auto test = ids(select(all, Split::kTest));
  EXPECT_EQ(tune.size() + test.size(), all.questions.size());
  EXPECT_GT(tune.size(), 10U);
  EXPECT_FALSE(test.empty());
  for (const std::string& id : tune) EXPECT_FALSE(test.contains(id));
  for (const std::string& id : ids(select(half, Split::kTune)))
    EXPECT_TRUE(tune.contains(id)) << id;
}

TEST(Fingerprint, ChangesWithEveryPart) {
  const Dataset base = small_dataset();
  std::set<std::string> seen{fingerprint(base)};
  Dataset changed = base;
  changed.documents[3].text += ".";
  EXPECT_TRUE(seen.insert(fingerprint(changed)).second);
  changed = base;
  changed.questions[0].answers.front() += "!";
  EXPECT_TRUE(seen.insert(fingerprint(changed)).second);
  changed = base;
  changed.questions[0].gold[0].end -= 1;
  EXPECT_TRUE(seen.insert(fingerprint(changed)).second);
  changed = base;
  changed.name = "other";
  EXPECT_FALSE(seen.insert(fingerprint(changed)).second) << "a name is no content";
}

TEST(Sha256, OfAKnownText) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace mizan::rag
