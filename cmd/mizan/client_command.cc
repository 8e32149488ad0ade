// One io_context for as long as the work takes.
#include "cmd/mizan/client_command.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "cmd/mizan/commands.h"
#include "cmd/mizan/data_dir.h"

namespace mizan::cmd {

int run_client_command(const char* name, const std::filesystem::path& data_dir,
                       const std::function<Task<Result<>>(kubernetes::HttpsClient*)>& work) {
  const auto complain = [name](const std::string& what) {
    std::fputs(fmt::format("mizan {}: {}\n", name, what).c_str(), stderr);
    return kExitFailed;
  };
  auto server = find_running_server(data_dir);
  if (!server)
    return complain(fmt::format("no server runs on {}; start one with mizan serve --data-dir {}",
                                data_dir.string(), data_dir.string()));
  boost::asio::io_context context;
  auto client = kubernetes::HttpsClient::create(context.get_executor(), endpoint_of(*server));
  if (!client) return complain(client.error().message);
  Result<> done;
  boost::asio::co_spawn(context, work(client->get()),
                        [&](const std::exception_ptr& broken, Result<> outcome) {
                          if (broken) std::rethrow_exception(broken);
                          done = std::move(outcome);
                        });
  context.run();
  if (done) return kExitSucceeded;
  complain(done.error().message);
  return done.error().code == Code::kBadRequest ? kExitUsage : kExitFailed;
}

}  // namespace mizan::cmd
