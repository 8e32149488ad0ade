// Each algorithm has its page, and the page's settings table is the one the program parses by.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "algorithms/registry.h"
#include "algorithms/settings_table.h"
#include "algorithms/stopping_rule.h"

namespace mizan::algorithms {
namespace {

std::string page_of(std::string_view algorithm) {
  std::ifstream file(std::string(MIZAN_SOURCE_DIR) + "/docs/algorithms/" + std::string(algorithm) +
                     ".md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(AlgorithmDocsTest, HaveAPageForEachRowWithItsSettings) {
  for (const Algorithm& row : builtin_algorithms()) {
    const std::string page = page_of(row.name);
    for (const char* heading :
         {"## Idea", "## When to use it", "## Settings", "## Limits", "## Source"})
      EXPECT_NE(page.find(heading), std::string::npos) << row.name << ": " << heading;
    const std::string plot = "plots/" + std::string(row.name) + ".svg";
    EXPECT_NE(page.find("](" + plot + ")"), std::string::npos) << row.name << ": its plot";
    EXPECT_TRUE(std::ifstream(std::string(MIZAN_SOURCE_DIR) + "/docs/algorithms/" + plot)) << plot;
    const std::string table = settings_table(row.settings);
    EXPECT_NE(page.find(table), std::string::npos)
        << "docs/algorithms/" << row.name << ".md should have under Settings:\n"
        << table;
  }
}

TEST(AlgorithmDocsTest, HaveTheSettingsOfEachStoppingRule) {
  const std::string page = page_of("../early-stopping");
  for (const StoppingAlgorithm& row : stopping_algorithms()) {
    EXPECT_NE(page.find("## " + std::string(row.name)), std::string::npos);
    EXPECT_NE(page.find(settings_table(row.settings)), std::string::npos)
        << settings_table(row.settings);
  }
}

TEST(AlgorithmDocsTest, AreListedOnOnePage) {
  const std::string index = page_of("README");
  for (const Algorithm& row : builtin_algorithms())
    EXPECT_NE(index.find("(" + std::string(row.name) + ".md)"), std::string::npos) << row.name;
}

}  // namespace
}  // namespace mizan::algorithms
