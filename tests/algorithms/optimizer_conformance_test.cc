// Every row of the registry through the conformance suite.
#include "tests/support/optimizer_conformance.h"

namespace mizan::testing {
namespace {

std::vector<std::string> every_algorithm() {
  std::vector<std::string> names;
  for (const std::string_view name : algorithms::algorithm_names()) names.emplace_back(name);
  return names;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Every, OptimizerConformance, ::testing::ValuesIn(every_algorithm()),
                         test_name);

}  // namespace mizan::testing
