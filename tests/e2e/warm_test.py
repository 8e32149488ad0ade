"""Trials on pods that outlive them (spec.trialPods.reuse): the same results, fewer starts, and whatever happens to a server, a
runner or a worker, each trial is run once and to its end."""
import collections
import json
import os
import pathlib
import re
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, MIZAN, ROOT, ServerTest, a_choice, a_double, an_int, eventually, experiment, processes_naming, run_mizan  # noqa: E402

WORKER = ["python3", str(ROOT / "examples/worker/worker.py")]
ROGUE = [os.environ.get("EXAMPLE_WORKER", str(ROOT / "build/dev/example-worker"))]
PODS = "/api/v1/namespaces/default/pods"
# What the worker does for one trial, as a command of its own: for trials on cold pods, and on warm ones with a process each.
ONE = ("echo '{\"trial\": \"t\", \"assignments\": {\"x\": \"${trialParameters.x}\", \"rounds\": \"3\"}}' | " + " ".join(WORKER) +
       " | sed -nE 's/.*\"metric\": \"loss\", \"value\": ([^,]*),.*/loss=\\1/p'")


def mebibytes(quantity):
    number, unit = re.fullmatch(r"(\d+)(\w*)", quantity).groups()
    return int(number) * {"": 2**-20, "Ki": 1 / 1024, "Mi": 1, "Gi": 1024}[unit]


