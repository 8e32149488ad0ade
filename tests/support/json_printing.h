// How GoogleTest prints JSON, and the comparison that most tests make, compiled once.
//
// Left to itself GoogleTest tries a dozen ways to print a Json in every file that compares two,
// which took seconds of each file's compilation.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace nlohmann {
void PrintTo(const json& value, std::ostream* out);
}  // namespace nlohmann

namespace testing {
extern template std::string PrintToString(const nlohmann::json& value);
namespace internal {
extern template AssertionResult CmpHelperEQ(const char* left_text, const char* right_text,
                                            const nlohmann::json& left,
                                            const nlohmann::json& right);
extern template AssertionResult CmpHelperNE(const char* left_text, const char* right_text,
                                            const nlohmann::json& left,
                                            const nlohmann::json& right);
}  // namespace internal
}  // namespace testing
