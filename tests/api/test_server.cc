// The pieces of the test server.
#include "tests/api/test_server.h"

#include <boost/asio/steady_timer.hpp>
#include <stdexcept>

namespace mizan::testing {
namespace {

namespace asio = boost::asio;

class FakeLogStream final : public store::LogStream {
 public:
  FakeLogStream(asio::any_io_executor io, std::vector<std::string> pieces, bool follow)
      : pieces_(std::move(pieces)), follow_(follow), never_(std::move(io)) {}

  Task<Result<std::string>> next() override {
    if (at_ < pieces_.size()) co_return pieces_[at_++];
    if (follow_ && !cancelled_) {
      never_.expires_at(std::chrono::steady_clock::time_point::max());
      boost::system::error_code ignored;
      co_await never_.async_wait(into(ignored));
    }
    if (cancelled_) co_return fail(Code::kCancelled, "cancelled");
    co_return std::string();
  }
  void cancel() override {
    cancelled_ = true;
    never_.cancel();
  }

 private:
  std::vector<std::string> pieces_;
  bool follow_;
  bool cancelled_ = false;
  std::size_t at_ = 0;
  asio::steady_timer never_;
};

}  // namespace

Task<Result<std::unique_ptr<store::LogStream>>> FakePodLogs::open(std::string, std::string pod,
                                                                  store::LogOptions options) {
  if (pod == "silent")
    co_return fail(Code::kBadRequest,
                   "container \"main\" in pod \"silent\" is waiting to start: ContainerCreating");
  if (options.previous) {
    co_return fail(Code::kBadRequest, "previous terminated container \"" + options.container +
                                          "\" in pod \"" + pod + "\" not found");
  }
  std::vector<std::string> pieces{"line one\n", "line two\n"};
  if (options.tail_lines == 1) pieces.erase(pieces.begin());
  co_return std::make_unique<FakeLogStream>(io_, std::move(pieces), options.follow);
}

const api::Asset* FakeAssets::find(std::string_view path) const {
  static const api::Asset page{"<!doctype html><title>mizan</title>", "text/html; charset=utf-8",
                               "\"page\"", false};
  static const api::Asset script{"export {};", "text/javascript; charset=utf-8", "\"script\"",
                                 true};
  if (path == "/index.html") return &page;
  return path == "/assets/main-1234.js" ? &script : nullptr;
}

TestServer::TestServer(api::ServerConfig config, resources::AdmissionTable admission,
                       resources::ResourceTable table)
    : store_(std::make_unique<MemoryStore>(std::move(admission), std::move(table))),
      observations_(std::make_unique<FakeObservationLog>()),
      pod_logs_(std::make_unique<FakePodLogs>(store_->io.get_executor())) {
  tokens_.add(kAdminToken, {"admin", api::Role::kAdmin, false});
  tokens_.add(kViewerToken, {"viewer", api::Role::kViewer, false});
  api::Services services{store_->store, store_->table, *observations_, *pod_logs_,
                         assets_,       tokens_,       store_->clock,  metrics_};
  services.lease_key = kLeaseKey;
  server_ = std::make_unique<api::Server>(store_->io.get_executor(), std::move(config), services);
  if (auto started = server_->start(); !started) throw std::runtime_error(started.error().message);
  server_->set_ready(true);
  store_->io.restart();
  work_ = std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
      store_->io.get_executor());
  thread_ = std::thread([this] { store_->io.run(); });
}

/// Ends only when nothing is left to run: whatever outlives the server's stop() hangs here.
void TestServer::stop() {
  if (!thread_.joinable()) return;
  asio::co_spawn(store_->io, server_->stop(), asio::use_future).get();
  asio::post(store_->io, [this] { store_->store.close(); });
  work_.reset();
  thread_.join();
}

TestServer::~TestServer() { stop(); }

}  // namespace mizan::testing