class Warm(ServerTest):
    def warm(self, name, reuse, *, worker=None, command="true", parameters=None, resize=None, memory=None, **more):
        """An experiment on warm pods; with `worker`, its command line speaks JSON lines."""
        resources = {"resources": {"requests": {"memory": memory}, "limits": {"memory": memory}}} if memory else {}
        container = {**({"command": worker, "args": []} if worker else {}), **resources}
        pods = {"reuse": reuse, **({"resize": resize} if resize else {})}
        return experiment(name, "true" if worker else command, parameters=parameters, container=container, trialPods=pods, **more)

    def clean_up(self):
        if self.has_failed():
            try:
                if self.server.alive():
                    self.tell_all()
            except (OSError, AssertionError) as error:
                print(f"--- nothing more to be had: {error}", file=sys.stderr)
        super().clean_up()

    def tell_all(self):
        """What a failure leaves behind is gone a moment later: how the pods, their leases and their trials were."""
        for pod in self.server.get(PODS)["items"]:
            name = pod["metadata"]["name"]
            print(f"--- pod {name}: {pod['status'].get('phase')} {json.dumps(pod['metadata'].get('annotations'))[:3000]}\n"
                  f"{self.server.request('GET', f'{PODS}/{name}/log').text[-2000:]}", file=sys.stderr)
        for job in self.server.get("/apis/batch/v1/namespaces/default/jobs")["items"]:
            print(f"--- job {job['metadata']['name']}: {json.dumps(job.get('status'))}", file=sys.stderr)

    def run_to(self, body, kind="Succeeded", seconds=180):
        self.server.create(EXPERIMENTS, body)
        return self.server.wait_for(body["metadata"]["name"], kind, seconds)

    def pods(self, name):
        return self.server.get(f"{PODS}?labelSelector=katib.kubeflow.org/experiment%3D{name}")["items"]

    def log(self, pod, query=""):
        answer = self.server.request("GET", f"{PODS}/{pod}/log{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer.text

    def results(self, name):
        return {t["spec"]["parameterAssignments"][0]["value"]: t["status"]["observation"]["metrics"][0]["latest"]
                for t in self.server.trials(name)}

    def states(self, name, parameter):
        """Value of a parameter -> how its trial ended."""
        found = {}
        for trial in self.server.trials(name):
            value = next(a["value"] for a in trial["spec"]["parameterAssignments"] if a["name"] == parameter)
            found[value] = next((c["type"] for c in trial["status"]["conditions"][::-1] if c["status"] == "True"), "?")
        return found

    def begun(self, name):
        """Trial -> how often a runner began it."""
        logs = [self.server.request("GET", f"{PODS}/{pod['metadata']['name']}/log") for pod in self.pods(name)]
        return collections.Counter(re.sub("/.*", "", key) for log in logs if log.status == 200
                                   for key in re.findall(r"^runner: begin (\S+)$", log.text, re.M))

    def assert_never_restarted(self, name):
        for pod in self.pods(name):
            for status in pod["status"].get("containerStatuses", []):
                self.assertEqual(status["restartCount"], 0, pod["metadata"]["name"])

    def test_the_same_results_warm_and_cold(self):
        self.server.start()
        seed = {"settings": {"random_state": "7"}, "trials": 6, "parallel": 2}
        self.run_to(experiment("cold", ONE, **seed))
        self.run_to(self.warm("pods", "Pod", command=ONE, **seed))
        worker = self.warm("process", "Process", worker=WORKER, **seed,
                           parameters=[a_double("x", "0", "1"), a_choice("rounds", "3")])
        self.run_to(worker)
        cold = self.results("cold")
        self.assertEqual(len(cold), 6)
        self.assertEqual(self.results("pods"), cold)
        for value, loss in self.results("process").items():
            # Another space draws other points; the same point gives the same.
            self.assertEqual(float(loss), (float(value) - 0.3) ** 2 + 0.001 + 1 / 3)

    def test_two_pods_serve_all_trials_and_each_has_a_log_of_its_own(self):
        self.server.start()
        self.run_to(self.warm("pool", "Pod", command="echo hello from ${trialParameters.x} in $PWD; pwd > here; ls; echo loss=1",
                              trials=8, parallel=2))
        eventually(lambda: {p["status"]["phase"] for p in self.pods("pool")} == {"Succeeded"}, "the pods end with the experiment")
        self.assertEqual(len(self.pods("pool")), 2)
        self.assertEqual(len(self.begun("pool")), 8)
        for trial in self.server.trials("pool"):
            x = trial["spec"]["parameterAssignments"][0]["value"]
            name = trial["metadata"]["name"]
            printed = run_mizan("logs", name, "--data-dir", self.server.data)
            lines = printed.stdout.splitlines()
            self.assertIn(f"hello from {x} in ", lines[0], printed)
            self.assertEqual(lines[1:], ["here", "tmp", "loss=1"], "its own lines alone, its own directory alone")
            where = next(p["metadata"]["name"] for p in self.pods("pool") if f"begin {name}/" in self.log(p["metadata"]["name"]))
            self.assertEqual(self.log(where, f"?trial={name}&tailLines=1"), "loss=1\n")
        self.assert_no_process_left()

    def test_no_pod_spec_shows_a_token(self):
        self.server.start()
        self.run_to(self.warm("quiet", "Process", worker=WORKER, trials=1))
        variable, = [v for v in self.pods("quiet")[0]["spec"]["containers"][0]["env"] if v["name"] == "MIZAN_TOKEN"]
        self.assertNotIn("value", variable)
        told = self.server.request("GET", f"/api/v1/namespaces/default/secrets/{variable['valueFrom']['secretKeyRef']['name']}",
                                   token=(self.server.data / "viewer.token").read_text().strip())
        self.assertEqual(told.status, 403)

    def test_kill_9_of_the_server_loses_nothing_and_runs_nothing_twice(self):
        self.server.flags = ()
        for reuse in ("Process", "Pod"):
            name = f"killed-{reuse.lower()}"
            body = self.warm(name, reuse, worker=ROGUE if reuse == "Process" else None, trials=10, parallel=2,
                             command="sleep 0.7; echo loss=${trialParameters.x}",
                             parameters=[a_double("x", "0", "1"), a_choice("seconds", "0.7"), a_choice("rounds", "7")])
            self.server.start()
            self.server.create(EXPERIMENTS, body)
            for done in (1, 3, 5):
                eventually(lambda: sum("Succeeded" in [c["type"] for c in t.get("status", {}).get("conditions", [])]
                                       for t in self.server.trials(name)) >= done, f"{done} trials have ended")
                self.server.kill()
                time.sleep(0.3)
                self.server.start()
            self.server.wait_for(name)
            self.assertEqual(len(self.pods(name)), 2, "the same pods all along")
            begun = self.begun(name)
            self.assertEqual(len(begun), 10)
            self.assertEqual(set(begun.values()), {1}, begun)
            eventually(lambda: {p["status"]["phase"] for p in self.pods(name)} == {"Succeeded"}, "its pods end")  # noqa: B023
            self.server.stop()
        self.assert_no_process_left(40)

    def runners(self):
        return [pid for pid, command in processes_naming(self.folder.name).items() if command.endswith("mizan runner")]

    def test_a_killed_runner_is_replaced_and_its_trial_tried_again(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.warm(
            "orphan", "Process", worker=ROGUE, trials=4, parallel=2, job={"backoffLimit": 3},
            parameters=[a_double("x", "0", "1"), a_choice("seconds", "2"), a_choice("rounds", "10")]))
        eventually(lambda: len(self.begun("orphan")) >= 2, "two trials run")
        os.kill(self.runners()[0], signal.SIGKILL)
        self.server.wait_for("orphan")
        self.assertIn("Failed", {p["status"]["phase"] for p in self.pods("orphan")})
        self.assertEqual(sorted(self.begun("orphan").values()), [1, 1, 1, 2])

    def test_without_retries_a_killed_runner_fails_its_trial_and_no_other(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.warm(
            "blamed", "Process", worker=ROGUE, trials=4, parallel=2,
            parameters=[a_double("x", "0", "1"), a_choice("seconds", "2"), a_choice("rounds", "10")]))
        eventually(lambda: len(self.begun("blamed")) >= 2, "two trials run")
        os.kill(self.runners()[0], signal.SIGKILL)
        self.server.wait_for("blamed")
        self.assertEqual(collections.Counter(self.states("blamed", "x").values()), {"Succeeded": 3, "Failed": 1})
        self.assertIn("SIGKILL", next(t["status"]["why"] for t in self.server.trials("blamed")
                                      if "Failed" in [c["type"] for c in t["status"]["conditions"]]))

    def test_a_worker_that_lies_harms_nobody(self):
        self.server.start()
        ways = ["none", "die", "lie", "twice", "garbage", "flood", "endless", "fail", "infeasible", "hang"]
        self.run_to(self.warm("rogue", "Process", worker=ROGUE, algorithm="grid", trials=len(ways), parallel=2, failed=9,
                              job={"activeDeadlineSeconds": 8}, parameters=[a_choice("misbehave", *ways)]), seconds=240)
        self.assertEqual(self.states("rogue", "misbehave"),
                         {"none": "Succeeded", "die": "Failed", "lie": "Succeeded", "twice": "Succeeded", "garbage": "Succeeded",
                          "flood": "Succeeded", "endless": "Succeeded", "fail": "Failed", "infeasible": "Infeasible",
                          "hang": "Failed"})
        why = {next(a["value"] for a in t["spec"]["parameterAssignments"]): t["status"]["why"] for t in self.server.trials("rogue")}
        self.assertIn("exit code 3", why["die"])
        self.assertIn("it was asked to fail", why["fail"])
        self.assertIn("it was asked to be", why["infeasible"])
        self.assertIn("deadline of 8 s", why["hang"])
        self.assert_never_restarted("rogue")
        eventually(lambda: {p["status"]["phase"] for p in self.pods("rogue")} == {"Succeeded"}, "the pods outlived all of that")
        self.assertEqual(len(self.pods("rogue")), 2)

    def test_a_leaking_worker_is_started_anew(self):
        self.server.start()
        self.run_to(self.warm("leaks", "Process", worker=ROGUE, trials=6, parallel=1,
                              parameters=[a_double("x", "0", "1"), a_choice("misbehave", "leak"), a_choice("size", "100")]))
        pod, = self.pods("leaks")
        self.assertIn("it is started anew", self.log(pod["metadata"]["name"]))

    def test_an_oom_kill_is_charged_to_its_trial_and_tried_again_with_more(self):
        self.server.start()
        # Grown in place between the two attempts; or, sized at its start alone, on another pod.
        for mode, pods in (("InPlace", 1), ("Initial", 2)):
            name = mode.lower()
            self.run_to(self.warm(name, "Process", worker=WORKER, trials=1, parallel=1, memory="192Mi",
                                  resize={"mode": mode, "oomRetries": 3, "maxAllowed": {"memory": "1Gi"}},
                                  parameters=[a_double("x", "0", "1"), a_choice("size", "300")]))
            trial, = self.server.trials(name)
            # In place it may have grown before it was killed.
            self.assertGreaterEqual(trial["status"]["resources"]["attempts"], pods, trial["status"])
            self.assertGreater(mebibytes(trial["status"]["resources"]["allocated"]["memory"]), 300)
            self.assertGreater(mebibytes(trial["status"]["resources"]["peak"]["memory"]), 290)
            self.assert_never_restarted(name)
            if pods == 1:
                self.assertEqual(len(self.pods(name)), 1, "the same pod")
            else:
                self.assertGreaterEqual(len(self.pods(name)), 2, "another pod")
                eventually(lambda: "OOMRetry" in [e["reason"] for e in self.server.events_of("Trial", trial["metadata"]["name"])],
                           "an event tells of it")

    def test_without_the_tuner_an_oom_kill_fails_its_trial(self):
        self.server.start()
        self.run_to(self.warm("bounded", "Process", worker=WORKER, trials=2, parallel=1, memory="192Mi", failed=5, algorithm="grid",
                              parameters=[a_choice("size", "1", "300"), a_choice("x", "0.5")]))
        self.assertEqual(self.states("bounded", "size"), {"1": "Succeeded", "300": "Failed"})
        self.assertTrue(any("OOMKilled" in t["status"]["why"] for t in self.server.trials("bounded")))

    def test_pods_are_resized_between_trials_without_a_restart(self):
        self.server.start()
        self.run_to(self.warm("resized", "Process", worker=WORKER, trials=16, parallel=2, memory="800Mi",
                              resize={"mode": "InPlace", "minAllowed": {"memory": "32Mi"}, "maxAllowed": {"memory": "1Gi"}},
                              parameters=[a_double("x", "0", "1"), an_int("size", "100", "300")]), seconds=240)
        pods = self.pods("resized")
        self.assertEqual(len(pods), 2, "the same pods all along")
        self.assert_never_restarted("resized")
        sizes, attempts = [], []
        for trial in self.server.trials("resized"):
            told = trial["status"]["resources"]
            size = next(int(a["value"]) for a in trial["spec"]["parameterAssignments"] if a["name"] == "size")
            self.assertGreater(mebibytes(told["peak"]["memory"]), size * 0.9, "its peak is what it held")
            attempts.append(told["attempts"])
            sizes.append(mebibytes(told["allocated"]["memory"]))
        self.assertLessEqual(sum(attempts), 2 * len(attempts), f"few were killed while little was known: {attempts}")
        self.assertGreaterEqual(max(sizes), 800, "until something is known, as the template says")
        self.assertLess(min(sizes), 600, f"then what they are predicted to need: {sizes}")
        reasons = {e["reason"] for t in self.server.trials("resized") for e in self.server.events_of("Trial", t["metadata"]["name"])}
        self.assertIn("ResizeRequested", reasons)

    def test_trials_that_are_not_wanted_any_more_are_stopped(self):
        self.server.start()
        # One reaches the goal while the other would hang for an hour.
        self.run_to(self.warm("goal", "Process", worker=ROGUE, algorithm="grid", trials=2, parallel=2, goal=5,
                              parameters=[a_choice("misbehave", "hang", "none"), a_choice("x", "0.3")]))
        self.assertEqual(self.states("goal", "misbehave"), {"none": "Succeeded", "hang": "Killed"})
        eventually(lambda: {p["status"]["phase"] for p in self.pods("goal")} == {"Succeeded"}, "its pods end", 60)
        self.assert_no_process_left()

    def test_suspending_ends_idle_pods_and_resuming_makes_new_ones(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.warm("paused", "Pod", command="sleep 0.5; echo loss=1", trials=8, parallel=1))
        eventually(lambda: len(self.begun("paused")) >= 1, "a trial runs")
        path = f"{EXPERIMENTS}/paused"
        self.server.request("PATCH", path, {"spec": {"suspend": True}}, "application/merge-patch+json")
        eventually(lambda: {p["status"]["phase"] for p in self.pods("paused")} == {"Succeeded"}, "the pool is empty")
        self.server.request("PATCH", path, {"spec": {"suspend": False}}, "application/merge-patch+json")
        self.server.wait_for("paused")
        self.assertEqual(len(self.pods("paused")), 2)
        self.assertEqual(set(self.begun("paused").values()), {1})

    def test_deleting_the_experiment_ends_everything(self):
        self.server.start()
        self.server.create(EXPERIMENTS, self.warm("gone", "Process", worker=ROGUE, trials=4, parallel=2,
                                                  parameters=[a_choice("misbehave", "hang"), a_double("x", "0", "1")]))
        eventually(lambda: len(self.begun("gone")) >= 2, "two trials run")
        self.server.request("DELETE", f"{EXPERIMENTS}/gone")
        eventually(lambda: not self.pods("gone"), "no pod is left", 60)
        self.assert_no_process_left()

    def test_what_belongs_to_one_trial_is_refused_by_name(self):
        self.server.start()
        body = self.warm("refused", "Pod", command="echo loss=${trialParameters.x}")
        template = body["spec"]["trialTemplate"]
        template["retain"] = True
        template["successCondition"] = "status.[@this].#(succeeded==1)#"
        template["trialSpec"]["spec"]["completions"] = 2
        template["trialSpec"]["metadata"] = {"labels": {"x": "${trialParameters.x}"}}
        template["trialSpec"]["spec"]["template"]["spec"]["initContainers"] = [{"name": "i", "image": "i", "command": ["true"]}]
        body["spec"]["metricsCollectorSpec"] = {"collector": {"kind": "File"}}
        answer = self.server.request("POST", EXPERIMENTS, body)
        self.assertEqual(answer.status, 422, answer)
        told = {cause["field"] for cause in answer.json["details"]["causes"]}
        at = "spec.trialTemplate"
        self.assertLessEqual({f"{at}.retain", f"{at}.successCondition", f"{at}.trialSpec.spec.completions",
                              f"{at}.trialSpec.metadata.labels.x", f"{at}.trialSpec.spec.template.spec.initContainers",
                              "spec.metricsCollectorSpec.collector.kind"}, told)

    def test_mizan_run_leaves_nothing_running(self):
        file = self.folder / "e.json"
        file.write_text(json.dumps(self.warm("direct", "Process", worker=WORKER, trials=4, parallel=2)))
        done = run_mizan("run", file, "--data-dir", self.folder / "own")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("Best trial", done.stdout)
        self.assertFalse(processes_naming(self.folder.name), MIZAN)


if __name__ == "__main__":
    unittest.main()
