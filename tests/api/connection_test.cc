// HTTP itself: limits, pipelining, HEAD, compression, TLS beside plain, sessions, and stopping.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/api/certificate.h"
#include "tests/api/http_client.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

constexpr const char* kExperiments = "/apis/kubeflow.org/v1beta1/namespaces/default/experiments";

TEST(ConnectionTest, AnswersSeveralRequestsOnOneConnection) {
  TestServer server;
  HttpClient client(server.port());

  for (int i = 0; i < 3; ++i) {
    const HttpAnswer answer = client.get("/healthz");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "ok");
    EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
  }
}

TEST(ConnectionTest, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  HttpClient client(server.port());

  client.write_raw(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /nothing.txt HTTP/1.1\r\nHost: "
      "localhost\r\n\r\n"
      "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");

  EXPECT_EQ(client.read_answer().body, "ok");
  EXPECT_EQ(client.read_answer().status, 404U);
  EXPECT_EQ(client.read_answer().json()["major"], "1");
}

TEST(ConnectionTest, TakesARequestInAnyPieces) {
  TestServer server;
  HttpClient client(server.port());
  const std::string request =
      "POST /rest/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 35\r\n\r\n"
      "{\"token\": \"admin-token-0123456789\"}";
  for (const char c : request) client.write_raw(std::string(1, c));

  EXPECT_EQ(client.read_answer().status, 200U);
}

TEST(ConnectionTest, TakesChunkedBodies) {
  TestServer server;
  HttpClient client(server.port());

  client.write_raw(
      "POST /rest/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "a\r\n{\"token\": \r\n1a\r\n\"admin-token-0123456789\"}\n\r\n0\r\n\r\n");

  EXPECT_EQ(client.read_answer().status, 200U);
}

TEST(ConnectionTest, HeadHasNoBodyAndTheConnectionGoesOn) {
  TestServer server;
  HttpClient client(server.port());

  const HttpAnswer head = client.send("HEAD", "/healthz");
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.header("content-length"), "2");
  EXPECT_EQ(client.get("/healthz").body, "ok");
}

TEST(ConnectionTest, RefusesABodyOfMoreThanThreeMebibytes) {
  TestServer server;
  HttpClient client(server.port());
  client.token = kAdminToken;

  const HttpAnswer answer =
      client.send("POST", kExperiments, std::string(3 * 1024 * 1024 + 1, 'x'));

  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.json()["message"], "Request entity too large: limit is 3145728");
  EXPECT_EQ(answer.json()["reason"], "RequestEntityTooLarge");
}

TEST(ConnectionTest, RefusesChunkedBodiesThatGrowTooLarge) {
  api::ServerConfig config;
  config.limits.max_body_bytes = 100;
  TestServer server(config);
  HttpClient client(server.port());

  client.write_raw(
      "POST /rest/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i) client.write_raw("40\r\n" + std::string(64, 'x') + "\r\n");

  EXPECT_EQ(client.read_answer().status, 413U);
}

TEST(ConnectionTest, RefusesBadRequestsAndCloses) {
  TestServer server;
  const std::pair<const char*, unsigned> rows[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},  // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
       400},
      {"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n", 400},
  };
  for (const auto& [text, status] : rows) {
    HttpClient client(server.port());
    client.write_raw(text);
    EXPECT_EQ(client.read_answer().status, status) << text;
    EXPECT_EQ(client.read_to_end(), "") << text;
  }
}

