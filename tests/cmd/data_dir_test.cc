// The data directory: one owner, secrets that only the owner reads, tokens that stay.
#include "cmd/mizan/data_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace mizan::cmd {
namespace {

using mizan::testing::TempDir;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777u;
}

TEST(DataDirTest, ASecondOwnerIsRefusedWithThePidAndAddressOfTheFirst) {
  TempDir temp;
  const auto first = DataDir::open(temp / "data");
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->write("address", "https://127.0.0.1:8080\n", 0644));

  const auto second = DataDir::open(temp / "data");

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kAlreadyExists);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos)
      << second.error().message;
  EXPECT_NE(second.error().message.find("https://127.0.0.1:8080"), std::string::npos)
      << second.error().message;
}

TEST(DataDirTest, TheLockGoesWithItsOwner) {
  TempDir temp;
  {
    ASSERT_TRUE(DataDir::open(temp / "data"));
  }
  EXPECT_TRUE(DataDir::open(temp / "data"));
}

TEST(DataDirTest, ADirectoryThatCantBeMadeIsRefusedByName) {
  const auto refused = DataDir::open("/proc/mizan-data");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kForbidden);
  EXPECT_NE(refused.error().message.find("/proc/mizan-data"), std::string::npos);
}

TEST(DataDirTest, TokensAreMadeOnceAndReadableByTheOwnerAlone) {
  TempDir temp;
  const auto dir = DataDir::open(temp / "data");
  ASSERT_TRUE(dir);

  const auto admin = dir->token("admin");
  const auto viewer = dir->token("viewer");

  ASSERT_TRUE(admin && viewer);
  EXPECT_EQ(admin->size(), 64u);
  EXPECT_NE(*admin, *viewer);
  EXPECT_EQ(*dir->token("admin"), *admin);
  EXPECT_EQ(mode_of(temp / "data"), 0700u);
  EXPECT_EQ(mode_of(temp / "data/admin.token"), 0600u);
}

TEST(DataDirTest, ARunningServerIsFoundOnlyWhileItHoldsTheLock) {
  TempDir temp;
  {
    const auto dir = DataDir::open(temp / "data");
    ASSERT_TRUE(dir);
    const auto token = dir->token("admin");
    ASSERT_TRUE(token && dir->write("address", "https://127.0.0.1:1\n", 0644) &&
                dir->write("ca.crt", "CA", 0644));
    const auto found = find_running_server(temp / "data");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->address, "https://127.0.0.1:1");
    EXPECT_EQ(found->admin_token, *token);
    EXPECT_EQ(found->ca_certificate, "CA");
  }
  EXPECT_FALSE(find_running_server(temp / "data"));
  EXPECT_FALSE(find_running_server(temp / "absent"));
}

}  // namespace
}  // namespace mizan::cmd
