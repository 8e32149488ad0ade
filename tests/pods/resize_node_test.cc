// Resizing on the embedded node beyond what was captured: its three writes, restarts of the server,
// hosts without cgroups, fairness.
#include <fstream>

#include "tests/pods/node_fixture.h"

namespace mizan::pods {
namespace {

class ResizeNodeTest : public NodeTest {
 protected:
  ResizeNodeTest() {
    config.size.cpu = "1";
    config.retry_resize = std::chrono::milliseconds(50);
  }
  static Json sized(const std::string& name, const std::string& script, Json requests,
                    Json limits = Json::object()) {
    Json pod = a_pod(name, script);
    pod["spec"]["containers"][0]["resources"] = {{"requests", std::move(requests)},
                                                 {"limits", std::move(limits)}};
    return pod;
  }
  Result<store::Written> resize(const std::string& name, Json resources) {
    Json container{{"name", "main"}, {"resources", std::move(resources)}};
    Json body{{"spec", {{"containers", Json::array({std::move(container)})}}}};
    return memory.run(memory.store.patch(store::Key({"", "pods"}, "default", name), "resize",
                                         store::Patch(store::PatchType::kStrategic, body), {}));
  }
  Json condition(const std::string& name, const std::string& type) {
    for (const Json& each : pod(name)["status"].value("conditions", Json::array())) {
      if (each["type"] == type) return each;
    }
    return {};
  }
  std::string in_force(const std::string& name, const char* which, const char* resource) {
    const Json status = pod(name)["status"].value("containerStatuses", Json::array());
    return status.empty()
               ? ""
               : string_at(status[0], std::string("resources.") + which + "." + resource);
  }
};

constexpr const char* kForever = "exec sleep 1000";

TEST_F(ResizeNodeTest, TellsOfAResizeThatFitsInTwoWrites) {
  start();
  create(sized("a", kForever, {{"cpu", "100m"}}));
  wait_until([&] { return in_force("a", "requests", "cpu") == "100m"; });
  const auto patched = resize("a", {{"requests", {{"cpu", "200m"}}}});
  ASSERT_TRUE(patched.has_value()) << patched.error().message;
  wait_until([&] { return in_force("a", "requests", "cpu") == "200m"; });

  EXPECT_EQ(std::stoull(resources::resource_version_of(pod("a"))),
            std::stoull(resources::resource_version_of(*patched->object)) + 2);
  EXPECT_EQ(recorder.count("ResizeCompleted"), 1U);
}

TEST_F(ResizeNodeTest, GivesWhatBecomesFreeToTheLongestWaiting) {
  start();
  create(sized("blocker", kForever, {{"cpu", "600m"}}));
  create(sized("first", kForever, {{"cpu", "100m"}}));
  create(sized("second", kForever, {{"cpu", "100m"}}));
  for (const char* name : {"blocker", "first", "second"}) wait_for_phase(name, "Running");
  (void)resize("first", {{"requests", {{"cpu", "500m"}}}});
  wait_until([&] { return condition("first", "PodResizePending")["reason"] == "Deferred"; });
  (void)resize("second", {{"requests", {{"cpu", "600m"}}}});
  wait_until([&] { return condition("second", "PodResizePending")["reason"] == "Deferred"; });

  remove("blocker", 0);

  wait_until([&] { return in_force("first", "requests", "cpu") == "500m"; });
  EXPECT_EQ(in_force("second", "requests", "cpu"), "100m");
  EXPECT_EQ(condition("second", "PodResizePending")["reason"], "Deferred");
  (void)resize("first", {{"requests", {{"cpu", "300m"}}}});
  wait_until([&] { return in_force("second", "requests", "cpu") == "600m"; });
}

TEST_F(ResizeNodeTest, KeepsWhatItGrantedOverARestart) {
  start();
  const char* holds = "x=$(head -c 60000000 /dev/zero | tr '\\0' x); echo ready; sleep 1000";
  create(sized("a", holds, {{"memory", "100Mi"}}, {{"memory", "200Mi"}}));
  create(sized("b", kForever, {{"cpu", "700m"}}));
  wait_until([&] { return log("a").value_or("") == "ready\n"; });
  wait_for_phase("b", "Running");
  (void)resize("a", {{"requests", {{"memory", "16Mi"}}}, {"limits", {{"memory", "20Mi"}}}});
  wait_until([&] { return condition("a", "PodResizeInProgress")["reason"] == "Error"; });
  (void)resize("b", {{"requests", {{"cpu", "800m"}}}});
  wait_until([&] { return in_force("b", "requests", "cpu") == "800m"; });

  restart();

  EXPECT_EQ(condition("a", "PodResizeInProgress")["reason"], "Error");
  EXPECT_EQ(in_force("a", "limits", "memory"), "200Mi");
  (void)resize("a", {{"requests", {{"memory", "100Mi"}}}, {"limits", {{"memory", "220Mi"}}}});
  wait_until([&] { return in_force("a", "limits", "memory") == "220Mi"; });
  EXPECT_TRUE(condition("a", "PodResizeInProgress").is_null());
  (void)resize("a", {{"requests", {{"cpu", "300m"}}}});
  wait_until([&] { return condition("a", "PodResizePending")["reason"] == "Deferred"; });
}

TEST_F(ResizeNodeTest, EnforcesTheNewLimitWhereThereAreNoCgroups) {
  config.use_cgroups = false;
  start();
  create(sized("a",
               "until test -e go; do sleep 0.02; done; exec perl -e '$x = \"a\" x 120_000_000; "
               "sleep 1000'",
               {{"memory", "32Mi"}}, {{"memory", "400Mi"}}));
  wait_for_phase("a", "Running");
  (void)resize("a", {{"limits", {{"memory", "64Mi"}}}});
  wait_until([&] { return in_force("a", "limits", "memory") == "64Mi"; });
  std::ofstream(work_folder("a") + "/go") << "";

  wait_for_phase("a", "Failed");

  EXPECT_EQ(terminated(pod("a"))["reason"], "OOMKilled");
}

TEST_F(ResizeNodeTest, APodThatNobodyStartedYetRunsWithWhatItWasGranted) {
  start();
  Json waits = sized("a", kForever, {{"cpu", "100m"}});
  waits["spec"]["containers"][0]["envFrom"] = {{{"configMapRef", {{"name", "late"}}}}};
  create(waits);
  wait_until([&] { return recorder.has("Failed"); });
  (void)resize("a", {{"requests", {{"cpu", "300m"}}}});
  Json config_map{{"metadata", {{"name", "late"}}}, {"data", {{"A", "1"}}}};
  (void)memory.run(memory.store.create({"", "configmaps"}, "default", config_map, {}));

  wait_until([&] { return in_force("a", "requests", "cpu") == "300m"; });
  EXPECT_EQ(string_at(pod("a"), "status.phase"), "Running");
}

}  // namespace
}  // namespace mizan::pods