TEST(ConnectionTest, RefusesHeadersThatAreTooManyOrTooLarge) {
  TestServer server;
  HttpClient large(server.port());
  large.write_raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(70'000, 'x') +
                  "\r\n\r\n");
  EXPECT_EQ(large.read_answer().status, 431U);

  HttpClient many(server.port());
  std::string headers;
  for (int i = 0; i < 200; ++i) headers += "X" + std::to_string(i) + ": y\r\n";
  many.write_raw("GET / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  EXPECT_EQ(many.read_answer().status, 431U);
}

TEST(ConnectionTest, CutsClientsThatSendTooSlowly) {
  api::ServerConfig config;
  config.limits.header_timeout = std::chrono::milliseconds(40);
  config.limits.idle_timeout = std::chrono::milliseconds(40);
  TestServer server(config);
  HttpClient half(server.port());
  half.write_raw("GET /healthz HT");
  HttpClient silent(server.port());
  HttpClient idle(server.port());
  idle.get("/healthz");

  EXPECT_EQ(half.read_to_end(), "");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(idle.read_to_end(), "");
}

TEST(ConnectionTest, AnswersExpectContinue) {
  TestServer server;
  HttpClient client(server.port());
  client.write_raw(
      "POST /rest/v1/session HTTP/1.1\r\nHost: localhost\r\nExpect: "
      "100-continue\r\nContent-Length: 35\r\n\r\n");

  EXPECT_EQ(client.read_answer().status, 100U);
  client.write_raw("{\"token\": \"admin-token-0123456789\"}\n");
  EXPECT_EQ(client.read_answer().status, 200U);
}

TEST(ConnectionTest, CompressesLargeAnswersForThoseWhoTakeThem) {
  TestServer server;
  HttpClient client(server.port());
  client.token = kAdminToken;

  const HttpAnswer plain = client.get("/openapi/v3/api/v1");
  const HttpAnswer packed = client.get("/openapi/v3/api/v1", {{"Accept-Encoding", "gzip"}});

  ASSERT_GT(plain.body.size(), 128U * 1024);
  EXPECT_EQ(plain.header("content-encoding"), "");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size() / 3);
  EXPECT_EQ(packed.body.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(client.get("/healthz", {{"Accept-Encoding", "gzip"}}).header("content-encoding"), "");
}

TEST(ConnectionTest, SpeaksTlsAndPlainOnOnePort) {
  const auto pair = self_signed();
  api::ServerConfig config;
  config.tls = api::TlsFiles{pair.certificate, pair.key};
  TestServer server(config);
  HttpClient tls(server.port(), true);
  HttpClient plain(server.port());

  EXPECT_EQ(tls.get("/healthz").body, "ok");
  EXPECT_EQ(tls.get("/healthz").body, "ok");
  EXPECT_EQ(plain.get("/healthz").body, "ok");
  EXPECT_TRUE(server.url().starts_with("https://127.0.0.1:"));
}

TEST(ConnectionTest, TellsPlainClientsToUseTlsWherePlainIsOff) {
  const auto pair = self_signed();
  api::ServerConfig config;
  config.tls = api::TlsFiles{pair.certificate, pair.key};
  config.allow_plain = false;
  TestServer server(config);
  HttpClient plain(server.port());

  const HttpAnswer answer = plain.get("/healthz");

  EXPECT_EQ(answer.status, 400U);
  EXPECT_NE(answer.body.find("https://"), std::string::npos);
}

TEST(ConnectionTest, SaysWhatIsWrongWithACertificate) {
  const auto pair = self_signed();
  const auto other = self_signed();
  for (const auto& files :
       {api::TlsFiles{"nonsense", pair.key}, api::TlsFiles{pair.certificate, "nonsense"},
        api::TlsFiles{pair.certificate, other.key}}) {
    api::ServerConfig config;
    config.tls = files;
    EXPECT_THROW(TestServer{config}, std::runtime_error);
  }
  api::ServerConfig config;
  config.address = "not an address";
  EXPECT_THROW(TestServer{config}, std::runtime_error);
}

TEST(ConnectionTest, APortThatIsTakenIsRefused) {
  TestServer server;
  api::ServerConfig config;
  config.port = server.port();

  EXPECT_THROW(TestServer{config}, std::runtime_error);
}

TEST(ConnectionTest, RefusesForeignHostsAndOrigins) {
  TestServer server;
  HttpClient client(server.port());
  client.token = kAdminToken;

  EXPECT_EQ(client.get("/api", {{"Host", "evil.example"}}).status, 403U);
  EXPECT_EQ(
      client
          .send("DELETE", std::string(kExperiments) + "/a", "", {{"Origin", "http://evil.example"}})
          .status,
      403U);
  EXPECT_EQ(client.get("/rest/v1/version", {{"Host", "evil.example"}}).header("content-type"),
            "application/problem+json");
}

TEST(ConnectionTest, StopEndsWatchesAndIdleConnections) {
  TestServer server;
  HttpClient idle(server.port());
  idle.get("/healthz");
  HttpClient watcher(server.port());
  watcher.token = kAdminToken;
  watcher.open(std::string(kExperiments) + "?watch=true");
  HttpClient silent(server.port());
  const auto before = std::chrono::steady_clock::now();

  server.stop();

  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4));
  EXPECT_TRUE(watcher.at_end());
  EXPECT_EQ(idle.read_to_end(), "");
}

TEST(SessionTest, ATokenBecomesACookieThatScriptsCannotRead) {
  TestServer server;
  HttpClient client(server.port());

  const HttpAnswer answer = client.post("/rest/v1/session", {{"token", kViewerToken}});

  const std::string cookie = answer.header("set-cookie");
  EXPECT_EQ(answer.json(), (Json{{"user", "viewer"}, {"role", "viewer"}}));
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos);
  EXPECT_EQ(cookie.find("Secure"), std::string::npos);
  const std::string pair = cookie.substr(0, cookie.find(';'));
  EXPECT_EQ(client.get("/rest/v1/session", {{"Cookie", pair}}).json()["role"], "viewer");
  EXPECT_EQ(client.get("/rest/v1/experiments", {{"Cookie", pair}}).status, 200U);
  EXPECT_EQ(client.get(kExperiments, {{"Cookie", pair}}).status, 200U);

  const HttpAnswer ended = client.send(
      "DELETE", "/rest/v1/session", "",
      {{"Cookie", pair}, {"Origin", "http://127.0.0.1:" + std::to_string(server.port())}});
  EXPECT_EQ(ended.status, 204U);
  EXPECT_EQ(client.get("/rest/v1/session", {{"Cookie", pair}}).status, 401U);
}

