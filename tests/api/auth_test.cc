// Tokens, sessions, roles.
#include "api/auth.h"

#include <gtest/gtest.h>

#include "api/authorize.h"
#include "tests/support/manual_clock.h"

namespace mizan::api {
namespace {

const User kAda{"ada", Role::kAdmin, false};

TEST(TokenTableTest, KnowsTheTokensItWasGivenAndNoOthers) {
  TokenTable table;
  table.add("token-of-ada-0123456789", kAda);
  table.add("token-of-bob-0123456789", {"bob", Role::kViewer, false});

  EXPECT_EQ(table.authenticate("token-of-ada-0123456789"), kAda);
  EXPECT_EQ(table.authenticate("token-of-bob-0123456789")->name, "bob");
  for (const char* wrong :
       {"", "token-of-ada-012345678", "token-of-ada-01234567890", "TOKEN-OF-ADA-0123456789"}) {
    EXPECT_FALSE(table.authenticate(wrong)) << wrong;
  }
}

TEST(SessionsTest, ACookieSpeaksForItsUserUntilItExpires) {
  testing::ManualClock clock;
  Sessions sessions("secret", clock);
  const std::string cookie = sessions.issue(kAda);

  const auto user = sessions.check(cookie);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "ada");
  EXPECT_EQ(user->role, Role::kAdmin);
  EXPECT_TRUE(user->by_cookie);
  clock.advance(std::chrono::hours(24 * 31));
  EXPECT_FALSE(sessions.check(cookie));
}

TEST(SessionsTest, ACookieOutlivesARestartWithTheSameSecretOnly) {
  testing::ManualClock clock;
  const std::string cookie = Sessions("secret", clock).issue(kAda);

  EXPECT_TRUE(Sessions("secret", clock).check(cookie));
  EXPECT_FALSE(Sessions("another", clock).check(cookie));
  EXPECT_FALSE(Sessions("", clock).check(cookie));
}

TEST(SessionsTest, AnyChangedByteMakesACookieVoid) {
  testing::ManualClock clock;
  Sessions sessions("secret", clock);
  const std::string cookie = sessions.issue({"bob", Role::kViewer, false});

  for (std::size_t i = 0; i < cookie.size(); ++i) {
    std::string changed = cookie;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(sessions.check(changed)) << i;
  }
  EXPECT_FALSE(sessions.check(""));
}

TEST(SessionsTest, AnEndedSessionIsOver) {
  testing::ManualClock clock;
  Sessions sessions("secret", clock);
  const std::string cookie = sessions.issue(kAda);
  const std::string other = sessions.issue(kAda);

  sessions.end(cookie);

  EXPECT_FALSE(sessions.check(cookie));
  EXPECT_TRUE(sessions.check(other));
}

TEST(CookieTest, IsFoundAmongOthers) {
  EXPECT_EQ(cookie_value("a=1; mizan-session=x.y; b=2", "mizan-session"), "x.y");
  EXPECT_EQ(cookie_value("xmizan-session=1", "mizan-session"), "");
  EXPECT_EQ(cookie_value("", "mizan-session"), "");
}

TEST(BearerTest, ReadsTheTokenOfTheHeader) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bearer  abc "), "abc");
  EXPECT_FALSE(bearer_token("Basic abc"));
  EXPECT_FALSE(bearer_token(""));
}

TEST(AuthorizeTest, ViewersReadAllButSecretsAndChangeNothing) {
  const User viewer{"viewer", Role::kViewer, false};
  const auto may = [&](Verb verb, const char* resource, const char* subresource = "") {
    return authorize(viewer, {verb, "", "v1", resource, "ns", "x", subresource, {}}).has_value();
  };
  EXPECT_TRUE(may(Verb::kGet, "pods"));
  EXPECT_TRUE(may(Verb::kList, "pods"));
  EXPECT_TRUE(may(Verb::kWatch, "pods"));
  EXPECT_TRUE(may(Verb::kGet, "pods", "log"));
  EXPECT_FALSE(may(Verb::kGet, "pods", "exec"));
  EXPECT_FALSE(may(Verb::kGet, "secrets"));
  for (const Verb verb :
       {Verb::kCreate, Verb::kUpdate, Verb::kPatch, Verb::kDelete, Verb::kDeleteCollection}) {
    EXPECT_FALSE(may(verb, "pods")) << to_string(verb);
  }
}

TEST(AuthorizeTest, RefusesInKubeApiserversWords) {
  const auto refused =
      authorize(User{}, {Verb::kList, "kubeflow.org", "v1beta1", "experiments", "api", "", "", {}});

  EXPECT_EQ(refused.error().code, Code::kForbidden);
  EXPECT_EQ(refused.error().message,
            "experiments.kubeflow.org is forbidden: User \"system:anonymous\" cannot list resource "
            "\"experiments\" in API "
            "group \"kubeflow.org\" in the namespace \"api\"");
  EXPECT_EQ(
      authorize(User{}, {Verb::kGet, "", "v1", "nodes", "", "n", "status", {}}).error().message,
      "nodes \"n\" is forbidden: User \"system:anonymous\" cannot get resource \"nodes/status\" in "
      "API group \"\" at "
      "the cluster scope");
}

}  // namespace
}  // namespace mizan::api
