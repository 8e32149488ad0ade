"""`mizan run`: from a file to the best trial in one command, interrupted, resumed, refused, on a terminal and not."""
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import MIZAN, ROOT, ServerTest, eventually, experiment, processes_naming, run_mizan  # noqa: E402

RANDOM = ROOT / "examples/first/random.yaml"


class Run(ServerTest):
    def run_file(self, *arguments, code=0, input=None):
        done = run_mizan("run", *arguments, "--data-dir", self.folder / "data", "--listen", "127.0.0.1:0", input=input)
        self.assertEqual(done.returncode, code, f"{done.stdout}\n{done.stderr}")
        return done

    def write(self, content, name="experiment.yaml"):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        return path

    def start_run(self, path):
        """`mizan run` as a child of its own, to be interrupted."""
        child = subprocess.Popen([MIZAN, "run", path, "--data-dir", self.folder / "data", "--listen", "127.0.0.1:0"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_the_first_example_ends_with_its_best_trial(self):
        said = self.run_file(RANDOM).stdout
        best = re.search(r"^Best trial (random-\w{8}): loss=(\S+)\n\s+(.*)$", said, re.MULTILINE)
        self.assertTrue(best, said)
        self.assertLess(float(best[2]), 1)
        self.assertIn("lr=", best[3])
        self.assertIn("momentum=", best[3])
        finished = re.findall(r"^\[(\d+)/12\] (random-\w{8}) Succeeded", said, re.MULTILINE)
        self.assertEqual(len({name for _, name in finished}), 12, "a plain line for each trial, as this is no terminal")
        self.assertNotIn("\r", said)
        self.assert_no_process_left()

        log = run_mizan("logs", best[1], "--data-dir", self.folder / "data")
        again = self.run_file(RANDOM).stdout
        self.assertIn("finished before", again)
        self.assertIn(best[0], again)
        if log.returncode == 0:
            self.assertIn("loss=", log.stdout)

    def test_again_makes_a_new_name(self):
        path = self.write(experiment("twice", "echo loss=${trialParameters.x}", trials=2, parallel=2, failed=1))
        self.run_file(path)
        self.assertIn("twice-2", self.run_file(path, "--again").stdout)

    def test_a_changed_file_is_refused_with_the_difference(self):
        wanted = experiment("changed", "echo loss=${trialParameters.x}", trials=2, parallel=2, failed=1)
        self.run_file(self.write(wanted))
        wanted["spec"]["objective"]["type"] = "maximize"
        said = self.run_file(self.write(wanted), code=2).stderr
        self.assertIn("spec.objective.type", said)
        self.assertIn("minimize", said)
        self.assertIn("maximize", said)

    def test_an_experiment_that_fails_is_exit_code_1_and_says_why(self):
        done = self.run_file(self.write(experiment("fails", "echo oops; exit 3", trials=4, failed=1)), code=1)
        self.assertIn("Failed", done.stdout)
        self.assertRegex(done.stdout, r"(?i)exit(ed)?.*3|code 3")

    def test_standard_input_and_two_documents(self):
        first = experiment("one", "echo loss=${trialParameters.x}", trials=1, parallel=1, failed=1)
        second = experiment("two", "echo loss=${trialParameters.x}", trials=1, parallel=1, failed=1)
        said = self.run_file("-", input=f"{json.dumps(first)}\n---\n{json.dumps(second)}\n").stdout
        self.assertIn("Best trial one-", said)
        self.assertIn("Best trial two-", said)

    def test_a_terminal_shows_a_bar(self):
        path = self.write(experiment("seen", "sleep 0.1; echo loss=${trialParameters.x}", trials=4, parallel=2))
        outer, inner = pty.openpty()
        child = subprocess.Popen([MIZAN, "run", path, "--data-dir", self.folder / "data", "--listen", "127.0.0.1:0"],
                                 stdin=subprocess.DEVNULL, stdout=inner, stderr=inner,
                                 env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
        os.close(inner)
        shown = b""
        while True:
            try:
                part = os.read(outer, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(outer)
        self.assertEqual(child.wait(60), 0, shown)
        self.assertIn(b"\r", shown)
        self.assertRegex(shown, rb"\[#+\.*\] \d/4 trials")
        self.assertIn(b"Best trial seen-", shown)

    def test_ctrl_c_returns_trials_to_pending_and_the_same_command_goes_on(self):
        ledger = self.folder / "ledger"
        command = 'echo "start $KATIB_TRIAL_NAME" >>$LEDGER; sleep 1; echo loss=${trialParameters.x}; echo "end $KATIB_TRIAL_NAME" >>$LEDGER'
        path = self.write(experiment("stopped", command, trials=6, parallel=2, failed=1, env={"LEDGER": ledger}))
        child = self.start_run(path)
        eventually(lambda: ledger.exists() and "end" in ledger.read_text(), "a first trial has ended")
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=30)
        self.assertEqual(child.returncode, 130, said)
        self.assert_no_process_left()

        said = self.run_file(path).stdout
        self.assertIn("Best trial stopped-", said)
        lines = ledger.read_text().split("\n")
        ended = [line.split()[1] for line in lines if line.startswith("end")]
        self.assertEqual(len(ended), 6, "six trials, none twice to its end")
        self.assertEqual(len(set(ended)), 6)

    def test_a_second_ctrl_c_ends_at_once(self):
        command = "trap '' TERM; echo loss=1; sleep 600"
        path = self.write(experiment("stubborn", command, trials=1, parallel=1, failed=1, env={"WHERE": self.folder}))
        child = self.start_run(path)
        eventually(lambda: self.sleeping(), "the trial sleeps")
        child.send_signal(signal.SIGINT)
        time.sleep(0.3)  # the two are one for a program that has not seen the first
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130, said)
        self.assert_no_process_left()

    def sleeping(self):
        return any("sleep 600" in command and "mizan" not in command for command in processes_naming(self.folder.name).values())

    def test_run_uses_the_server_that_owns_the_directory(self):
        self.server.start()
        path = self.write(experiment("guest", "echo loss=${trialParameters.x}", trials=2, parallel=2, failed=1))
        self.assertIn("Best trial guest-", self.run_file(path).stdout)
        self.assertEqual(len(self.server.trials("guest")), 2)
        self.assertTrue(self.server.alive())

    def test_a_file_that_is_not_there_is_named(self):
        self.assertIn("nosuch.yaml", self.run_file(self.folder / "nosuch.yaml", code=2).stderr)

    def test_every_field_error_comes_with_its_line(self):
        path = self.write("""\
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: wrong}
spec:
  objective: {type: minimize, objectiveMetricName: loss}
  algorithm: {algorithmName: nosuch}
  parameters:
  - name: lr
    parameterType: double
    feasibleSpace: {min: "0.5", max: "0.1"}
  trialTemplate: {client: {}}
""")
        said = self.run_file(path, code=2).stderr
        self.assertIn("experiment.yaml:10", said)
        self.assertIn("spec.parameters[0].feasibleSpace.max", said)
        self.assertIn("experiment.yaml:6", said)
        self.assertIn("random", said, "what would be right")


if __name__ == "__main__":
    unittest.main()
