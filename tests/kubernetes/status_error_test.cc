// A real server's refusals, read back into our errors.
#include "kubernetes/status_error.h"

#include <gtest/gtest.h>

namespace mizan::kubernetes {
namespace {

Json status(int code, const char* reason, const char* message) {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"},
          {"code", code},     {"reason", reason},   {"message", message}};
}

TEST(StatusErrorTest, TheTwoMeaningsOf409AreToldApartByTheReason) {
  EXPECT_EQ(error_of(409, status(409, "AlreadyExists", "exists"), "").code, Code::kAlreadyExists);
  EXPECT_EQ(error_of(409, status(409, "Conflict", "modified"), "").code, Code::kConflict);
}

TEST(StatusErrorTest, CausesBecomeFieldErrors) {
  Json invalid = status(422, "Invalid", "two things");
  invalid["details"]["causes"] =
      Json::array({{{"reason", "FieldValueRequired"},
                    {"field", "spec.objective"},
                    {"message", "Required value"}},
                   {{"reason", "SomethingNew"}, {"field", "spec.x"}, {"message", "no"}}});

  const Error error = error_of(422, invalid, "");

  EXPECT_EQ(error.code, Code::kInvalid);
  ASSERT_EQ(error.fields.size(), 2u);
  EXPECT_EQ(error.fields[0],
            (FieldError{FieldReason::kRequired, "spec.objective", "Required value"}));
  EXPECT_EQ(error.fields[1].reason, FieldReason::kInvalid);
}

TEST(StatusErrorTest, APageOfAProxyKeepsItsFirstWords) {
  const Error error = error_of(503, Json(), "<html>no upstream</html>");
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_EQ(error.message, "HTTP 503: <html>no upstream</html>");
}

}  // namespace
}  // namespace mizan::kubernetes
