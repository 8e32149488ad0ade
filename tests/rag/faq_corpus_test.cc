// The FAQ corpora out of Debian's files: POD and HTML, each manual's questions, leaks, references.
#include "examples/rag/corpus/faq_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace mizan::rag {
namespace {

using mizan::testing::put;
using mizan::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Pod, FormattingIsUndone) {
  EXPECT_EQ(
      pod_text(
          "Use C<< $a->b >> or B<I<both>>, see L<perlop/\"Float\"> and L<the site|https://x.y>."),
      "Use $a->b or both, see Float in perlop and the site.");
  EXPECT_EQ(pod_text("E<lt>tagE<gt> X<index>stays"), "<tag> stays");
}

TEST(Pod, CodeIsToldFromProse) {
  const auto blocks = pod_blocks(
      "First\nline.\n\n    my $code;\n\n=over 4\n\n=item Point\n\n=begin x\n\nno\n\n=end "
      "x\n\nLast.\n");
  EXPECT_THAT(blocks, ElementsAre(Block{"First line.", false}, Block{"    my $code;", true},
                                  Block{"Point", false}, Block{"Last.", false}));
}

TEST(Html, TagsScriptsAndPermalinksGo) {
  const auto blocks = html_blocks(
      "<head><title>x</title></head><p>One &amp; <b>two</b>&nbsp;&#8212; <a class=\"headerlink\" "
      "href=\"#\">¶</a></p>"
      "<script>var a = '<p>';</script><pre>a &lt; b\n  c</pre><!-- <p>gone</p> --><p>3 < 4</p>");
  EXPECT_THAT(blocks, ElementsAre(Block{"One & two \u2014", false}, Block{"a < b\n  c", true},
                                  Block{"3 < 4", false}));
}

TEST(Faqs, OfPerl) {
  const auto found = perl_faqs("perl/f",
                               "=head1 X\n\n=head2 Why C<this>?\n\nBecause.\n\n    code\n\n=head2 "
                               "Empty?\n\n=head2 Last?\n\nYes.\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].question, "Why this?");
  EXPECT_THAT(found[0].answer, SizeIs(2));
  EXPECT_EQ(found[1].question, "Last?");
}

TEST(Faqs, OfPython) {
  const auto found = python_faqs(
      "p",
      "<section><h2><a class=\"toc-backref\" href=\"#a\">General</a></h2><section>"
      "<h3><a class=\"toc-backref\" href=\"#b\">Is it <code>x</code>?</a><a "
      "class=\"headerlink\">¶</a></h3>\n<p>It is.</p></section>"
      "<section><h3><a class=\"toc-backref\">And y?</a></h3><p>No.</p></section><p>footer</p>");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].question, "Is it x?");
  EXPECT_EQ(joined(found[0].answer), "It is.");
  EXPECT_EQ(joined(found[1].answer), "No.");
}

TEST(Faqs, OfDebian) {
  const auto found = debian_faqs(
      "d",
      "<h2 class=\"title\"><a id=\"x\"></a>1.2.\u00a0What is it?</h2></div><p>A thing.</p>"
      "<h2 class=\"title\">1.3. Not a question</h2><p>no</p><h2 class=\"title\">1.4. "
      "Why?</h2><p>So.</p><div class=\"navfooter\">nav</div>");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].question, "What is it?");
  EXPECT_EQ(joined(found[1].answer), "So.");
}

TEST(Faqs, OfSqlite) {
  const auto found = sqlite_faqs(
      "s",
      "<p><b>(1) How do I?</b></p><blockquote>So. <b>(not) this</b></blockquote><p><b>(2) Why\n "
      "not?</b></p><blockquote>Thus.</blockquote></ol><p>end");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[1].question, "Why not?");
  EXPECT_EQ(joined(found[1].answer), "Thus.");
}

