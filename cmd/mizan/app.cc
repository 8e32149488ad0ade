// Wiring, in the order in which things need each other; stopping, in the reverse.
#include "cmd/mizan/app.h"

#include <fmt/format.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "api/server.h"
#include "api/train_tokens.h"
#include "cmd/mizan/address.h"
#include "cmd/mizan/admission.h"
#include "cmd/mizan/certificates.h"
#include "cmd/mizan/dashboard_assets.h"
#include "cmd/mizan/definition_files.h"
#include "cmd/mizan/embedded_cluster.h"
#include "cmd/mizan/token_file.h"
#include "cmd/mizan/tuning.h"
#include "cmd/mizan/warm_pods.h"
#include "controller/definition_controller.h"
#include "controller/event_keeper.h"
#include "core/background_threads.h"
#include "core/log.h"
#include "resources/known_resources.h"
#include "store/compactor.h"
#include "store/local_store.h"
#include "store/sqlite_backend.h"
#include "store/sqlite_observation_log.h"

namespace mizan::cmd {
namespace {

namespace asio = boost::asio;

std::size_t number_threads() { return std::max(2u, std::thread::hardware_concurrency()) - 1; }

/// Runs `io` until `task` has ended, for what must be done before the server serves.
template <class T>
T run_until_done(asio::io_context& io, Task<T> task) {
  std::optional<T> outcome;
  std::exception_ptr broken;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    broken = std::move(error);
    outcome.emplace(std::move(value));
  });
  while (!outcome) io.run_one();
  if (broken) std::rethrow_exception(broken);
  return *std::move(outcome);
}

Task<Result<>> ensure_namespaces(store::ObjectStore* store) {
  for (const char* name : {"default", "kubeflow", "kube-system"}) {
    Json object{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    auto made = co_await store->create(resources::kNamespaces, "", std::move(object));
    if (!made && made.error().code != Code::kAlreadyExists) co_return fail(made.error());
  }
  co_return Result<>{};
}

api::ServerConfig server_config(const ServerOptions& options, const ListenAddress& listen,
                                ServerCertificate certificate, std::string session_secret) {
  api::ServerConfig config;
  config.address = listen.host;
  config.port = listen.port;
  config.tls =
      api::TlsFiles{std::move(certificate.certificate), std::move(certificate.private_key)};
  config.allow_plain = listen.is_loopback;
  config.allow_plain_from_here = true;
  config.host_names = options.hosts;
  config.version = MIZAN_VERSION;
  config.session_secret = std::move(session_secret);
  return config;
}

}  // namespace

/// Members in the order of construction: each uses only what stands above it.
struct App::Parts {
  Parts(ServerOptions options_, DataDir dir_)
      : options(std::move(options_)), dir(std::move(dir_)) {}

  Result<> open();
  Result<> listen();
  Task<Result<>> start();
  Task<> shut_down();

  ServerOptions options;
  DataDir dir;
  ListenAddress address;
  SystemClock clock;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  BackgroundThreads numbers{number_threads()};
  asio::thread_pool light{1};
  asio::thread_pool files{2};
  prometheus::Registry metrics;
  DashboardAssets assets;
  api::TokenTable tokens;
  RunningServer reach;

  resources::ResourceTable table;
  resources::AdmissionTable admission;
  std::unique_ptr<store::SqliteDatabase> database;
  std::unique_ptr<store::SqliteBackend> backend;
  std::unique_ptr<store::SqliteObservationLog> observations;
  std::unique_ptr<store::LocalStore> store;
  std::unique_ptr<store::Compactor> compactor;
  std::unique_ptr<controller::EventKeeper> event_keeper;
  std::unique_ptr<controller::DefinitionController> definitions;
  std::unique_ptr<EmbeddedCluster> cluster;
  std::unique_ptr<Tuning> tuning;
  std::unique_ptr<WarmPods> warm_pods;
  std::unique_ptr<controller::Manager> manager;
  std::unique_ptr<api::TrainTokens> train_tokens;
  std::unique_ptr<api::Server> server;
  bool stopping = false;  // io thread
};

