// A real runner with real trials and workers, against a server that says what the test says.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "pods/shim/pod_folder.h"
#include "resources/warm_lease.h"
#include "tests/support/temp_dir.h"

namespace mizan::pods {
namespace {

using resources::WarmLease;
using resources::WarmResult;
using ::testing::HasSubstr;
using ::testing::Not;

/// One request at a time, an answer for each; a question waits until there is another lease.
class FakeServer {
 public:
  FakeServer() {
    listen();
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void offer(const WarmLease& lease) {
    const std::lock_guard lock(mutex_);
    lease_ = lease;
    changed_.notify_all();
  }
  WarmResult next_result() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(60), [this] { return !results_.empty(); }))
      throw std::runtime_error("no result within a minute");
    WarmResult first = results_.front();
    results_.erase(results_.begin());
    return first;
  }

 private:
  void listen() {
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket_.get(), 8) != 0 ||
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no socket");
    port_ = ntohs(address.sin_port);
  }

  static std::string read_request(int fd) {
    std::string request;
    char chunk[4096];
    while (true) {
      const std::size_t head = request.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t length = request.find("Content-Length: ");
        const std::size_t body = length < head ? std::stoul(request.substr(length + 16)) : 0;
        if (request.size() >= head + 4 + body) return request;
      }
      const ssize_t got = ::read(fd, chunk, sizeof chunk);
      if (got <= 0) return {};
      request.append(chunk, static_cast<std::size_t>(got));
    }
  }

  void serve() {
    for (int calls = 0;; ++calls) {
      const Fd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      if (calls == 0) continue;  // as a server that is killed: not a byte
      const std::string request = read_request(client.get());
      const std::string body = answer(request, client.get());
      const std::string reply =
          "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\nConnection: close\r\n\r\n" + body;
      (void)::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  }

  std::string answer(const std::string& request, int client) {
    std::unique_lock lock(mutex_);
    if (request.starts_with("POST")) {
      const Json body = Json::parse(request.substr(request.find("\r\n\r\n") + 4));
      results_.push_back(*resources::read_result(body));
      lease_.reset();
      changed_.notify_all();
      return R"({"kept":true})";
    }
    // It hangs up when it has a result to hand in.
    const auto is_news = [&] {
      pollfd gone{client, POLLRDHUP, 0};
      if (stopping_ || ::poll(&gone, 1, 0) > 0) return true;
      if (!lease_) return false;
      const bool known = request.find("&trial=" + lease_->trial) != std::string::npos;
      return !known || lease_->end || lease_->cancelled.has_value();
    };
    while (!is_news()) changed_.wait_for(lock, std::chrono::milliseconds(5));
    return Json{{"lease", lease_ ? to_json(*lease_) : Json()}}.dump();
  }

  Fd socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<WarmLease> lease_;
  std::vector<WarmResult> results_;
  bool stopping_ = false;
};