TEST(SessionTest, ACookieChangesThingsFromOurOwnPagesOnly) {
  TestServer server;
  HttpClient client(server.port());
  const std::string cookie =
      client.post("/rest/v1/session", {{"token", kAdminToken}}).header("set-cookie");
  const std::pair<std::string, std::string> header{"Cookie", cookie.substr(0, cookie.find(';'))};
  const std::string own = "http://127.0.0.1:" + std::to_string(server.port());

  EXPECT_EQ(client.send("DELETE", "/rest/v1/namespaces/default/experiments/x", "", {header}).status,
            403U);
  EXPECT_EQ(client
                .send("DELETE", "/rest/v1/namespaces/default/experiments/x", "",
                      {header, {"Origin", own}})
                .status,
            404U);
  EXPECT_EQ(client
                .send("DELETE", "/rest/v1/namespaces/default/experiments/x", "",
                      {header, {"Origin", "http://evil.example"}})
                .status,
            403U);
}

TEST(SessionTest, AWrongTokenGetsNone) {
  TestServer server;
  HttpClient client(server.port());

  const HttpAnswer answer = client.post("/rest/v1/session", {{"token", "wrong"}});

  EXPECT_EQ(answer.status, 401U);
  EXPECT_EQ(answer.header("set-cookie"), "");
  EXPECT_EQ(client.post("/rest/v1/session", {{"password", "x"}}).status, 422U);
  EXPECT_EQ(client.send("POST", "/rest/v1/session", "{").status, 400U);
}

TEST(AccessTest, AnonymousCallersSeeHealthAndTheDashboardAlone) {
  TestServer server;
  HttpClient client(server.port());

  for (const char* path : {"/healthz", "/livez", "/readyz", "/version", "/",
                           "/experiments/default/a", "/assets/main-1234.js"}) {
    EXPECT_EQ(client.get(path).status, 200U) << path;
  }
  for (const char* path : {"/api", "/apis", "/openapi/v3", "/metrics", kExperiments}) {
    EXPECT_EQ(client.get(path).status, 403U) << path;
  }
  EXPECT_EQ(client.get("/rest/v1/experiments").status, 401U);
  EXPECT_EQ(client.get(kExperiments, {{"Authorization", "Bearer wrong"}}).status, 401U);
  EXPECT_EQ(client.get(kExperiments, {{"Authorization", "Bearer wrong"}}).json()["message"],
            "Unauthorized");
}

TEST(AccessTest, ViewersReadAndDoNotWrite) {
  TestServer server;
  HttpClient client(server.port());
  client.token = kViewerToken;

  EXPECT_EQ(client.get(kExperiments).status, 200U);
  EXPECT_EQ(client.get("/metrics").status, 200U);
  EXPECT_EQ(client.get("/api/v1/namespaces/default/secrets").status, 403U);
  const HttpAnswer refused = client.post(kExperiments, Json::object());
  EXPECT_EQ(refused.status, 403U);
  EXPECT_EQ(refused.json()["message"],
            "experiments.kubeflow.org is forbidden: User \"viewer\" cannot create resource "
            "\"experiments\" in API group \"kubeflow.org\" in the namespace \"default\"");
  EXPECT_EQ(client.post("/rest/v1/namespaces/default/experiments/x:ask", Json::object()).status,
            403U);
}

TEST(AssetsTest, ComeWithHeadersThatKeepAPageOurs) {
  TestServer server;
  HttpClient client(server.port());

  const HttpAnswer page = client.get("/");
  const HttpAnswer script = client.get("/assets/main-1234.js");

  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(page.header("content-security-policy").find("script-src 'self'"), std::string::npos);
  EXPECT_EQ(page.header("cache-control"), "no-cache");
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_NE(script.header("cache-control").find("immutable"), std::string::npos);
  EXPECT_EQ(client.get("/assets/main-1234.js", {{"If-None-Match", "\"script\""}}).status, 304U);
  EXPECT_EQ(client.get("/assets/other.js").status, 404U);
  EXPECT_EQ(client.get("/favicon.ico").status, 404U);
}

TEST(MetricsTest, CountRequests) {
  TestServer server;
  HttpClient client(server.port());
  client.token = kAdminToken;
  client.get("/healthz");

  const HttpAnswer answer = client.get("/metrics");

  EXPECT_NE(answer.body.find("mizan_http_requests_total{code=\"200\",method=\"GET\"} 1"),
            std::string::npos)
      << answer.body;
  EXPECT_TRUE(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
}

}  // namespace
}  // namespace mizan::testing
