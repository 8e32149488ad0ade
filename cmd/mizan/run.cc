// `mizan run`: submit, follow, print the best trial. Uses the server that owns the data directory,
// or is one for as long as it takes.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

#include "cmd/mizan/app.h"
#include "cmd/mizan/client_command.h"
#include "cmd/mizan/commands.h"
#include "cmd/mizan/follow.h"
#include "cmd/mizan/run_view.h"
#include "cmd/mizan/submission.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {
namespace {

namespace asio = boost::asio;

void print_error(const std::string& text) { std::fputs(text.c_str(), stderr); }

/// What became of one submission.
struct Submitted {
  std::string ns, name;
  bool finished = false;  // it had ended before we came
};

/// The first of name-2, name-3, … that is free.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): run() owns client
Task<Result<std::string>> free_name(kubernetes::HttpsClient& client, std::string ns,
                                    std::string name) {
  for (int i = 2; i < 1000; ++i) {
    const std::string candidate = fmt::format("{}-{}", name, i);
    CO_TRY(const kubernetes::HttpResponse found,
           co_await client.get(experiments_path(ns) + "/" + kubernetes::url_encode(candidate)));
    if (found.status == 404) co_return candidate;
  }
  co_return fail(
      Code::kAlreadyExists,
      fmt::format("{}-2 to {}-999 all exist; give the experiment another name", name, name));
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): run() owns client
Task<Result<Submitted>> create(kubernetes::HttpsClient& client, Submission submission,
                               std::string ns) {
  kubernetes::HttpRequest post{.method = "POST",
                               .target = experiments_path(ns),
                               .body = submission.object.dump(),
                               .headers = {{"Content-Type", "application/json"}}};
  CO_TRY(const kubernetes::HttpResponse made, co_await client.request(std::move(post)));
  if (made.status != 201) co_return fail(Code::kInvalid, refusal_text(submission, made.json()));
  co_return Submitted{ns, string_at(made.json(), "metadata.name"), false};
}

/// Creates the experiment, or finds that it is there already: the same one goes on or is shown,
/// another is refused.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): run() owns client
Task<Result<Submitted>> submit(kubernetes::HttpsClient& client, Submission submission, bool again) {
  const std::string ns = string_at(submission.object, "metadata.namespace", "default");
  const std::string name = string_at(submission.object, "metadata.name");
  if (name.empty()) co_return co_await create(client, std::move(submission), ns);
  CO_TRY(const kubernetes::HttpResponse found,
         co_await client.get(experiments_path(ns) + "/" + kubernetes::url_encode(name)));
  if (found.status == 404) co_return co_await create(client, std::move(submission), ns);
  const Json existing = found.json();
  if (found.status != 200) co_return fail(Code::kUnavailable, refusal_text(submission, existing));

  const Json* summary = find(existing, "summary");
  const bool finished = summary != nullptr && is_finished_experiment(*summary);
  if (again && finished) {
    CO_TRY(submission.object["metadata"]["name"], co_await free_name(client, ns, name));
    co_return co_await create(client, std::move(submission), ns);
  }
  const auto changed = differences(existing.value("object", Json::object()), submission.object);
  if (!changed.empty()) {
    std::string text =
        fmt::format("{}: experiment {}/{} exists and is another one:\n", submission.file, ns, name);
    for (const std::string& difference : changed) text += "  " + difference + "\n";
    text += finished
                ? "Give it another metadata.name, or run it with --again under a new one.\n"
                : "Give it another metadata.name, or change the running one with kubectl apply.\n";
    co_return fail(Code::kConflict, text);
  }
  co_return Submitted{ns, name, finished};
}

/// Submits everything first, so that a refusal of the second file leaves no half of the work
/// running unnoticed.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): run() owns client
Task<int> run_all(kubernetes::HttpsClient& client, std::vector<Submission> submissions,
                  RunOptions options) {
  std::vector<Submitted> experiments;
  for (Submission& submission : submissions) {
    auto submitted = co_await submit(client, std::move(submission), options.again);
    if (!submitted) {
      print_error(submitted.error().message);
      if (!submitted.error().message.ends_with('\n')) print_error("\n");
      co_return submitted.error().code == Code::kUnavailable ? kExitFailed : kExitUsage;
    }
    experiments.push_back(*std::move(submitted));
  }
  int exit_code = kExitSucceeded;
  for (const Submitted& experiment : experiments) {
    if (experiment.finished && !options.quiet) {
      std::fputs(fmt::format("{}/{} had finished before; --again runs it once more\n",
                             experiment.ns, experiment.name)
                     .c_str(),
                 stdout);
    }
    auto end = co_await follow_experiment(client, experiment.ns, experiment.name, options.quiet);
    if (end) {
      if (auto printed = co_await print_result(client, experiment.ns, experiment.name); !printed)
        end = fail(printed.error());
    }
    if (!end) {
      print_error(fmt::format("{}/{}: {}\n", experiment.ns, experiment.name, end.error().message));
      exit_code = kExitFailed;
    } else if (string_at(*end, "state") != "Succeeded") {
      exit_code = kExitFailed;
    }
  }
  co_return exit_code;
}

/// The server of this run, when there was none: on a thread of its own.
class OwnServer {
 public:
  explicit OwnServer(std::unique_ptr<App> app)
      : app_(std::move(app)), thread_([this] { app_->run(); }) {}
  ~OwnServer() { app_->stop(); }
  RunningServer reachable() const { return app_->reachable(); }
  void stop(bool kill_trials) { app_->stop(kill_trials); }
  void join() { thread_.join(); }

