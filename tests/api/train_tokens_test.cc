// A training's token: for one TrainJob, and void once a byte of it is another.
#include "api/train_tokens.h"

#include <gtest/gtest.h>

#include "api/authorize.h"

namespace mizan::api {
namespace {

class TrainTokensTest : public ::testing::Test {
 protected:
  TrainTokensTest() {
    table_.add("0123456789abcdef", {.name = "admin", .role = Role::kAdmin, .by_cookie = false});
  }

  TokenTable table_;
  TrainTokens tokens_{"a secret", table_};
};

TEST_F(TrainTokensTest, SpeakForOneTrainJobAndHaveNoRole) {
  const auto user = tokens_.authenticate(tokens_.issue("default", "train", "u-1"));

  ASSERT_TRUE(user);
  EXPECT_EQ(user->train_job, "default/train/u-1");
  EXPECT_EQ(user->role, Role::kNone);
  EXPECT_FALSE(may(*user, {"get", "trainer.kubeflow.org", "trainjobs", "", "train", "default"}));
  EXPECT_FALSE(may_path(*user, "get"));
}

TEST_F(TrainTokensTest, AnyChangedByteMakesATokenVoid) {
  const std::string token = tokens_.issue("default", "train", "u-1");
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(tokens_.authenticate(changed)) << i;
  }
  EXPECT_FALSE(tokens_.authenticate("trainjob."));
  EXPECT_FALSE(TrainTokens("another secret", table_).authenticate(token));
}

TEST_F(TrainTokensTest, OutliveARestartWithTheSameSecretAndLeaveOthersAlone) {
  EXPECT_TRUE(
      TrainTokens("a secret", table_).authenticate(tokens_.issue("default", "train", "u-1")));
  ASSERT_TRUE(tokens_.authenticate("0123456789abcdef"));
  EXPECT_EQ(tokens_.authenticate("0123456789abcdef")->role, Role::kAdmin);
  EXPECT_FALSE(tokens_.authenticate("fedcba9876543210"));
}

}  // namespace
}  // namespace mizan::api