Result<> App::Parts::open() {
  auto parsed = parse_listen(options.listen);
  if (!parsed) return fail(parsed.error());
  address = *parsed;

  auto builtin = resources::ResourceTable::builtin();
  if (!builtin) return fail(builtin.error());
  table = *std::move(builtin);
  admission = admission_for(table, options.allow_host_path);
  if (auto added = add_definition_files(options.crd_dirs, table, admission); !added)
    return fail(added.error());

  auto opened = store::SqliteDatabase::open(dir.database(), io.get_executor());
  if (!opened) return fail(opened.error());
  database = *std::move(opened);
  backend = std::make_unique<store::SqliteBackend>(*database);
  observations = std::make_unique<store::SqliteObservationLog>(*database);
  store::LocalStoreOptions store_options;
  store_options.pool = files.get_executor();
  store = std::make_unique<store::LocalStore>(io.get_executor(), *backend, table, admission, clock,
                                              store_options);
  store::CompactorOptions changes;
  changes.keep = std::chrono::seconds(options.keep_changes_seconds);
  changes.interval = std::min(changes.interval, changes.keep);
  compactor = std::make_unique<store::Compactor>(io.get_executor(), *backend, clock, changes);
  controller::EventKeeperOptions events;
  events.keep = std::chrono::seconds(options.keep_events_seconds);
  events.most = static_cast<std::size_t>(options.keep_events);
  event_keeper =
      std::make_unique<controller::EventKeeper>(io.get_executor(), *store, clock, events);

  auto embedded = EmbeddedCluster::create({.io = io.get_executor(),
                                           .files = files.get_executor(),
                                           .store = *store,
                                           .table = table,
                                           .clock = clock,
                                           .metrics = metrics,
                                           .data_dir = dir,
                                           .options = options});
  if (!embedded) return fail(embedded.error());
  cluster = *std::move(embedded);
  manager = std::make_unique<controller::Manager>(io.get_executor());
  definitions =
      std::make_unique<controller::DefinitionController>(io.get_executor(), *store, table, clock);
  manager->add({.name = "definitions",
                .start = [this] { return definitions->start(); },
                .stop = [this] { return definitions->stop(); }});
  cluster->add_to(*manager);
  if (options.controllers) {
    tuning = std::make_unique<Tuning>(
        Tuning::World{.io = io.get_executor(),
                      .numbers = numbers.get_executor(),
                      .light = light.get_executor(),
                      .store = *store,
                      .table = table,
                      .admission = admission,
                      .clock = clock,
                      .observations = *observations,
                      .logs = cluster->logs(),
                      .files = &cluster->files(),
                      .trials_at_once =
                          [this](const resources::Experiment& experiment, std::int64_t completed) {
                            return cluster->trials_at_once(experiment, completed);
                          },
                      .who_waits =
                          [this](const resources::Experiment& experiment,
                                 const resources::TrialAssignment& draw) {
                            return server ? server->who_waits(experiment.ns, experiment.name, draw)
                                          : std::string();
                          },
                      .keep_finished = static_cast<std::size_t>(options.keep_finished),
                      .optimization_jobs = true});
    tuning->add_to(*manager);
    cluster->size_trials(tuning->experiments(), tuning->trials(), *manager);
    warm_pods = std::make_unique<WarmPods>(WarmPods::World{.io = io.get_executor(),
                                                           .files = files.get_executor(),
                                                           .store = *store,
                                                           .clock = clock,
                                                           .data_dir = dir,
                                                           .experiments = tuning->experiments(),
                                                           .trials = tuning->trials(),
                                                           .jobs = cluster->jobs(),
                                                           .pods = cluster->pods(),
                                                           .sizer = cluster->sizer(),
                                                           .logs = cluster->warm_logs()});
    warm_pods->add_to(*manager);
  }
  return {};
}