 private:
  std::unique_ptr<App> app_;
  std::jthread thread_;
};

/// What Ctrl-C says, the first and the second time.
void interrupt(int times, OwnServer* own, const RunningServer& server) {
  if (own == nullptr) {
    print_error(fmt::format("\nThe experiment goes on at {}; the same command comes back to it.\n",
                            server.address));
    return;
  }
  print_error(
      times == 1
          ? "\nStopping the trials; the same command goes on from here. Ctrl-C again kills them.\n"
          : "\nKilling the trials.\n");
  own->stop(times > 1);
}

}  // namespace

int run(const RunOptions& options) {
  std::vector<Submission> submissions;
  for (const auto& file : options.files) {
    auto read = read_submissions(file.string());
    if (!read) {
      print_error(read.error().message + "\n");
      return kExitUsage;
    }
    for (Submission& submission : *read) submissions.push_back(std::move(submission));
  }

  std::unique_ptr<OwnServer> own;
  auto server = find_running_server(options.server.data_dir);
  if (!server) {
    auto app = App::create(options.server);
    if (!app) {
      print_error(fmt::format("mizan run: {}\n", app.error().message));
      return kExitUsage;
    }
    own = std::make_unique<OwnServer>(*std::move(app));
    server = own->reachable();
  }
  if (!options.quiet) {
    std::fputs(
        fmt::format("dashboard: {}/#token={}\n", server->address, server->admin_token).c_str(),
        stdout);
    std::fflush(stdout);
  }

  asio::io_context context;
  auto client = kubernetes::HttpsClient::create(context.get_executor(), endpoint_of(*server));
  if (!client) {
    print_error(fmt::format("mizan run: {}\n", client.error().message));
    return kExitFailed;
  }
  int exit_code = kExitInterrupted;
  int interrupts = 0;
  asio::signal_set signals(context, SIGINT, SIGTERM);
  std::function<void(const boost::system::error_code&, int)> on_signal =
      [&](const boost::system::error_code& error, int) {
        if (error) return;
        interrupt(++interrupts, own.get(), *server);
        context.stop();
      };
  signals.async_wait(on_signal);
  asio::co_spawn(context, run_all(**client, std::move(submissions), options),
                 [&](const std::exception_ptr& broken, int code) {
                   if (broken) std::rethrow_exception(broken);
                   exit_code = code;
                   context.stop();
                 });
  context.run();

  if (own) {
    // The server stops on its own thread; a second Ctrl-C must still reach it.
    own->stop(false);
    signals.async_wait(on_signal);
    context.restart();
    std::jthread listener([&] { context.run(); });
    own->join();
    context.stop();
  }
  return exit_code;
}

}  // namespace mizan::cmd
