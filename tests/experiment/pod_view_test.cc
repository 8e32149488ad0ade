// A pod as the Trial controller sees it, and a warm pod as the pod of the trial that it runs now.
#include "experiment/pod_view.h"

#include <gtest/gtest.h>

#include "resources/warm_lease.h"

namespace mizan::experiment {
namespace {

Json leased_pod(const std::optional<resources::WarmResult>& result) {
  resources::WarmLease lease;
  lease.trial = "t";
  Json pod{{"metadata",
            {{"name", "p"},
             {"uid", "u"},
             {"labels", {{resources::kTrialLabel, "t"}}},
             {"annotations", {{resources::kLeaseAnnotation, to_json(lease).dump()}}}}},
           {"spec", {{"containers", {{{"name", "main"}}}}}}};
  if (result) {
    pod["metadata"]["annotations"][std::string(resources::kLeaseResultAnnotation)] =
        to_json(*result).dump();
  }
  return pod;
}

resources::WarmResult result_with(std::int64_t exit_code) {
  resources::WarmResult result;
  result.trial = "t";
  result.attempt = 1;
  result.exit_code = exit_code;
  return result;
}

TEST(PodViewTest, OfAWarmPodIsOfItsLease) {
  Json pod = leased_pod(std::nullopt);
  pod["status"] = {
      {"phase", "Running"},
      {"containerStatuses", {{{"name", "main"}, {"state", {{"running", Json::object()}}}}}}};
  const PodView running = read_pod_view(pod);
  EXPECT_EQ(running.uid, "u/t/1");
  EXPECT_FALSE(running.has_ended());

  Json ended = leased_pod(result_with(3));
  ended["status"] = pod["status"];
  const PodView failed = read_pod_view(ended);
  EXPECT_EQ(failed.phase, "Failed");
  ASSERT_NE(failed.container("main"), nullptr);
  EXPECT_EQ(failed.container("main")->exit_code, 3);
}

TEST(PodViewTest, OfAWarmPodHasEndedAlsoBeforeTheNodeHasSaidThatItRuns) {
  EXPECT_EQ(read_pod_view(leased_pod(std::nullopt)).container("main"), nullptr);

  const PodView view = read_pod_view(leased_pod(result_with(0)));

  EXPECT_EQ(view.phase, "Succeeded");
  ASSERT_NE(view.container("main"), nullptr) << "so that its output is read";
  EXPECT_EQ(view.container("main")->state, ContainerView::State::kTerminated);
  EXPECT_EQ(view.container("main")->name, "main");
}

}  // namespace
}  // namespace mizan::experiment
