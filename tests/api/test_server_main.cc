// A server to try clients on by hand: `api_test_server PORT [CERT.pem KEY.pem]` serves an empty
// store in memory, with the tests' tokens and fake logs, until it is told to stop.
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/api/test_server.h"

namespace {

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  mizan::api::ServerConfig config;
  if (argc > 1) config.port = static_cast<std::uint16_t>(std::stoi(argv[1]));
  if (argc > 3) config.tls = mizan::api::TlsFiles{read_file(argv[2]), read_file(argv[3])};
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  mizan::testing::TestServer server(std::move(config));
  server.run([](mizan::testing::TestServer& running) -> mizan::Task<> {
    running.clock().set(std::chrono::system_clock::now());
    co_return;
  }(server));
  std::cout << server.url() << ' ' << mizan::testing::kAdminToken << std::endl;
  int received = 0;
  sigwait(&signals, &received);
}
