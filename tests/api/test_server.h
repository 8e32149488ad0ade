// A whole server for tests: LocalStore in memory, an observation log and pod logs that a test
// fills, real sockets on loopback. The io_context runs in its own thread; tests talk HTTP and never
// touch the store from outside.
#pragma once

#include <prometheus/registry.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/server.h"
#include "store/local_store.h"
#include "store/memory_backend.h"
#include "tests/support/memory_store.h"

namespace mizan::testing {

/// Thread: io.
class FakeObservationLog final : public store::ObservationLog {
 public:
  Task<Result<>> append(std::string trial_uid, std::vector<store::Measurement> rows) override {
    auto& all = rows_[trial_uid];
    all.insert(all.end(), rows.begin(), rows.end());
    for (const auto& [id, observe] : observers_) observe(trial_uid, rows);
    co_return Result<>{};
  }
  Task<Result<std::vector<store::Measurement>>> read(std::string trial_uid,
                                                     std::string metric) override {
    std::vector<store::Measurement> found;
    for (const auto& row : rows_[trial_uid]) {
      if (metric.empty() || row.metric == metric) found.push_back(row);
    }
    co_return found;
  }
  Task<Result<>> remove(std::string trial_uid) override {
    rows_.erase(trial_uid);
    co_return Result<>{};
  }
  std::shared_ptr<void> subscribe(
      std::function<void(const std::string&, const std::vector<store::Measurement>&)> observe)
      override {
    const int id = ++last_id_;
    observers_[id] = std::move(observe);
    return std::shared_ptr<void>(nullptr, [this, id](void*) { observers_.erase(id); });
  }

 private:
  std::map<std::string, std::vector<store::Measurement>> rows_;
  std::map<int, std::function<void(const std::string&, const std::vector<store::Measurement>&)>>
      observers_;
  int last_id_ = 0;
};

/// Every pod has said the same; a followed log never ends until it is cancelled.
class FakePodLogs final : public store::PodLogs {
 public:
  explicit FakePodLogs(boost::asio::any_io_executor io) : io_(std::move(io)) {}
  Task<Result<std::unique_ptr<store::LogStream>>> open(std::string ns, std::string pod,
                                                       store::LogOptions options) override;

 private:
  boost::asio::any_io_executor io_;
};

class FakeAssets final : public api::Assets {
 public:
  const api::Asset* find(std::string_view path) const override;
};

inline constexpr const char* kAdminToken = "admin-token-0123456789";
inline constexpr const char* kViewerToken = "viewer-token-0123456789";
inline constexpr const char* kLeaseKey = "the key of leases";

class TestServer {
 public:
  explicit TestServer(api::ServerConfig config = {}, resources::AdmissionTable admission = {},
                      resources::ResourceTable table = MemoryStore::builtin_table());
  ~TestServer();

  std::uint16_t port() const { return server_->port(); }
  std::string url() const { return server_->url(); }

  /// Runs `work` on the io thread and waits for it: for what HTTP can't say, such as writes behind
  /// its back.
  template <class T>
  T run(Task<T> task) {
    return boost::asio::co_spawn(io(), std::move(task), boost::asio::use_future).get();
  }
  store::ObjectStore& store() { return store_->store; }
  api::Server& server() { return *server_; }  // thread: io
  boost::asio::io_context& io() { return store_->io; }
  ManualClock& clock() { return store_->clock; }
  FakeObservationLog& observations() { return *observations_; }
  /// Forgets the changes so far. Thread: io.
  Task<> compact() { co_await store_->backend.compact(store_->backend.current()); }
  void stop();

 private:
  std::unique_ptr<MemoryStore> store_;
  std::unique_ptr<FakeObservationLog> observations_;
  std::unique_ptr<FakePodLogs> pod_logs_;
  FakeAssets assets_;
  api::TokenTable tokens_;
  prometheus::Registry metrics_;
  std::unique_ptr<api::Server> server_;
  std::unique_ptr<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread thread_;
};

}  // namespace mizan::testing
