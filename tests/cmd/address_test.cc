// What --listen takes.
#include "cmd/mizan/address.h"

#include <gtest/gtest.h>

namespace mizan::cmd {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* host;  // empty: refused
  int port;
  bool loopback;
};

class ListenTest : public ::testing::TestWithParam<Case> {};

TEST_P(ListenTest, IsReadOrRefused) {
  const auto parsed = parse_listen(GetParam().text);
  if (std::string(GetParam().host).empty()) {
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Code::kInvalid);
    EXPECT_NE(parsed.error().message.find(std::string("--listen ") + GetParam().text),
              std::string::npos);
    return;
  }
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->host, GetParam().host);
  EXPECT_EQ(parsed->port, GetParam().port);
  EXPECT_EQ(parsed->is_loopback, GetParam().loopback);
}

INSTANTIATE_TEST_SUITE_P(Texts, ListenTest,
                         ::testing::Values(Case{"Plain", "127.0.0.1:8080", "127.0.0.1", 8080, true},
                                           Case{"AnyPort", "127.0.0.1:0", "127.0.0.1", 0, true},
                                           Case{"Everywhere", "0.0.0.0:443", "0.0.0.0", 443, false},
                                           Case{"Six", "[::1]:80", "::1", 80, true},
                                           Case{"NoHost", ":80", "127.0.0.1", 80, true},
                                           Case{"ByName", "localhost:80", "127.0.0.1", 80, true},
                                           Case{"NoPort", "127.0.0.1", "", 0, false},
                                           Case{"NotANumber", "127.0.0.1:http", "", 0, false},
                                           Case{"TooHigh", "127.0.0.1:65536", "", 0, false},
                                           Case{"NoAddress", "example.org:80", "", 0, false}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace mizan::cmd
