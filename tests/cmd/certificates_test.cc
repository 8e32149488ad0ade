// Certificates are kept while they are good, and made anew when they no longer fit.
#include "cmd/mizan/certificates.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace mizan::cmd {
namespace {

using mizan::testing::TempDir;
using std::chrono::days;

class CertificatesTest : public ::testing::Test {
 protected:
  ServerCertificate ensure(std::vector<std::string> hosts, Time now) {
    auto made = ensure_certificates(dir_, hosts, now);
    EXPECT_TRUE(made);
    return *made;
  }
  TempDir temp_;
  DataDir dir_ = *DataDir::open(temp_ / "data");
  Time now_ = std::chrono::system_clock::now();
};

TEST_F(CertificatesTest, TheSameHostsGetTheSameCertificateAgain) {
  const auto first = ensure({"127.0.0.1", "localhost"}, now_);
  const auto again = ensure({"localhost"}, now_ + days(300));
  EXPECT_EQ(first.certificate, again.certificate);
  EXPECT_EQ(first.private_key, again.private_key);
  EXPECT_NE(first.certificate, first.ca);
}

TEST_F(CertificatesTest, AFurtherHostGetsANewCertificateOfTheSameAuthority) {
  const auto first = ensure({"127.0.0.1"}, now_);
  const auto second = ensure({"127.0.0.1", "tuner.example"}, now_);
  EXPECT_NE(first.certificate, second.certificate);
  EXPECT_EQ(first.ca, second.ca);
}

TEST_F(CertificatesTest, ACertificateThatEndsWithin30DaysIsReplaced) {
  const auto first = ensure({"127.0.0.1"}, now_);
  const auto later = ensure({"127.0.0.1"}, now_ + days(340));
  EXPECT_NE(first.certificate, later.certificate);
}

TEST_F(CertificatesTest, ABrokenAuthorityIsMadeAnew) {
  const auto first = ensure({"127.0.0.1"}, now_);
  ASSERT_TRUE(dir_.write("ca.crt", "not a certificate", 0644));
  const auto second = ensure({"127.0.0.1"}, now_);
  EXPECT_NE(first.ca, second.ca);
  EXPECT_NE(first.certificate, second.certificate);
}

}  // namespace
}  // namespace mizan::cmd
