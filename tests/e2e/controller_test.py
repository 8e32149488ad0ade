"""Two processes: an API server with the node but without tuning, and `mizan controller` beside it, through the API alone."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import MIZAN, Server, ServerTest, experiment  # noqa: E402

TRIALS = 50
MOST_WRITES = 12  # of one trial, by whoever writes through the API


class Controller(ServerTest):
    def setUp(self):
        super().setUp()
        self.server = Server(self.folder, "--no-controllers", *self.flags)
        self.server.start()

    def start_controller(self):
        log = open(self.folder / "controller.log", "ab")
        process = subprocess.Popen(
            [MIZAN, "controller", "--kubeconfig", self.server.data / "kubeconfig", "--data-dir", self.folder / "controller"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline().strip(), "mizan controller is ready")
        return process

    def writes(self):
        """How many requests that change something the server has answered."""
        text = self.server.request("GET", "/metrics").text
        return sum(float(value) for method, value in re.findall(r'^mizan_http_requests_total\{[^}]*method="(\w+)"[^}]*\} (\S+)$',
                                                                text, re.MULTILINE) if method in ("POST", "PUT", "PATCH", "DELETE"))

    def test_an_experiment_ends_as_in_one_process(self):
        process = self.start_controller()
        before = self.writes()
        self.server.create("/apis/kubeflow.org/v1beta1/namespaces/default/experiments",
                           experiment("apart", "echo loss=${trialParameters.x}", trials=TRIALS, parallel=4,
                                      settings={"random_state": "7"}))
        ended = self.server.wait_for("apart")
        trials = self.server.trials("apart")
        self.assertEqual(len(trials), TRIALS)
        for trial in trials:
            told = trial["spec"]["parameterAssignments"][0]["value"]
            self.assertAlmostEqual(float(trial["status"]["observation"]["metrics"][0]["latest"]), float(told), places=12)
        best = ended["status"]["currentOptimalTrial"]
        smallest = min(float(trial["spec"]["parameterAssignments"][0]["value"]) for trial in trials)
        self.assertEqual(float(best["parameterAssignments"][0]["value"]), smallest)
        writes = (self.writes() - before) / TRIALS
        print(json.dumps({"writes per trial through the API": round(writes, 2)}), file=sys.stderr)
        self.assertLessEqual(writes, MOST_WRITES)

        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_it_goes_on_where_another_was_killed(self):
        first = self.start_controller()
        self.server.create("/apis/kubeflow.org/v1beta1/namespaces/default/experiments",
                           experiment("handed", "sleep 0.2; echo loss=${trialParameters.x}", trials=12, parallel=3))
        self.server.wait_for("handed", "Running")
        first.kill()
        first.wait()
        self.start_controller()
        self.server.wait_for("handed")
        self.assertEqual(len(self.server.trials("handed")), 12)

    def test_a_wrong_address_or_user_is_said_at_once(self):
        text = (self.server.data / "kubeconfig").read_text()
        wrong = self.folder / "wrong"
        wrong.write_text(text.replace(self.server.token, "not-the-token-of-anybody"))
        done = subprocess.run([MIZAN, "controller", "--kubeconfig", wrong, "--data-dir", self.folder / "other"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("does not know the kubeconfig's user", done.stderr)


if __name__ == "__main__":
    unittest.main()
