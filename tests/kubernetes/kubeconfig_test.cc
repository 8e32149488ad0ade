// Kubeconfigs as people have them, and what is said of those that don't work.
#include "kubernetes/kubeconfig.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace mizan::kubernetes {
namespace {

using mizan::testing::TempDir;

class KubeconfigTest : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(temp_ / name) << text;
    return temp_ / name;
  }
  TempDir temp_;
};

constexpr const char* kTwoContexts = R"(
apiVersion: v1
kind: Config
current-context: home
clusters:
- name: a
  cluster: {server: "https://127.0.0.1:8080", certificate-authority-data: Q0EtQQ==}
- name: b
  cluster: {server: "https://cluster.example:6443", certificate-authority: ca.pem}
users:
- name: token
  user: {token: secret}
- name: certificate
  user: {client-certificate: client.pem, client-key-data: S0VZ}
contexts:
- name: home
  context: {cluster: a, user: token, namespace: team}
- name: work
  context: {cluster: b, user: certificate}
)";

TEST_F(KubeconfigTest, TheCurrentContextIsTakenWithInlineData) {
  const auto context = read_kubeconfig(write("config", kTwoContexts));
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_EQ(context->ns, "team");
  EXPECT_EQ(context->endpoint.address, "https://127.0.0.1:8080");
  EXPECT_EQ(context->endpoint.ca_certificate, "CA-A");
  EXPECT_EQ(context->endpoint.bearer_token, "secret");
}

TEST_F(KubeconfigTest, ANamedContextMayPointToFilesBesideIt) {
  write("ca.pem", "CA-B");
  write("client.pem", "CERT");
  const auto context = read_kubeconfig(write("config", kTwoContexts), "work");
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_EQ(context->ns, "default");
  EXPECT_EQ(context->endpoint.ca_certificate, "CA-B");
  EXPECT_EQ(context->endpoint.client_certificate, "CERT");
  EXPECT_EQ(context->endpoint.client_key, "KEY");
}

struct Refusal {
  const char* name;
  const char* from;
  const char* to;
  const char* says;
};

class KubeconfigRefusalTest : public KubeconfigTest,
                              public ::testing::WithParamInterface<Refusal> {};

TEST_P(KubeconfigRefusalTest, SaysWhatIsMissing) {
  std::string text = kTwoContexts;
  const std::string from = GetParam().from;
  ASSERT_NE(text.find(from), std::string::npos);
  text.replace(text.find(from), from.size(), GetParam().to);

  const auto context = read_kubeconfig(write("config", text));

  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, Code::kBadRequest);
  EXPECT_NE(context.error().message.find(GetParam().says), std::string::npos)
      << context.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Refusals, KubeconfigRefusalTest,
    ::testing::Values(Refusal{"NoSuchContext", "current-context: home", "current-context: moon",
                              "there is no context \"moon\""},
                      Refusal{"NoSuchCluster", "cluster: a, user", "cluster: z, user",
                              "names a cluster that is not there"},
                      Refusal{"NoSuchUser", "user: token, name", "user: z, name",
                              "names a user that is not there"},
                      Refusal{"ExecPlugin", "{token: secret}", "{exec: {command: x}}",
                              "users[].user.exec is not supported"},
                      Refusal{"NotBase64", "Q0EtQQ==", "not*base64",
                              "certificate-authority-data is not base64"},
                      Refusal{"NotYaml", "kind: Config", "kind: [", "line"}),
    [](const auto& row) { return row.param.name; });

TEST_F(KubeconfigTest, AFileThatIsNotThereIsNamed) {
  const auto context = read_kubeconfig(temp_ / "absent");
  ASSERT_FALSE(context);
  EXPECT_NE(context.error().message.find("absent can't be read"), std::string::npos);
}

}  // namespace
}  // namespace mizan::kubernetes
