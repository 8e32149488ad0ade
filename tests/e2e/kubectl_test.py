"""An unmodified kubectl against the server: what a platform user does all day, from apply to delete."""
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ROOT, ServerTest, a_double, eventually, experiment  # noqa: E402

KUBECTL = os.environ.get("KUBECTL", str(ROOT / "build/tools/kubectl/kubectl"))
RANDOM = ROOT / "examples/first/random.yaml"
KATIBS_RANDOM = ROOT / "tests/golden/katib/hp-tuning/random.yaml"
A_SHELL_LINE = """                image: debian:12
                command:
                  - "sh"
                  - "-c"
                  - "echo loss=${trialParameters.learningRate} momentum=${trialParameters.momentum}"
"""


@unittest.skipUnless(os.access(KUBECTL, os.X_OK), "there is no kubectl here; scripts/setup brings one on x86-64")
class Kubectl(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.start()

    def environment(self):
        # HOME: kubectl keeps what it discovers there.
        return {**os.environ, "KUBECONFIG": str(self.server.data / "kubeconfig"), "HOME": str(self.folder)}

    def kubectl(self, *arguments, input=None, code=0, timeout=180):
        done = subprocess.run([KUBECTL, *map(str, arguments)], env=self.environment(), input=input,
                              **({} if input is not None else {"stdin": subprocess.DEVNULL}),
                              capture_output=True, text=True, timeout=timeout)
        self.assertEqual(done.returncode, code, f"kubectl {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def rows(self, *arguments):
        """The lines of a table as lists of cells, the header first."""
        return [re.split(r"\s{2,}", line.strip()) for line in self.kubectl(*arguments).splitlines()]

    def test_random_search_from_apply_to_delete(self):
        self.assertIn("experiment.kubeflow.org/random created", self.kubectl("apply", "-f", RANDOM))
        self.kubectl("wait", "--for=condition=Succeeded", "experiment/random", "--timeout=120s")

        header, row = self.rows("get", "experiment", "random")
        self.assertEqual(header[0], "NAME")
        self.assertEqual(header[-1], "AGE")
        self.assertGreater(len(header), 2, "columns that say something")
        self.assertEqual(row[0], "random")
        self.assertIn("Succeeded", row)

        header, *rows = self.rows("get", "trials")
        self.assertEqual(len(rows), 12)
        for row in rows:
            self.assertRegex(row[0], r"^random-[bcdfghjklmnpqrstvwxz2456789]{8}$")
            self.assertIn("Succeeded", row)
        self.assertIn("random", self.kubectl("get", "suggestions"))

        trial = rows[0][0]
        log = self.kubectl("logs", "-l", f"katib.kubeflow.org/trial={trial}")
        self.assertEqual(len(re.findall(r"^epoch=\d loss=\d", log, re.MULTILINE)), 3, log)

        described = self.kubectl("describe", "trial", trial)
        self.assertIn("Parameter Assignments", described)
        events = described[described.index("Events:"):]
        self.assertNotIn("<none>", events)
        self.assertRegex(events, r"Normal\s+Job")
        self.assertIn("Best Trial Name", self.kubectl("describe", "experiment", "random"))

        explained = self.kubectl("explain", "experiment.spec.objective")
        self.assertIn("objectiveMetricName", explained)
        self.assertIn("DESCRIPTION", explained)

        self.assertIn("deleted", self.kubectl("delete", "experiment", "random"))
        for kind in ("trials", "suggestions", "jobs", "pods"):
            eventually(lambda: self.kubectl("get", kind, "-o", "name") == "", f"the {kind} of the experiment go with it")
        self.assert_no_process_left()

    def test_katibs_own_example_with_another_image_and_command(self):
        theirs = KATIBS_RANDOM.read_text()
        ours = re.sub(r" +image: .*\n +command:\n( +- .*\n)+(?= +resources:)", lambda _: A_SHELL_LINE, theirs)
        difference = list(difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "katib", "here", n=0, lineterm=""))
        print("\n".join(difference), file=sys.stderr)
        changed = [line for line in difference[2:] if line[0] in "+-"]
        self.assertEqual(len(changed), 7 + 4, "an image and a command for an image and a command")
        self.kubectl("apply", "-f", "-", input=ours)
        self.kubectl("wait", "-n", "kubeflow", "--for=condition=Succeeded", "experiment/random", "--timeout=120s")
        self.assertEqual(len(self.rows("get", "trials", "-n", "kubeflow", "--no-headers")), 12)
        best = self.kubectl("get", "experiment", "random", "-n", "kubeflow", "-o",
                            "jsonpath={.status.currentOptimalTrial.observation.metrics[0].latest}")
        losses = self.kubectl("get", "trials", "-n", "kubeflow", "-o",
                              "jsonpath={range .items[*]}{.status.observation.metrics[0].latest}{' '}{end}").split()
        self.assertEqual(best, min(losses, key=float))

    def test_describe_of_an_experiment_shows_events(self):
        self.kubectl("apply", "-f", "-", input=yaml_of(experiment("told", "echo loss=${trialParameters.x}", trials=3)))
        self.kubectl("wait", "--for=condition=Succeeded", "experiment/told", "--timeout=120s")
        described = self.kubectl("describe", "experiment", "told")
        self.assertNotIn("<none>", described[described.index("Events:"):])

    def test_get_watch_shows_the_change(self):
        watch = subprocess.Popen([KUBECTL, "get", "experiments", "--watch"], env=self.environment(),
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        self.kubectl("apply", "-f", "-", input=yaml_of(experiment("seen", "echo loss=${trialParameters.x}", trials=3)))
        lines = []
        for line in watch.stdout:
            lines.append(line)
            if line.startswith("seen") and "Succeeded" in line:
                break
        self.assertTrue(any(line.startswith("seen") and "Succeeded" in line for line in lines), lines)
        self.assertGreater(len([line for line in lines if line.startswith("seen")]), 1, lines)

    def test_logs_follow_to_the_end_of_the_trial(self):
        command = "for i in 1 2 3 4; do echo step $i; sleep 0.3; done; echo loss=${trialParameters.x}"
        self.kubectl("apply", "-f", "-", input=yaml_of(experiment("talks", command, trials=1, parallel=1, failed=1)))
        pod = eventually(lambda: self.kubectl("get", "pods", "-o", "name").strip(), "there is a pod")
        eventually(lambda: self.kubectl("get", pod, "-o", "jsonpath={.status.phase}") != "Pending", "the pod has begun")
        log = self.kubectl("logs", "-f", pod)
        self.assertEqual(re.findall(r"step (\d)", log), ["1", "2", "3", "4"])
        self.assertIn("loss=", log)

    def test_apply_again_changes_nothing_and_what_is_fixed_stays_fixed(self):
        # The distribution is written out: kubectl compares lists as a whole, and would send one without its defaults again.
        text = experiment("more", "echo loss=${trialParameters.x}", trials=3,
                          parameters=[a_double("x", "0", "1", distribution="uniform")])
        self.kubectl("apply", "-f", "-", input=yaml_of(text))
        self.kubectl("wait", "--for=condition=Succeeded", "experiment/more", "--timeout=120s")
        version = self.server.get(f"{EXPERIMENTS}/more")["metadata"]["resourceVersion"]
        # kubectl compares lists as a whole and so sees the defaults in them; the server sees that nothing changes.
        version = self.server.get(f"{EXPERIMENTS}/more")["metadata"]["generation"]
        self.kubectl("apply", "-f", "-", input=yaml_of(text))
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/more")["metadata"]["generation"], version)
        del text["spec"]["parameters"][0]["feasibleSpace"]["distribution"]
        self.kubectl("apply", "-f", "-", input=yaml_of(text))
        after = self.server.get(f"{EXPERIMENTS}/more")
        self.assertEqual(after["metadata"]["generation"], 1, "what is only defaulted again is no change")
        self.assertGreaterEqual(int(after["metadata"]["resourceVersion"]), int(version))
        text["spec"]["objective"]["type"] = "maximize"
        said = self.kubectl("apply", "-f", "-", input=yaml_of(text), code=1)
        self.assertIn("spec", said)

    def test_server_side_apply_dry_run_diff_and_edit_like_patches(self):
        text = yaml_of(experiment("sided", "echo loss=${trialParameters.x}", trials=2, parallel=2, failed=1, suspend=True))
        self.kubectl("apply", "--dry-run=server", "-f", "-", input=text)
        self.assertEqual(self.server.request("GET", f"{EXPERIMENTS}/sided").status, 404, "a dry run leaves nothing behind")
        self.kubectl("apply", "--server-side", "-f", "-", input=text)
        self.kubectl("patch", "experiment", "sided", "--type=merge", "-p", '{"spec": {"suspend": false}}')
        self.kubectl("label", "experiment", "sided", "team=a")
        self.assertIn("sided", self.kubectl("get", "experiments", "-l", "team=a", "-o", "name"))
        self.kubectl("wait", "--for=condition=Succeeded", "experiment/sided", "--timeout=120s")

    def test_strange_names_are_not_found(self):
        self.assertIn('experiments.kubeflow.org "nosuch" not found', self.kubectl("get", "experiment", "nosuch", code=1))
        self.assertIn("doesn't have a resource type", self.kubectl("get", "nosuchkind", code=1))

    def test_namespaces_hold_their_own(self):
        self.kubectl("create", "-f", "-", input='{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}')
        text = yaml_of(experiment("apart", "echo loss=${trialParameters.x}", trials=2, parallel=1, failed=1))
        self.kubectl("apply", "-n", "team", "-f", "-", input=text)
        self.kubectl("wait", "-n", "team", "--for=condition=Succeeded", "experiment/apart", "--timeout=120s")
        self.assertEqual(self.kubectl("get", "experiments", "-o", "name"), "")
        self.kubectl("delete", "namespace", "team", "--timeout=60s")
        self.assertEqual(self.kubectl("get", "experiments,trials", "-A", "-o", "name"), "")


def yaml_of(value):
    """JSON is YAML."""
    return json.dumps(value)


if __name__ == "__main__":
    unittest.main()
