// Host and Origin: who may talk to a server on localhost.
#include "api/guard.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

Request request(Method method, const char* host, const char* origin = "", const char* site = "") {
  Request made;
  made.method = method;
  made.headers.add("Host", host);
  if (*origin != '\0') made.headers.add("Origin", origin);
  if (*site != '\0') made.headers.add("Sec-Fetch-Site", site);
  return made;
}

TEST(GuardTest, KnowsItsOwnNames) {
  for (const char* host : {"localhost", "localhost:8080", "127.0.0.1:80", "[::1]:8080", "192.0.2.7",
                           "LOCALHOST:1", "a.localhost", "mizan.example:443"}) {
    EXPECT_TRUE(check_host_and_origin(request(Method::kGet, host), {"mizan.example"})) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8080", "", "localhost.evil.example",
                           "127.0.0.1.evil.example", "[::1"}) {
    EXPECT_EQ(check_host_and_origin(request(Method::kGet, host), {"mizan.example"}).error().code,
              Code::kForbidden)
        << host;
  }
}

TEST(GuardTest, LetsOnlyOwnPagesChangeThings) {
  EXPECT_TRUE(
      check_host_and_origin(request(Method::kPost, "127.0.0.1:80", "http://127.0.0.1:80"), {}));
  EXPECT_TRUE(check_host_and_origin(request(Method::kPost, "127.0.0.1:80"), {}));
  EXPECT_TRUE(check_host_and_origin(request(Method::kPost, "127.0.0.1:80", "", "same-origin"), {}));
  for (const char* origin :
       {"http://evil.example", "http://127.0.0.1:81", "https://127.0.0.1:80", "null"}) {
    EXPECT_FALSE(check_host_and_origin(request(Method::kPost, "127.0.0.1:80", origin), {}))
        << origin;
    EXPECT_TRUE(check_host_and_origin(request(Method::kGet, "127.0.0.1:80", origin), {})) << origin;
  }
  EXPECT_FALSE(
      check_host_and_origin(request(Method::kDelete, "127.0.0.1:80", "", "cross-site"), {}));
}

TEST(GuardTest, RefusesForeignPagesThatOpenWebSockets) {
  Request upgrade = request(Method::kGet, "localhost", "http://evil.example");
  upgrade.headers.add("Upgrade", "websocket");

  EXPECT_FALSE(check_host_and_origin(upgrade, {}));

  upgrade.headers.add("Authorization", "Bearer of-a-program");
  EXPECT_TRUE(check_host_and_origin(upgrade, {})) << "a page could not have sent this header";
}

}  // namespace
}  // namespace mizan::api
