// Results: TRY hands errors on unchanged, and every code has a name.
#include "core/result.h"

#include <gtest/gtest.h>

namespace mizan {
namespace {

Result<int> positive(int number) {
  if (number <= 0) {
    return fail(Code::kInvalid, "not positive",
                {{FieldReason::kInvalid, "spec.number", "must be above 0"}});
  }
  return number;
}

Result<int> sum(int a, int b) {
  TRY(const int first, positive(a));
  TRY(const int second, positive(b));
  return first + second;
}

TEST(Result, HandsValuesThroughTry) { EXPECT_EQ(sum(2, 3), 5); }

TEST(Result, HandsTheFirstErrorThroughTryUnchanged) {
  const auto result = sum(2, -1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), positive(-1).error());
}

TEST(Result, NamesEveryCode) {
  std::vector<std::string_view> names;
  for (int code = static_cast<int>(Code::kBadRequest); code <= static_cast<int>(Code::kCancelled);
       ++code) {
    const std::string_view name = to_string(static_cast<Code>(code));
    EXPECT_FALSE(name.empty()) << code;
    EXPECT_EQ(std::ranges::count(names, name), 0) << name;
    names.push_back(name);
  }
}

TEST(Result, NamesFieldReasonsAsKubernetesDoes) {
  EXPECT_EQ(to_string(FieldReason::kRequired), "FieldValueRequired");
  EXPECT_EQ(to_string(FieldReason::kTypeInvalid), "FieldValueTypeInvalid");
  EXPECT_EQ(to_string(FieldReason::kNotSupported), "FieldValueNotSupported");
  EXPECT_EQ(to_string(FieldReason::kForbidden), "FieldValueForbidden");
}

}  // namespace
}  // namespace mizan