class RunnerTest : public ::testing::Test {
 protected:
  void start(const std::string& reuse, std::vector<std::string> more = {}) {
    std::vector<std::string> env{"PATH=/usr/bin:/bin",   "MIZAN_URL=" + server.url(),
                                 "MIZAN_TOKEN=secret",   "MIZAN_NAMESPACE=default",
                                 "MIZAN_POD=p",          "MIZAN_POD_UID=u",
                                 "MIZAN_REUSE=" + reuse, "ASAN_OPTIONS=detect_leaks=0"};
    env.insert(env.end(), more.begin(), more.end());
    // A shell changes to its folder and gives it its output.
    const std::string line =
        "cd '" + dir.path().string() + "' && exec " MIZAN_RUNNER_BINARY " > log";
    std::vector<std::string> words{"/bin/sh", "-c", line};
    std::vector<char*> argv, envp;
    for (auto* list : {&words, &env}) {
      for (std::string& text : *list) (list == &words ? argv : envp).push_back(text.data());
    }
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    ASSERT_EQ(::posix_spawn(&runner, "/bin/sh", nullptr, nullptr, argv.data(), envp.data()), 0);
  }
  ~RunnerTest() override {
    if (runner > 0 && ::kill(runner, SIGTERM) == 0) ::waitpid(runner, nullptr, 0);
  }
  int wait_for_end() {
    int status = 0;
    ::waitpid(std::exchange(runner, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string log() const {
    std::ifstream file(dir.path() / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static WarmLease a_lease(const std::string& trial, const std::string& script) {
    WarmLease lease;
    lease.trial = trial;
    lease.command = {"sh", "-c", script};
    lease.grace_seconds = 1;
    return lease;
  }
  WarmResult run(const WarmLease& lease) {
    server.offer(lease);
    return server.next_result();
  }
  void end() {
    WarmLease over;
    over.end = true;
    server.offer(over);
    EXPECT_EQ(wait_for_end(), 0);
  }

  mizan::testing::TempDir dir;
  FakeServer server;
  pid_t runner = 0;
};

/// Says that each trial is done, and remembers how many it had.
constexpr const char* kWorker =
    "n=0; while read -r line; do case $line in *stop*) continue;; esac; n=$((n + 1)); "
    "t=${line##*\\\"trial\\\":\\\"}; t=${t%%\\\"*}; echo "
    "\"{\\\"metric\\\":\\\"n\\\",\\\"value\\\":$n}\"; "
    "echo \"{\\\"done\\\":\\\"$t\\\"}\"; done";

TEST_F(RunnerTest, GivesEachTrialAProcessAndADirectoryOfItsOwn) {
  start("Pod");
  for (const char* trial : {"t1", "t2"}) {
    WarmLease lease = a_lease(trial, "ls; touch left; echo $WHO in $HOME $TMPDIR; test -d $TMPDIR");
    lease.env = {{"NAME", trial}, {"WHO", "I am $(NAME)"}};
    const WarmResult result = run(lease);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_GT(result.peak_bytes, 0);
  }
  end();
  EXPECT_THAT(log(), HasSubstr("t1/1: I am t1 in " + dir.path().string() + "/t1-1 "));
  EXPECT_THAT(log(), HasSubstr("t2/1: tmp\nt2/1: I am t2")) << "nothing of the first is there";
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "t1-1"));
}

TEST_F(RunnerTest, SaysHowATrialEnded) {
  start("Pod");
  EXPECT_EQ(run(a_lease("a", "exit 3")).exit_code, 3);
  // As kubelet has it, two dollars stand for one.
  const WarmResult killed = run(a_lease("b", "kill -9 $$$$"));
  EXPECT_EQ(killed.signal, 9);
  EXPECT_EQ(killed.exit_code, 137);
  EXPECT_FALSE(killed.oom_killed);
  WarmLease last_words = a_lease("c", "echo it can not be; exit 78");
  last_words.log_as_message = true;
  EXPECT_EQ(run(last_words).message, "it can not be\n");
  WarmLease unknown = a_lease("d", "");
  unknown.command = {"no-such-program"};
  const WarmResult not_started = run(unknown);
  EXPECT_EQ(not_started.exit_code, 128);
  EXPECT_THAT(not_started.message, HasSubstr("executable file not found"));
  end();
}

TEST_F(RunnerTest, TrialsDoNotHearItsToken) {
  start("Pod");
  EXPECT_EQ(run(a_lease("t", "env")).exit_code, 0);
  end();
  EXPECT_THAT(log(), Not(HasSubstr("secret")));
  EXPECT_THAT(log(), HasSubstr("MIZAN_POD=p"));
}

TEST_F(RunnerTest, KillsWhatATrialLeavesRunning) {
  start("Pod");
  const WarmResult result = run(a_lease("t", "setsid sleep 1000 & echo $! > ../left; exit 0"));
  EXPECT_EQ(result.exit_code, 0);
  pid_t left = 0;
  std::ifstream(dir.path() / "left") >> left;
  ASSERT_GT(left, 0);
  EXPECT_NE(::kill(left, 0), 0);
  end();
}

TEST_F(RunnerTest, StopsATrialWhoseLeaseIsWithdrawn) {
  start("Pod");
  // Opening a pipe to read waits for the one who writes.
  const std::string begun = (dir.path() / "begun").string();
  ASSERT_EQ(::mkfifo(begun.c_str(), 0600), 0);
  WarmLease lease = a_lease("t", "trap '' TERM; echo yes > ../begun; while :; do sleep 0.1; done");
  server.offer(lease);
  std::string said;
  std::ifstream(begun) >> said;
  EXPECT_EQ(said, "yes");
  lease.cancelled = std::chrono::system_clock::now();
  const WarmResult result = run(lease);
  EXPECT_TRUE(result.cancelled);
  EXPECT_FALSE(result.succeeded());
  end();
}

TEST_F(RunnerTest, OneWorkerServesManyTrials) {
  start("Process");
  for (const char* trial : {"t1", "t2", "t3"})
    EXPECT_TRUE(run(a_lease(trial, kWorker)).succeeded());
  end();
  EXPECT_THAT(log(), HasSubstr("t1/1: n=1\n"));
  EXPECT_THAT(log(), HasSubstr("t3/1: n=3\n"));
}

TEST_F(RunnerTest, AnotherCommandLineIsAnotherWorker) {
  start("Process");
  EXPECT_TRUE(run(a_lease("t1", kWorker)).succeeded());
  EXPECT_TRUE(run(a_lease("t2", std::string(kWorker) + "; true")).succeeded());
  end();
  EXPECT_THAT(log(), HasSubstr("t2/1: n=1\n"));
}

TEST_F(RunnerTest, ADeadWorkerFailsItsTrialAloneAndIsStartedAnew) {
  start("Process");
  EXPECT_EQ(run(a_lease("t1", "read -r line; exit 4")).exit_code, 4);
  const WarmResult quiet = run(a_lease("t2", "read -r line; exit 0"));
  EXPECT_EQ(quiet.exit_code, 1) << "an end that is no answer is no success";
  EXPECT_TRUE(run(a_lease("t3", kWorker)).succeeded());
  end();
}

TEST_F(RunnerTest, WhatAWorkerNeedsWhenIdleIsRememberedForTheNextOne) {
  const std::string worker = R"(
    while read -r line; do
      case $line in
        *stop*) continue;;
        *dies*) exit 4;;
        *big*) x=$(head -c 40000000 /dev/zero | tr '\0' x);;
      esac
      t=${line##*\"trial\":\"}
      echo "{\"done\":\"${t%%\"*}\"}"
    done)";
  start("Process");
  const WarmResult little = run(a_lease("little", worker));
  EXPECT_TRUE(little.succeeded());
  EXPECT_EQ(little.left_bytes, 0);
  EXPECT_EQ(run(a_lease("dies", worker)).exit_code, 4);
  const WarmResult big = run(a_lease("big", worker));
  EXPECT_TRUE(big.succeeded());
  EXPECT_GT(big.left_bytes, 30'000'000)
      << "the first of its trials is no measure of what a worker needs";
  end();
}

TEST_F(RunnerTest, NeedsItsEnvironment) {
  start("Sometimes");
  EXPECT_EQ(wait_for_end(), 64);
}

}  // namespace
}  // namespace mizan::pods
