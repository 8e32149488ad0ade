// `mizan controller`: the tuning controllers alone, on the API server that a kubeconfig names.
//
// The same controllers as in `mizan serve`, over kubernetes::ApiStore; Jobs, pods and garbage are
// the cluster's. What trials report while they run is kept in the data directory of this process.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <cstdio>

#include "cmd/mizan/admission.h"
#include "cmd/mizan/commands.h"
#include "cmd/mizan/data_dir.h"
#include "cmd/mizan/tuning.h"
#include "core/background_threads.h"
#include "core/log.h"
#include "kubernetes/api_pod_logs.h"
#include "kubernetes/api_store.h"
#include "kubernetes/kubeconfig.h"
#include "store/sqlite_observation_log.h"

namespace mizan::cmd {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kUnseenPods{3};

int refuse(const Error& error) {
  std::fputs(fmt::format("mizan controller: {}\n", error.message).c_str(), stderr);
  return kExitUsage;
}

/// Says who answers, so that a wrong address or token ends here and not in a loop of retries.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): controller() owns client
Task<Result<std::string>> server_version(kubernetes::HttpsClient& client) {
  CO_TRY(const auto response, co_await client.get("/apis/kubeflow.org/v1beta1"));
  if (response.status == 401 || response.status == 403)
    co_return fail(Code::kUnauthorized, "the server does not know the kubeconfig's user");
  if (response.status != 200) {
    co_return fail(Code::kNotFound,
                   "the server does not serve kubeflow.org/v1beta1; apply deploy/crds first");
  }
  CO_TRY(const auto version, co_await client.get("/version"));
  co_return string_at(version.json(), "gitVersion", "unknown");
}

class RemoteTuning {
 public:
  RemoteTuning(asio::io_context& io, kubernetes::HttpsClient& client, DataDir& dir,
               std::size_t keep_finished)
      : io_(io), client_(client), dir_(dir), keep_finished_(keep_finished) {}

  Result<> open() {
    TRY(table_, resources::ResourceTable::builtin());
    admission_ = admission_for(table_);
    TRY(database_, store::SqliteDatabase::open(dir_.database(), io_.get_executor()));
    observations_ = std::make_unique<store::SqliteObservationLog>(*database_);
    store_ = std::make_unique<kubernetes::ApiStore>(client_, table_);
    logs_ = std::make_unique<kubernetes::ApiPodLogs>(client_);
    tuning_ = std::make_unique<Tuning>(Tuning::World{.io = io_.get_executor(),
                                                     .numbers = numbers_.get_executor(),
                                                     .light = light_.get_executor(),
                                                     .store = *store_,
                                                     .table = table_,
                                                     .admission = admission_,
                                                     .clock = clock_,
                                                     .observations = *observations_,
                                                     .logs = *logs_,
                                                     .warm_pods = false,
                                                     .keep_finished = keep_finished_,
                                                     .unseen_pod_patience = kUnseenPods});
    tuning_->add_to(manager_);
    return {};
  }

  Task<Result<>> start() {
    CO_TRY(const std::string version, co_await server_version(client_));
    log_info("controller", "tunes on a server",
             {{"address", client_.endpoint().address}, {"version", version}});
    co_await manager_.start();
    std::puts("mizan controller is ready");
    std::fflush(stdout);
    co_return Result<>{};
  }

  Task<> stop() {
    for (const std::string& part : co_await manager_.stop(kPatience))
      log_warn("controller", "left a part behind", {{"part", part}});
    database_->close();
    io_.stop();
  }

  ~RemoteTuning() {
    numbers_.join();
    light_.join();
  }

 private:
  asio::io_context& io_;
  kubernetes::HttpsClient& client_;
  DataDir& dir_;
  std::size_t keep_finished_;
  SystemClock clock_;
  BackgroundThreads numbers_{1};
  asio::thread_pool light_{1};
  resources::ResourceTable table_;
  resources::AdmissionTable admission_;
  std::unique_ptr<store::SqliteDatabase> database_;
  std::unique_ptr<store::SqliteObservationLog> observations_;
  std::unique_ptr<kubernetes::ApiStore> store_;
  std::unique_ptr<kubernetes::ApiPodLogs> logs_;
  std::unique_ptr<Tuning> tuning_;
  controller::Manager manager_{io_.get_executor()};
};

}  // namespace

int controller(const ControllerOptions& options) {
  auto context = kubernetes::read_kubeconfig(options.kubeconfig, options.context);
  if (!context) return refuse(context.error());
  auto dir = DataDir::open(options.data_dir);
  if (!dir) return refuse(dir.error());
  asio::io_context io{1};
  auto client = kubernetes::HttpsClient::create(io.get_executor(), context->endpoint);
  if (!client) return refuse(client.error());
  RemoteTuning tuning(io, **client, *dir, static_cast<std::size_t>(options.keep_finished));
  if (auto opened = tuning.open(); !opened) return refuse(opened.error());

  asio::signal_set signals(io, SIGINT, SIGTERM);
  const auto stop = [&tuning, &io] {
    asio::co_spawn(io, tuning.stop(), [](const std::exception_ptr& broken) {
      if (broken) std::rethrow_exception(broken);
    });
  };
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
  std::optional<Error> failed;
  asio::co_spawn(io, tuning.start(), [&](const std::exception_ptr& broken, Result<> started) {
    if (broken) std::rethrow_exception(broken);
    if (started) return;
    failed = started.error();
    signals.cancel();
    stop();
  });
  io.run();
  // What was still resuming gets to its end before its world is destroyed.
  io.restart();
  io.run_for(std::chrono::milliseconds(200));
  return failed ? refuse(*failed) : kExitSucceeded;
}

}  // namespace mizan::cmd
