// Further users from a file.
#include "cmd/mizan/token_file.h"

#include <gtest/gtest.h>

namespace mizan::cmd {
namespace {

TEST(TokenFileTest, ReadsUsersRolesAndNamespaces) {
  const auto known = parse_token_file(
      "# who may\n\n0123456789abcdef,ada,admin\r\nfedcba9876543210, eve ,editor,team\n");
  ASSERT_TRUE(known) << known.error().message;
  ASSERT_EQ(known->size(), 2U);
  EXPECT_EQ((*known)[0].user, (api::User{.name = "ada", .role = api::Role::kAdmin}));
  EXPECT_EQ((*known)[1].token, "fedcba9876543210");
  EXPECT_EQ((*known)[1].user.name, "eve");
  EXPECT_EQ((*known)[1].user.role, api::Role::kEditor);
  EXPECT_EQ((*known)[1].user.ns, "team");
}

TEST(TokenFileTest, NamesTheLineThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"short,ada,admin", "shorter"},
      {"0123456789abcdef,,admin", "name is empty"},
      {"0123456789abcdef,ada,owner", "none of viewer, editor, admin"},
      {"0123456789abcdef,ada,admin,a,b", "more than four"},
  };
  for (const auto& [line, why] : cases) {
    const auto known = parse_token_file("# first\n" + std::string(line));
    ASSERT_FALSE(known) << line;
    EXPECT_NE(known.error().message.find("line 2"), std::string::npos) << known.error().message;
    EXPECT_NE(known.error().message.find(why), std::string::npos) << known.error().message;
  }
}

}  // namespace
}  // namespace mizan::cmd
