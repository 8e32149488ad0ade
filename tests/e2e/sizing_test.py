"""Trials whose memory depends on their hyperparameters get what they need: learned, grown in place, retried after a kill."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ServerTest, an_int, eventually, experiment  # noqa: E402

# Holds as many MiB as its hyperparameter says, in steps so slow that growing in place has a chance.
HOLD = ("exec perl -e 'my @kept; for my $i (1 .. ${trialParameters.size}) { push @kept, \"x\" x 1048576; "
        "select undef, undef, undef, $ENV{PACE} } select undef, undef, undef, 0.3; print \"loss=${trialParameters.size}\\n\"'")


def mebibytes(quantity):
    number, unit = quantity[:-2], quantity[-2:]
    return int(number) * {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024}[unit]


class Sizing(ServerTest):
    def an_experiment(self, name, mode, *, request, pace=0, low=10, high=100, trials=10, **resize):
        return experiment(name, HOLD, parameters=[an_int("size", str(low), str(high))], trials=trials, parallel=1, failed=1,
                          env={"PACE": pace},
                          container={"resources": {"requests": {"memory": request}, "limits": {"memory": request}}},
                          trialPods={"resize": {"mode": mode, **resize}})

    def start_with_memory(self, memory):
        self.server.flags = (*self.server.flags, "--node-memory", memory)
        self.server.start()

    def resources(self, name):
        return {trial["metadata"]["name"]: (int(trial["spec"]["parameterAssignments"][0]["value"]), trial["status"])
                for trial in self.server.trials(name)}

    def all_told(self, name, trials):
        def told():
            found = self.resources(name)
            return found if sum("peak" in status.get("resources", {}) for _, status in found.values()) >= trials else None
        return eventually(told, lambda: f"every trial says what it used: {self.resources(name)}", 60)

    def test_learns_what_trials_need_and_gives_the_next_ones_less(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment("learns", "Initial", request="400Mi", trials=14, minAllowed={"memory": "16Mi"}))
        self.server.wait_for("learns", seconds=240)
        found = self.all_told("learns", 14)
        sized = []
        for size, status in found.values():
            said = status["resources"]
            self.assertGreaterEqual(mebibytes(said["peak"]["memory"]) if said["peak"]["memory"][-1] == "i"
                                    else int(said["peak"]["memory"]) / 2**20, size * 0.9, "its peak is what it held")
            if said.get("predicted", {}).get("evidence", 0) >= 8:
                sized.append(mebibytes(said["predicted"]["memory"]))
        self.assertTrue(sized)
        self.assertLess(max(sized), 300, f"less than the template's 400 MiB: {sized}")

    def test_a_killed_trial_is_tried_again_with_more(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment("killed", "Initial", request="32Mi", low=80, high=90, trials=1, oomRetries=3))
        self.server.wait_for("killed", seconds=120)
        (_, status), = self.all_told("killed", 1).values()
        self.assertEqual(status["resources"]["attempts"], 2, status)
        trial, = self.server.trials("killed")
        eventually(lambda: "OOMRetry" in [e["reason"] for e in self.server.events_of("Trial", trial["metadata"]["name"])],
                   "an event tells of it")

    def test_without_the_tuner_the_same_trial_fails(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment("off", "Off", request="32Mi", low=80, high=90, trials=1))
        self.server.wait_for("off", "Failed", seconds=120)

    def test_a_running_trial_grows_in_place_before_it_is_killed(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment("grows", "InPlace", request="64Mi", pace=0.04, low=100, high=110, trials=1))
        self.server.wait_for("grows", seconds=120)
        (_, status), = self.all_told("grows", 1).values()
        self.assertEqual(status["resources"]["attempts"], 1, f"it was never killed: {status}")
        self.assertGreaterEqual(status["resources"]["resizes"], 1)
        self.assertGreater(mebibytes(status["resources"]["allocated"]["memory"]), 100)

    def test_recommend_only_says_what_it_would_do(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment("says", "Recommend", request="400Mi", trials=6))
        self.server.wait_for("says", seconds=120)
        for _, status in self.all_told("says", 6).values():
            self.assertEqual(status["resources"]["allocated"]["memory"], "400Mi")
        self.assertTrue(any(status["resources"].get("predicted", {}).get("basis") for _, status in self.resources("says").values()))

    def test_never_more_than_allowed(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment(
            "bounded", "Initial", request="32Mi", low=150, high=160, trials=1, oomRetries=2, maxAllowed={"memory": "64Mi"}))
        infeasible = eventually(lambda: [t for t in self.server.trials("bounded") if any(
            c["type"] == "Infeasible" and c["reason"] == "ResourceLimit" for c in t.get("status", {}).get("conditions", []))],
            lambda: f"more than that isn't tried: {self.server.trials('bounded')}", 60)
        self.assertEqual(len(infeasible), 1)
        self.assertIn("maxAllowed.memory is 64 MiB", infeasible[0]["status"]["why"])
        self.assertEqual(infeasible[0]["status"]["resources"]["attempts"], 2, "32 MiB, then all that is allowed")
        self.server.wait_for("bounded", seconds=60)
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/bounded")["status"]["trialsInfeasible"], 1)

    def test_more_than_the_node_has_is_infeasible_too(self):
        self.start_with_memory("128Mi")
        self.server.create(EXPERIMENTS, self.an_experiment("small-node", "Initial", request="32Mi", low=200, high=210, trials=1))
        why = eventually(lambda: [t["status"]["why"] for t in self.server.trials("small-node")
                                  if any(c["type"] == "Infeasible" for c in t.get("status", {}).get("conditions", []))],
                         lambda: f"it can't run: {self.server.trials('small-node')}", 60)
        self.assertIn("no node has more than 128 MiB", why[0])

    def test_a_pod_that_can_not_grow_in_place_is_made_anew(self):
        self.start_with_memory("300Mi")
        self.server.create("/api/v1/namespaces/default/pods", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "blocker"}, "spec": {"restartPolicy": "Never", "containers": [{
                "name": "main", "image": "any", "command": ["sleep", "12"], "resources": {"requests": {"memory": "200Mi"}}}]}})
        self.server.create(EXPERIMENTS, self.an_experiment("anew", "InPlaceOrRecreate", request="64Mi", pace=0.03, low=100, high=110,
                                                           trials=1, deferredTimeoutSeconds=1))
        self.server.wait_for("anew", seconds=180)
        (_, status), = self.all_told("anew", 1).values()
        runs = status["resources"]["runs"]
        self.assertIn("Replaced", [run.get("ended") for run in runs.values()], status)
        self.assertGreaterEqual(mebibytes(status["resources"]["wished"]["memory"]), 64)
        trial, = self.server.trials("anew")
        self.assertIn("PodReplaced", [e["reason"] for e in self.server.events_of("Trial", trial["metadata"]["name"])])

    def test_memory_won_back_runs_more_trials_at_once(self):
        self.start_with_memory("1000Mi")
        body = self.an_experiment("elastic", "Initial", request="400Mi", low=10, high=40, trials=30, minAllowed={"memory": "16Mi"})
        body["spec"]["parallelTrialCount"] = 2
        body["spec"]["trialPods"]["elasticParallelism"] = {"max": 5}
        self.server.create(EXPERIMENTS, body)
        most, status = 0, {}
        while not any(c["type"] in ("Succeeded", "Failed") and c["status"] == "True" for c in status.get("conditions", [])):
            status = self.server.get(f"{EXPERIMENTS}/elastic").get("status", {})
            most = max(most, status.get("trialsRunning", 0) + status.get("trialsPending", 0))
            time.sleep(0.05)
        self.assertGreater(most, 2, "more than are planned")
        self.assertLessEqual(most, 5)
        saved = eventually(lambda: (lambda s: s if s.get("trials") == 30 else None)(
            self.server.get(f"{EXPERIMENTS}/elastic")["status"].get("savings", {})), "what was saved is told", 30)
        self.assertGreater(saved["memoryGiBHours"], 0)
        metrics = self.server.request("GET", "/metrics").text
        self.assertIn('mizan_experiment_saved_memory_gib_hours{experiment="elastic",namespace="default"}', metrics)

    def test_cpu_is_learned_and_grows_while_it_is_throttled(self):
        self.server.start()
        burn = "exec perl -e 'my $end = time + 4; 1 while time < $end; print \"loss=${trialParameters.size}\\n\"'"
        body = experiment("burns", burn, parameters=[an_int("size", "1", "9")], trials=1, parallel=1, failed=1,
                          container={"resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}}},
                          trialPods={"resize": {"mode": "InPlace", "controlledResources": ["cpu"], "maxAllowed": {"cpu": "1"}}})
        self.server.create(EXPERIMENTS, body)
        self.server.wait_for("burns", seconds=120)
        trial, = self.server.trials("burns")
        said = eventually(lambda: (lambda r: r if "throttledSeconds" in r else None)(
            self.server.trials("burns")[0]["status"].get("resources", {})), "it says what it used", 30)
        limits = [limit["cpu"] for limit in said["cpuLimits"]]
        self.assertEqual(limits[0], "200m")
        self.assertIn("300m", limits)
        self.assertGreater(said["throttledSeconds"], 0)
        self.assertEqual(said["start"], "cold")
        self.assertIn("cpu", said["peak"])
        pod = next(iter(said["runs"]))
        story = self.server.get(f"/rest/v1/namespaces/default/pods/{pod}/resizes")["resizes"]
        self.assertEqual([entry["state"] for entry in story[:2]], ["Requested", "Resized"])
        self.assertEqual(story[0]["by"], "mizan-tuner")
        self.assertEqual(self.server.request("GET", "/rest/v1/namespaces/default/pods/nosuch/resizes").status, 404)

    def test_somebody_else_s_resize_is_left_alone(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.an_experiment("left", "InPlace", request="64Mi", pace=0.05, low=45, high=50, trials=1))
        pods = "/api/v1/namespaces/default/pods"
        pod = eventually(lambda: next((p["metadata"]["name"] for p in self.server.get(pods)["items"]
                                       if p.get("status", {}).get("phase") == "Running"), None), "it runs")
        answer = self.server.request("PATCH", f"{pods}/{pod}/resize?fieldManager=kubectl-patch", {"spec": {"containers": [
            {"name": "training", "resources": {"requests": {"memory": "90Mi"}, "limits": {"memory": "90Mi"}}}]}},
            "application/strategic-merge-patch+json")
        self.assertEqual(answer.status, 200, answer)
        self.server.wait_for("left", seconds=120)
        trial, = self.server.trials("left")
        self.assertIn("left to kubectl-patch", trial["status"]["why"])
        self.assertIn("ResizingLeftToOthers", [e["reason"] for e in self.server.events_of("Trial", trial["metadata"]["name"])])


if __name__ == "__main__":
    unittest.main()
