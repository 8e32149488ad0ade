// `mizan serve`: says where it listens, serves until SIGTERM or SIGINT.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "cmd/mizan/app.h"
#include "cmd/mizan/commands.h"
#include "core/json.h"

namespace mizan::cmd {
namespace {

void announce(const App& app, const ServeOptions& options) {
  const RunningServer reach = app.reachable();
  const std::string kubeconfig = (options.server.data_dir / "kubeconfig").string();
  if (options.json_output) {
    const Json line{{"address", reach.address},
                    {"kubeconfig", kubeconfig},
                    {"dataDir", options.server.data_dir.string()}};
    std::puts(line.dump().c_str());
  } else {
    std::fputs(fmt::format("mizan serves at {}\n"
                           "  kubectl    export KUBECONFIG={}\n"
                           "  dashboard  {}/#token={}\n",
                           reach.address, kubeconfig, reach.address, reach.admin_token)
                   .c_str(),
               stdout);
  }
  std::fflush(stdout);
}

}  // namespace

int serve(const ServeOptions& options) {
  auto app = App::create(options.server);
  if (!app) {
    std::fputs(fmt::format("mizan serve: {}\n", app.error().message).c_str(), stderr);
    for (const FieldError& field : app.error().fields) {
      std::fputs(fmt::format("  {}: {}\n", field.path, field.message).c_str(), stderr);
    }
    return kExitUsage;
  }
  // Signals have a thread of their own: a second one must work even while the server is stopping.
  boost::asio::io_context signals_context;
  boost::asio::signal_set signals(signals_context, SIGINT, SIGTERM);
  std::function<void(const boost::system::error_code&, int)> on_signal =
      [&](const boost::system::error_code& error, int) {
        if (error) return;
        static int times = 0;
        (*app)->stop(++times > 1);
        signals.async_wait(on_signal);
      };
  signals.async_wait(on_signal);
  std::jthread waiter([&] { signals_context.run(); });

  announce(**app, options);
  (*app)->run();
  signals_context.stop();
  return kExitSucceeded;
}

}  // namespace mizan::cmd
