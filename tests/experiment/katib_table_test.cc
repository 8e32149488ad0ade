// docs/katib.md names tests; a table whose tests are gone says nothing.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace mizan::experiment {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void collect(const std::string& text, const std::regex& pattern, const std::string& between,
             std::set<std::string>& names) {
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    names.insert((*at)[1].str() + between + (*at)[2].str());
}

/// Suite.Test of every C++ test, file.py::test of every end-to-end test.
std::set<std::string> all_tests(const fs::path& root) {
  const std::regex macro(R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))"), method(R"(()def (test_\w+)\()");
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension();
    if (extension == ".cc" || extension == ".h") collect(text_of(entry.path()), macro, ".", names);
    if (extension != ".py") continue;
    std::set<std::string> methods;
    collect(text_of(entry.path()), method, "", methods);
    for (const std::string& name : methods)
      names.insert(entry.path().filename().string() + "::" + name);
  }
  return names;
}

TEST(KatibTable, NamesOnlyTestsThatExist) {
  const fs::path source = MIZAN_SOURCE_DIR;
  const std::string table = text_of(source / "docs/katib.md");
  const std::set<std::string> there = all_tests(source / "tests");
  const std::regex named(R"(`(\w+\.(?:py::)?[A-Za-z]\w+)`)");
  std::size_t rows = 0;
  for (std::sregex_iterator at(table.begin(), table.end(), named), end; at != end; ++at) {
    const std::string name = (*at)[1];
    if (name.find("spec.") == 0 || name.find("search.") == 0 || name == "file.py::test" ||
        name == "Suite.Test" || name.find("trialTemplate.") == 0)
      continue;
    ++rows;
    EXPECT_TRUE(there.contains(name)) << name;
  }
  EXPECT_GT(rows, 100U);
}

/// The cells of a row, without the bars.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t start = 1; start < line.size();) {
    const auto end = std::min(line.find(" | ", start), line.size());
    cells.push_back(line.substr(start, end - start));
    start = end + 2;
  }
  return cells;
}

TEST(KatibTable, PinsEachRowOrSaysWhyItIsNotHere) {
  std::istringstream table(text_of(fs::path(MIZAN_SOURCE_DIR) / "docs/katib.md"));
  std::size_t rows = 0, faults = 0;
  for (std::string line; std::getline(table, line);) {
    if (!line.starts_with("| ") || line.starts_with("| Katib |")) continue;
    ++rows;
    const auto cells = cells_of(line);
    ASSERT_EQ(cells.size(), 3U) << line;
    const bool pinned = cells[1].find('`') != std::string::npos;
    const bool explained = cells[1].find("not here") != std::string::npos && cells[2].size() > 3;
    EXPECT_TRUE(pinned || explained) << line;
    const bool fault =
        line.find("**BUG**") != std::string::npos || line.find("**HANG**") != std::string::npos;
    if (!fault) continue;
    ++faults;
    EXPECT_TRUE(pinned) << "a fault that mizan must not have: " << line;
  }
  EXPECT_GT(rows, 120U);
  EXPECT_EQ(faults, 13U) << "as many as were found in Katib";
}

}  // namespace
}  // namespace mizan::experiment