TEST(Reference, IsTheFirstProse) {
  std::string long_sentence;
  for (int at = 0; at < 70; ++at) long_sentence += "word ";
  EXPECT_EQ(reference_answer(
                {{"(contributed by someone)"}, {"  code;", true}, {"First one. Second one."}}),
            "First one. Second one.");
  const std::string cut = reference_answer({{squeezed(long_sentence)}});
  EXPECT_EQ(std::ranges::count(cut, ' '), 59) << "sixty words";
  EXPECT_EQ(reference_answer({{"x = 1", true}}), "");
}

TEST(Leaks, QuestionsThatStandInAnswersGo) {
  const std::vector<Faq> faqs{{"a/1", "How do I sort a list?", {{"See elsewhere."}}},
                              {"a/2", "Why not?", {{"Read \"How do I sort a list\" first."}}},
                              {"a/3", "WHY NOT", {{"Because."}}},
                              {"a/4", "How do I sort a tree?", {{"With care."}}}};
  std::vector<Document> documents;
  for (const Faq& faq : faqs) documents.push_back({faq.id, joined(faq.answer)});
  const auto found = leaks(faqs, documents);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].first, 0U);
  EXPECT_THAT(found[0].second, HasSubstr("word for word in a/2"));
  EXPECT_EQ(found[1].first, 2U);
  EXPECT_THAT(found[1].second, HasSubstr("asked before as a/2"));
}

TEST(FaqCorpora, AreBuiltFromATreeAsDebianLaysItOut) {
  const TempDir root;
  const auto share = root.path() / "usr/share";
  const auto pods = share / "perl/5.36.0/pod";
  put(pods / "perlfaq1.pod", "=head1 A\n\n=head2 What is a scalar?\n\nA scalar is one value.\n");
  put(pods / "perlfaq.pod", "=head1 A\n\n=head2 Index\n\nWhat is a scalar?\n");
  put(pods / "perlop.pod", "=head1 Operators\n\nThey operate.\n");
  put(pods / "perltoc.pod", "=head1 Index\n\nnothing\n");
  put(pods / "perl5100delta.pod", "=head1 News\n\nnothing\n");

  const auto without = build_faq_corpora(root.path().string());
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("Debian package python3.11-doc"));

  const auto python = share / "doc/python3.11/html";
  put(python / "faq/general.html",
      "<h2><a class=\"toc-backref\">What is a tuple?</a></h2><p>A tuple is fixed.</p></section>");
  put(python / "library/os.html",
      "<div class=\"body\" role=\"main\"><p>Calls.</p></div><div "
      "class=\"sphinxsidebar\">menu</div>");
  put(python / "whatsnew/3.html", "<p>news</p>");
  put(python / "genindex.html", "<p>index</p>");
  put(share / "doc/debian/FAQ/basic.en.html",
      "<h2 class=\"title\">1. What is apt?</h2><p>A tool.</p>");
  put(share / "doc/debian/FAQ/basic.html",
      "<h2 class=\"title\">1. What is apt?</h2><p>A tool.</p>");
  put(share / "doc/sqlite3/faq.html",
      "<b>(1) What is a rowid?</b><blockquote>A number.</blockquote>");
  put(share / "doc/sqlite3/lang.html", "<p>Language.</p>");
  put(share / "doc/sqlite3/releaselog/3.html", "<p>news</p>");

  const auto built = build_faq_corpora(root.path().string());
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_THAT(built->small.documents, SizeIs(4));
  EXPECT_THAT(built->small.questions, SizeIs(4));
  std::vector<std::string> ids;
  for (const Document& document : built->full.documents) ids.push_back(document.id);
  EXPECT_THAT(
      ids, ElementsAre("perl/perlfaq1/1", "python/general/1", "debian/basic.en/1", "sqlite/faq/1",
                       "perl/perlop", "python/library/os.html", "sqlite/lang.html"));
  EXPECT_EQ(built->full.documents[5].text, "Calls.");
  const Question& question = built->full.questions[0];
  EXPECT_EQ(question.text, "What is a scalar?");
  EXPECT_THAT(question.answers, ElementsAre("A scalar is one value."));
  EXPECT_EQ(built->full.documents[question.gold[0].document].text.find(question.text),
            std::string::npos);
}

}  // namespace
}  // namespace mizan::rag
