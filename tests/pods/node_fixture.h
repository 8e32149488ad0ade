// An embedded node on a store in memory, with real shims: the test makes Pods and sees what becomes
// of them.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>

#include "pods/node/embedded_node.h"
#include "pods/node/pod_files.h"
#include "resources/meta.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_until.h"
#include "tests/support/temp_dir.h"

namespace mizan::pods {

class RememberingRecorder final : public controller::Recorder {
 public:
  void record(const Json& object, controller::EventType, std::string reason,
              std::string message) override {
    events.push_back({resources::name_of(object), std::move(reason), std::move(message)});
  }
  struct Event {
    std::string object, reason, message;
  };
  bool has(const std::string& reason) const {
    return std::ranges::any_of(events, [&](const Event& event) { return event.reason == reason; });
  }
  std::size_t count(const std::string& reason) const {
    return static_cast<std::size_t>(std::ranges::count(events, reason, &Event::reason));
  }
  std::deque<Event> events;
};

inline Json a_pod(const std::string& name, const std::string& script) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"restartPolicy", "Never"},
            {"containers",
             Json::array({Json{
                 {"name", "main"}, {"image", "any"}, {"command", {"/bin/sh", "-c", script}}}})}}}};
}

class NodeTest : public ::testing::Test {
 protected:
  NodeTest() {
    config.data_dir = dir.path().string();
    config.node_name = "test-node";
    config.shim_binary = MIZAN_SHIM_BINARY;
    config.running_delay = std::chrono::milliseconds(0);
    config.restart_backoff = std::chrono::milliseconds(20);
    config.retry_config = std::chrono::milliseconds(50);
    config.version = "test";
  }
  ~NodeTest() override {
    if (node) stop(EmbeddedNode::Pods::kStop);
    // Whatever a failed test left running.
    for (const std::string& uid : list_folders(config.data_dir)) {
      const FolderState state = inspect_folder(pod_folder_path(config.data_dir, uid));
      if (state.alive) ::kill(state.claim->pid, SIGTERM);
    }
    pool.join();
  }

  void start() {
    informer = std::make_unique<controller::Informer<Json>>(
        memory.store, store::Selection({"", "pods"}), nullptr);
    EmbeddedNode::World world{
        memory.io.get_executor(), pool.get_executor(), memory.store, *informer, clock, recorder};
    auto made = EmbeddedNode::create(std::move(world), config);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    node = *std::move(made);
    informer_done = false;
    boost::asio::co_spawn(memory.io, informer->run(),
                          [this](const std::exception_ptr&) { informer_done = true; });
    memory.run(informer->wait_until_synced());
    memory.run(node->start());
  }
  void stop(EmbeddedNode::Pods pods) {
    memory.run(node->stop(pods, std::chrono::milliseconds(500)));
    node.reset();
    informer->stop();
    mizan::testing::run_until(memory.io, [this] { return informer_done; });
    informer.reset();
  }
  /// The server dies and another comes.
  void restart() {
    stop(EmbeddedNode::Pods::kKeepRunning);
    start();
  }

  Json create(Json pod) {
    auto made = memory.run(memory.store.create({"", "pods"}, "default", std::move(pod), {}));
    if (!made) throw std::runtime_error(made.error().message);
    return *made->object;
  }
  /// The stored pod, null when there is none.
  Json pod(const std::string& name) {
    auto got = memory.run(memory.store.get(store::Key({"", "pods"}, "default", name)));
    return got ? **got : Json();
  }
  std::string phase(const std::string& name) { return string_at(pod(name), "status.phase"); }
  void wait_for_phase(const std::string& name, const std::string& wanted) {
    try {
      mizan::testing::run_until(memory.io, [&] { return phase(name) == wanted; });
    } catch (const std::exception&) {
      FAIL() << name << " is not " << wanted << ": " << pod(name).dump(2);
    }
  }
  void wait_until(std::function<bool()> holds) {
    mizan::testing::run_until(memory.io, std::move(holds));
  }
  void wait_until_gone(const std::string& name) {
    wait_until([&] { return pod(name).is_null(); });
  }
  Json remove(const std::string& name, std::optional<std::int64_t> grace = {}) {
    store::RemoveOptions options;
    options.grace_period_seconds = grace;
    auto removed =
        memory.run(memory.store.remove(store::Key({"", "pods"}, "default", name), options));
    return removed ? *removed->object : Json();
  }
  static Json terminated(const Json& pod) {
    const Json* statuses = find(pod, "status.containerStatuses");
    return statuses == nullptr || statuses->empty() ? Json()
                                                    : (*statuses)[0]["state"]["terminated"];
  }
  std::string folder(const Json& pod) const {
    return pod_folder_path(std::filesystem::canonical(config.data_dir).string(),
                           resources::uid_of(pod));
  }
  /// Where the pod's container `main` works.
  std::string work_folder(const std::string& name) {
    return folder(pod(name)) + "/containers/main/work";
  }
  Result<std::string> log(const std::string& name, store::LogOptions options = {}) {
    auto stream = memory.run(node->logs().open("default", name, options));
    if (!stream) return fail(stream.error());
    std::string all;
    while (true) {
      auto some = memory.run((*stream)->next());
      if (!some) return fail(some.error());
      if (some->empty()) return all;
      all += *some;
    }
  }

  mizan::testing::TempDir dir;
  NodeConfig config;
  SystemClock clock;
  RememberingRecorder recorder;
  mizan::testing::MemoryStore memory;
  boost::asio::thread_pool pool{2};
  std::unique_ptr<controller::Informer<Json>> informer;
  bool informer_done = true;
  std::unique_ptr<EmbeddedNode> node;
};

}  // namespace mizan::pods