Result<> App::Parts::listen() {
  TRY(const std::string admin, dir.token("admin"));
  TRY(const std::string viewer, dir.token("viewer"));
  TRY(const std::string session_secret, dir.token("pki/session"));
  tokens.add(admin, {.name = "admin", .role = api::Role::kAdmin, .by_cookie = false});
  tokens.add(viewer, {.name = "viewer", .role = api::Role::kViewer, .by_cookie = false});

  if (!options.token_file.empty()) {
    TRY(auto known, parse_token_file(read_file(options.token_file)));
    for (KnownToken& one : known) tokens.add(one.token, std::move(one.user));
  }

  std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
  if (address.host != "0.0.0.0" && address.host != "::") hosts.push_back(address.host);
  hosts.insert(hosts.end(), options.hosts.begin(), options.hosts.end());
  TRY(ServerCertificate certificate, ensure_certificates(dir, hosts, clock.now()));
  reach.ca_certificate = certificate.ca;
  reach.admin_token = admin;

  TRY(const std::string lease_key, dir.token("pki/leases"));
  train_tokens = std::make_unique<api::TrainTokens>(session_secret, tokens);
  server = std::make_unique<api::Server>(
      io.get_executor(), server_config(options, address, std::move(certificate), session_secret),
      api::Services{.store = *store,
                    .table = table,
                    .observations = *observations,
                    .pod_logs = cluster->logs(),
                    .assets = assets,
                    .authenticator = *train_tokens,
                    .clock = clock,
                    .metrics = metrics,
                    .trial_logs = warm_pods.get(),
                    .usage = cluster.get(),
                    .exec = cluster.get(),
                    .resizes = cluster.get(),
                    .stopping = tuning.get(),
                    .analysis = tuning.get(),
                    .runner_words = warm_pods ? &warm_pods->runner_words() : nullptr,
                    .lease_key = lease_key});
  if (auto started = server->start(); !started) return fail(started.error());
  reach.address = server->url();
  const bool everywhere = address.host == "0.0.0.0" || address.host == "::";
  if (warm_pods) {
    const std::string here = reach.address.substr(reach.address.find("://"));
    warm_pods->serve_at(
        everywhere ? fmt::format("http://127.0.0.1:{}", server->port()) : "http" + here, lease_key);
  }
  cluster->let_trainings_report(
      {.address = everywhere ? fmt::format("https://127.0.0.1:{}", server->port()) : reach.address,
       .ca_certificate = reach.ca_certificate,
       .token = [this](const std::string& ns, const std::string& name, const std::string& uid) {
         return train_tokens->issue(ns, name, uid);
       }});
  if (auto written = dir.write("address", reach.address + "\n", 0644); !written)
    return fail(written.error());
  return dir.write("kubeconfig", kubeconfig_for(reach.address, reach.ca_certificate, admin), 0600);
}

Task<Result<>> App::Parts::start() {
  if (auto made = co_await ensure_namespaces(store.get()); !made) co_return fail(made.error());
  asio::co_spawn(io, compactor->run(), asio::detached);
  asio::co_spawn(io, event_keeper->run(), asio::detached);
  co_await manager->start();
  server->set_ready(true);
  co_return Result<>{};
}

Task<> App::Parts::shut_down() {
  server->set_ready(false);
  co_await server->stop();
  // Trials that are to end have their grace on top.
  const std::chrono::seconds patience(options.stop_trials ? 10 : 4);
  for (const std::string& part : co_await manager->stop(patience)) {
    log_warn("mizan", "left a part behind", {{"part", part}});
  }
  event_keeper->stop();
  compactor->stop();
  store->close();
  backend->close();
  database->close();
  work.reset();
  io.stop();
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() {
  if (!parts_) return;
  // What still waits on the io thread goes before what it refers to.
  parts_->io.stop();
  parts_->numbers.join();
  parts_->light.join();
  parts_->files.join();
}

Result<std::unique_ptr<App>> App::create(ServerOptions options) {
  auto dir = DataDir::open(options.data_dir);
  if (!dir) return fail(dir.error());
  options.data_dir = dir->path();
  auto parts = std::make_unique<Parts>(std::move(options), *std::move(dir));
  if (auto opened = parts->open(); !opened) return fail(opened.error());
  if (auto listening = parts->listen(); !listening) return fail(listening.error());
  if (auto started = run_until_done(parts->io, parts->start()); !started)
    return fail(started.error());
  return std::unique_ptr<App>(new App(std::move(parts)));
}

RunningServer App::reachable() const { return parts_->reach; }

void App::run() {
  parts_->io.run();
  // shut_down() has stopped it; what was still resuming then gets to its end before its world is
  // destroyed.
  parts_->io.restart();
  parts_->io.run_for(std::chrono::seconds(1));
}

void App::stop(bool kill_trials) {
  asio::post(parts_->io, [parts = parts_.get(), kill_trials] {
    if (kill_trials) parts->cluster->kill_trials();
    if (std::exchange(parts->stopping, true)) return;
    asio::co_spawn(parts->io, parts->shut_down(), [](const std::exception_ptr& broken) {
      if (broken) std::rethrow_exception(broken);
    });
  });
}

}  // namespace mizan::cmd
