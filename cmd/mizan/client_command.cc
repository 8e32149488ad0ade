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

std::string experiments_path(const std::string& ns) {
  return fmt::format("/rest/v1/namespaces/{}/experiments", kubernetes::url_encode(ns));
}

Task<Result<Json>> read_json(kubernetes::HttpsClient* client, std::string target) {
  CO_TRY(const kubernetes::HttpResponse answer, co_await client->get(std::move(target)));
  Json object = answer.json();
  if (answer.status == 200) co_return object;
  const std::string detail =
      string_at(object, "detail", fmt::format("status {}", answer.status));  // a problem's
  co_return fail(answer.status == 404 ? Code::kNotFound : Code::kUnavailable,
                 string_at(object, "message", detail));  // a Status's
}

}  // namespace mizan::cmd
