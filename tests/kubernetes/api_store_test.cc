// The third ObjectStore: ApiStore against mizan's own server, over TLS, through the same
// conformance suite as LocalStore.
#include "kubernetes/api_store.h"

#include <gtest/gtest.h>

#include "tests/api/certificate.h"
#include "tests/api/test_server.h"
#include "tests/support/object_store_conformance.h"
#include "tests/support/object_store_list_conformance.h"
#include "tests/support/object_store_removal_conformance.h"
#include "tests/support/object_store_writes_conformance.h"

namespace mizan::testing {
namespace {

const CertificatePair& certificate() {
  static const CertificatePair made = self_signed();
  return made;
}

api::ServerConfig config_with_tls() {
  api::ServerConfig config;
  config.tls = api::TlsFiles{certificate().certificate, certificate().key};
  return config;
}

class ApiHarness final : public StoreHarness {
 public:
  ApiHarness() : server_(config_with_tls(), {}, table_with_widgets()) {
    for (const char* name : {"one", "two"}) {
      Json object{{"metadata", {{"name", name}}}};
      server_.run(server_.store().create({"", "namespaces"}, "", std::move(object)));
    }
    auto client = kubernetes::HttpsClient::create(io.get_executor(),
                                                  {.address = server_.url(),
                                                   .ca_certificate = certificate().certificate,
                                                   .bearer_token = kAdminToken});
    if (!client) throw std::runtime_error(client.error().message);
    client_ = *std::move(client);
    store_ = std::make_unique<kubernetes::ApiStore>(*client_, table_);
  }
  ~ApiHarness() override {
    // What still waits on the client's connections goes before them.
    store_.reset();
    client_.reset();
    io.restart();
    io.poll();
  }

  store::ObjectStore& store() override { return *store_; }

 private:
  TestServer server_;
  resources::ResourceTable table_ = table_with_widgets();
  std::unique_ptr<kubernetes::HttpsClient> client_;
  std::unique_ptr<kubernetes::ApiStore> store_;
};

std::unique_ptr<StoreHarness> make_remote() { return std::make_unique<ApiHarness>(); }

const auto kRemote = ::testing::Values(StoreKind{"Api", make_remote});
INSTANTIATE_TEST_SUITE_P(Remote, ObjectStoreWrites, kRemote, name_of_store);
INSTANTIATE_TEST_SUITE_P(Remote, ObjectStoreLists, kRemote, name_of_store);
INSTANTIATE_TEST_SUITE_P(Remote, ObjectStoreRemoval, kRemote, name_of_store);

}  // namespace
}  // namespace mizan::testing
