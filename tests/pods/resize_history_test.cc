// What is remembered of a pod's resizes, from one version of it to the next.
#include "pods/tuner/resize_history.h"

#include <gtest/gtest.h>

namespace mizan::pods {
namespace {

class ResizeHistoryTest : public ::testing::Test {
 protected:
  ResizeHistoryTest() { pod = make("a", "u1"); }
  static Json make(const std::string& name, const std::string& uid) {
    Json made = Json::parse(R"({"metadata": {"namespace": "ns", "generation": 1},
      "spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": "64Mi"}}}]},
      "status": {"observedGeneration": 1, "containerStatuses": [
        {"name": "main", "resources": {"limits": {"memory": "64Mi"}}}]}})");
    made["metadata"]["name"] = name;
    made["metadata"]["uid"] = uid;
    return made;
  }
  void become(const Json& next) {
    history.pod_changed(&pod, &next);
    pod = next;
  }
  std::vector<std::string> states(const std::string& name = "a") const {
    std::vector<std::string> list;
    const auto known = history.of("ns", name);
    if (!known) return {"unknown"};
    for (const Json& entry : (*known)["resizes"]) list.push_back(string_at(entry, "state"));
    return list;
  }
  using States = std::vector<std::string>;

  SystemClock clock;
  ResizeHistory history{clock};
  Json pod;
};

TEST_F(ResizeHistoryTest, TellsWhatWasAskedForByWhomAndWhenItWasThere) {
  EXPECT_EQ(states(), States{"unknown"});
  history.pod_changed(nullptr, &pod);
  EXPECT_EQ(states(), States{});
  Json next = pod;
  next["spec"]["containers"][0]["resources"]["limits"]["memory"] = "96Mi";
  next["metadata"]["generation"] = 2;
  next["metadata"]["managedFields"] = Json::parse(
      R"([{"manager": "kubectl", "subresource": "resize", "time": "2026-01-02T00:00:00Z"},
          {"manager": "mizan-tuner", "subresource": "resize", "time": "2026-01-03T00:00:00Z"}])");
  become(next);
  next["status"]["observedGeneration"] = 2;
  next["status"]["containerStatuses"][0]["resources"]["limits"]["memory"] = "96Mi";
  become(next);

  EXPECT_EQ(states(), (States{"Requested", "Resized"}));
  const Json story = *history.of("ns", "a");
  EXPECT_EQ(story["resizes"][0]["by"], "mizan-tuner");
  EXPECT_EQ(string_at(story["resizes"][0]["containers"][0], "from.limits.memory"), "64Mi");
  EXPECT_EQ(string_at(story["resizes"][1]["containers"][0], "to.limits.memory"), "96Mi");
  EXPECT_EQ(story["resizes"][1]["generation"], 2);
}

TEST_F(ResizeHistoryTest, TellsOnceWhyItIsNotDone) {
  history.pod_changed(nullptr, &pod);
  Json next = pod;
  next["status"]["conditions"] = Json::parse(R"([{"type": "PodResizePending", "reason": "Deferred",
    "message": "no room", "observedGeneration": 2}])");
  become(next);
  next["metadata"]["labels"]["x"] = "y";
  become(next);
  next["status"]["conditions"][0]["reason"] = "Infeasible";
  become(next);
  next["status"]["conditions"] =
      Json::parse(R"([{"type": "PodResizeInProgress", "reason": "Error", "message": "in use"}])");
  become(next);
  EXPECT_EQ(states(), (States{"Deferred", "Infeasible", "Error"}));
}

TEST_F(ResizeHistoryTest, ForgetsPodsThatWereNeverResizedWithThem) {
  history.pod_changed(nullptr, &pod);
  history.pod_changed(&pod, nullptr);
  EXPECT_EQ(states(), States{"unknown"});
}

TEST_F(ResizeHistoryTest, RemembersTheOthersForAWhileAndAnotherOfTheNameBeginsAnew) {
  history.pod_changed(nullptr, &pod);
  Json next = pod;
  next["spec"]["containers"][0]["resources"]["limits"]["memory"] = "96Mi";
  become(next);
  history.pod_changed(&pod, nullptr);
  EXPECT_EQ(states(), States{"Requested"});
  const Json another = make("a", "u2");
  history.pod_changed(nullptr, &another);
  EXPECT_EQ(states(), States{});
}

TEST_F(ResizeHistoryTest, KeepsTheNewest) {
  history.pod_changed(nullptr, &pod);
  for (std::size_t i = 0; i < ResizeHistory::kMostEntries + 20; ++i) {
    Json next = pod;
    next["spec"]["containers"][0]["resources"]["limits"]["memory"] = std::to_string(i + 1) + "Ki";
    become(next);
  }
  const Json story = *history.of("ns", "a");
  EXPECT_EQ(story["resizes"].size(), ResizeHistory::kMostEntries);
  EXPECT_EQ(string_at(story["resizes"].back()["containers"][0], "to.limits.memory"), "220Ki");
}

}  // namespace
}  // namespace mizan::pods
