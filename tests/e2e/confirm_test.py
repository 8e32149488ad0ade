"""`mizan confirm` and `mizan clone`: results looked at again, and taken along."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ServerTest, a_double, an_int, experiment, run_mizan  # noqa: E402

# The loss grows with x; what the seed adds is far more, and the same for all configurations.
NOISY = "awk -v x=${trialParameters.x} -v seed=${MIZAN_SEED:-0} 'BEGIN {print \"loss=\" x + 100 * seed}'"


class Confirm(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.start()

    def tuned(self, name="tuned", command=NOISY, **spec):
        self.server.create(EXPERIMENTS, experiment(name, command, trials=5, **spec))
        return self.server.wait_for(name)

    def mizan(self, command, *arguments):
        return run_mizan(command, "--data-dir", self.server.data, *arguments)

    def test_the_best_and_the_default_are_run_again_and_compared(self):
        made = self.tuned(parameters=[a_double("x", "0", "1")])
        best = made["status"]["currentOptimalTrial"]["parameterAssignments"][0]["value"]

        done = self.mizan("confirm", "tuned", "--top", 1, "--repeats", 3, "--default", "x=0.999")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("better", done.stdout)
        self.assertIn(f"x={best}", done.stdout)
        again = self.server.get(f"{EXPERIMENTS}/tuned-confirm")
        self.assertEqual(again["status"]["trialsSucceeded"], 6)
        self.assertEqual(again["metadata"]["annotations"]["mizan.kubeflow.org/confirms"], "tuned")

        as_json = self.mizan("confirm", "tuned", "--top", 2, "--repeats", 2, "--json")
        self.assertEqual(as_json.returncode, 0, as_json.stderr)
        rows = json.loads(as_json.stdout)["configurations"]
        self.assertEqual([row["default"] for row in rows], [False, False, True])
        self.assertEqual(rows[2]["assignments"], {"x": "0.5"})
        self.assertEqual(rows[0]["assignments"], {"x": best})
        difference = rows[0]["againstDefault"]
        self.assertAlmostEqual(difference["mean"], float(best) - 0.5, places=3)
        self.assertLess(difference["high"] - difference["low"], 1, "the seeds are paired")
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/tuned-confirm-2")["status"]["trialsSucceeded"], 6)

    def test_a_parameter_may_be_the_seed(self):
        self.tuned("seeded", "echo loss=${trialParameters.x}${trialParameters.seed}",
                   parameters=[a_double("x", "0.1", "0.9"), an_int("seed", "1", "2")])
        done = self.mizan("confirm", "seeded", "--top", 1, "--repeats", 3, "--seed-parameter", "seed", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(json.loads(done.stdout)["configurations"][0]["values"]), 3)

    def test_says_what_can_not_be_confirmed(self):
        self.tuned(parameters=[a_double("x", "0", "1")])
        for arguments, says in ((("nobody",), "not found"), (("tuned", "--default", "y=1"), "there are x"),
                                (("tuned", "--seed-parameter", "s"), "there are x")):
            done = self.mizan("confirm", *arguments)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(says, done.stderr)

    def test_a_clone_knows_what_was_found(self):
        self.tuned(parameters=[a_double("x", "0", "1")])
        done = self.mizan("clone", "tuned", "again", "--trials", 3, "--parallel", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        clone = self.server.wait_for("again")
        self.assertEqual(clone["spec"]["warmStart"]["fromExperiments"], [{"name": "tuned", "sameObjective": True}])
        self.assertEqual(clone["status"]["trialsSucceeded"], 3)
        for arguments, says in ((("tuned", "again"), "already exists"), (("nobody", "x"), "not found")):
            refused = self.mizan("clone", *arguments)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(says, refused.stderr)


if __name__ == "__main__":
    unittest.main()
