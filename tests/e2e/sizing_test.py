"""Trials whose memory depends on their hyperparameters get what they need: learned, grown in place, retried after a kill."""
import pathlib
import sys
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
        self.server.wait_for("bounded", "Failed", seconds=120)
        trial, = self.server.trials("bounded")
        eventually(lambda: self.server.trials("bounded")[0]["status"].get("resources", {}).get("attempts") == 3, f"all attempts are told: {trial['status']}")


if __name__ == "__main__":
    unittest.main()
