"""What people do to experiments while they run, and what a trial's pod may have, with real processes."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, TRIALS, ServerTest, eventually, experiment, processes_naming  # noqa: E402

MERGE = "application/merge-patch+json"
FOR_EVER = "echo loss=${trialParameters.x}; echo $MARK >/dev/null; exec sleep 600"


class Edits(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.start()

    def edit(self, name, **spec):
        answer = self.server.request("PATCH", f"{EXPERIMENTS}/{name}", {"spec": spec}, MERGE)
        self.assertEqual(answer.status, 200, answer)

    def start(self, name, command=FOR_EVER, **spec):
        """An experiment whose trials carry the test's folder in their environment."""
        self.server.create(EXPERIMENTS, experiment(name, command, env={"MARK": self.folder.name}, **spec))

    def running(self, name):
        return self.server.get(f"{EXPERIMENTS}/{name}").get("status", {}).get("trialsRunning", 0)

    def assert_running(self, name, count):
        eventually(lambda: self.running(name) == count, lambda: f"{count} trials of {name} run: {self.server.get(f'{EXPERIMENTS}/{name}')}")

    def sleepers(self):
        return [pid for pid, command in processes_naming(self.folder.name).items() if command.startswith("sleep")]

    def test_more_at_once_start_and_fewer_drain_without_a_kill(self):
        self.start("wide", parallel=1, trials=20)
        self.assert_running("wide", 1)
        self.edit("wide", parallelTrialCount=4)
        self.assert_running("wide", 4)
        names = {trial["metadata"]["name"] for trial in self.server.trials("wide")}
        self.edit("wide", parallelTrialCount=2)
        # An answer to a later edit shows that the earlier one was seen: nothing was stopped for it.
        self.edit("wide", maxTrialCount=19)
        generation = self.server.get(f"{EXPERIMENTS}/wide")["metadata"]["generation"]
        self.assertEqual(generation, 4)
        self.assert_running("wide", 4)
        self.assertEqual({trial["metadata"]["name"] for trial in self.server.trials("wide")}, names)
        # One that ends is not replaced while more than two run.
        first = sorted(names)[0]
        self.server.request("PATCH", f"{TRIALS}/{first}",
                            {"metadata": {"annotations": {"mizan.kubeflow.org/stop-early": "enough"}}}, MERGE)
        self.assert_running("wide", 3)
        self.assertEqual(len(self.server.trials("wide")), 4)

    def test_a_suspended_experiment_starts_nothing_and_goes_on(self):
        self.start("paused", "echo loss=${trialParameters.x}", parallel=1, trials=4, suspend=True)
        eventually(lambda: (self.server.condition(f"{EXPERIMENTS}/paused", "Suspended") or {}).get("status") == "True", "it is suspended")
        self.assertEqual(self.server.trials("paused"), [])
        self.edit("paused", suspend=False)
        self.assertEqual(self.server.wait_for("paused")["status"]["trialsSucceeded"], 4)

    def test_a_spent_budget_goes_on_where_the_policy_allows_it(self):
        for policy, allowed in (("LongRunning", True), ("FromVolume", True), ("Never", False)):
            with self.subTest(policy=policy):
                name = policy.lower()
                self.start(name, "echo loss=${trialParameters.x}", trials=2, parallel=1, resumePolicy=policy)
                self.server.wait_for(name)
                answer = self.server.request("PATCH", f"{EXPERIMENTS}/{name}", {"spec": {"maxTrialCount": 4}}, MERGE)
                self.assertEqual(answer.status, 200 if allowed else 422, answer)
                if allowed:
                    eventually(lambda: self.server.get(f"{EXPERIMENTS}/{name}")["status"].get("trialsSucceeded") == 4, "four have succeeded")
                    self.server.wait_for(name)
                else:
                    self.assertIn("spec.resumePolicy", answer.json["message"])

    def test_a_trial_deleted_by_hand_takes_its_process_along_and_its_point_is_tried_again(self):
        self.start("one", parallel=1, trials=3)
        self.assert_running("one", 1)
        first = self.server.trials("one")[0]
        name = first["metadata"]["name"]
        eventually(self.sleepers, "it runs")
        before = set(self.sleepers())
        self.assertEqual(self.server.request("DELETE", f"{TRIALS}/{name}").status, 200)
        eventually(lambda: self.sleepers() and not before & set(self.sleepers()), "another runs, and the first is gone")
        again = self.server.trials("one")
        self.assertEqual([trial["spec"]["parameterAssignments"] for trial in again], [first["spec"]["parameterAssignments"]])
        self.assertNotEqual(again[0]["metadata"]["uid"], first["metadata"]["uid"])

    def test_a_job_deleted_by_hand_is_made_again_for_the_same_trial(self):
        self.start("one", parallel=1, trials=3)
        self.assert_running("one", 1)
        name = self.server.trials("one")[0]["metadata"]["name"]
        path = f"/apis/batch/v1/namespaces/default/jobs/{name}"
        uid = self.server.get(path)["metadata"]["uid"]
        self.assertEqual(self.server.request("DELETE", path).status, 200)

        def made_again():
            answer = self.server.request("GET", path)
            return answer.status == 200 and answer.json["metadata"]["uid"] != uid
        eventually(made_again, "the Job is made again")
        self.assertEqual([trial["metadata"]["name"] for trial in self.server.trials("one")], [name])

    def test_deletion_of_an_experiment_or_its_namespace_ends_everything(self):
        self.start("gone", parallel=2)
        self.assert_running("gone", 2)
        eventually(lambda: len(self.sleepers()) == 2, "both run")
        self.assertEqual(self.server.request("DELETE", f"{EXPERIMENTS}/gone").status, 200)
        self.assert_no_process_left()
        eventually(lambda: self.server.trials("gone") == [], "its trials are gone")

        self.server.create("/api/v1/namespaces", {"metadata": {"name": "short"}})
        there = EXPERIMENTS.replace("/default/", "/short/")
        self.server.create(there, experiment("gone", FOR_EVER, env={"MARK": self.folder.name}, parallel=2))
        eventually(lambda: len(self.sleepers()) == 2, "both run")
        self.assertEqual(self.server.request("DELETE", "/api/v1/namespaces/short").status, 200)
        self.assert_no_process_left()
        eventually(lambda: self.server.request("GET", "/api/v1/namespaces/short").status == 404, "the namespace is gone")


class Templates(ServerTest):
    def test_a_pod_has_what_its_template_gives_it(self):
        self.server.start()
        core = "/api/v1/namespaces/default"
        self.server.create(f"{core}/configmaps", {"metadata": {"name": "settings"}, "data": {"RATE": "0.25", "greeting": "hello"}})
        self.server.create(f"{core}/secrets", {"metadata": {"name": "keys"}, "stringData": {"TOKEN": "s3cret"}})
        made = experiment("rich", "cat /shared/from-init /config/greeting; echo; echo rate=$RATE token=$TOKEN in $(pwd) x=${trialParameters.x}; "
                          "until [ -e /shared/from-sidecar ]; do sleep 0.05; done; echo loss=1", trials=1, parallel=1, container={
                              "workingDir": "/work", "envFrom": [{"configMapRef": {"name": "settings"}}],
                              "volumeMounts": [{"name": "shared", "mountPath": "/shared"}, {"name": "config", "mountPath": "/config"}]})
        pod = made["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]
        pod["containers"][0]["env"].append({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "TOKEN"}}})
        pod["volumes"] = [{"name": "shared", "emptyDir": {}}, {"name": "config", "configMap": {"name": "settings"}}]
        mount = [{"name": "shared", "mountPath": "/shared"}]
        pod["initContainers"] = [
            {"name": "first", "image": "i", "command": ["sh", "-c", "echo prepared >/shared/from-init"], "volumeMounts": mount},
            {"name": "beside", "image": "i", "restartPolicy": "Always", "volumeMounts": mount,
             "command": ["sh", "-c", "touch /shared/from-sidecar; exec sleep 600"]}]
        self.server.create(EXPERIMENTS, made)

        self.server.wait_for("rich")
        trial = self.server.trials("rich")[0]["metadata"]["name"]
        log = self.server.request("GET", f"/rest/v1/namespaces/default/experiments/rich/trials/{trial}/log").text
        self.assertIn("prepared\nhello\nrate=0.25 token=s3cret in /work x=", log)
        self.assert_no_process_left()

    def with_host_path(self, path):
        made = experiment("host", "cat /data/value; : ${trialParameters.x}", trials=1, parallel=1,
                          container={"volumeMounts": [{"name": "data", "mountPath": "/data"}]})
        made["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "hostPath": {"path": str(path)}}]
        return made

    def test_a_directory_of_the_host_is_refused_at_once(self):
        self.server.start()
        answer = self.server.request("POST", EXPERIMENTS, self.with_host_path("/etc"))
        self.assertEqual(answer.status, 422, answer)
        self.assertIn("volumes[0].hostPath", answer.json["message"])
        self.assertIn("--allow-host-path", answer.json["message"])


class HostPaths(Templates):
    flags = ("--stop-trials", "--allow-host-path")

    test_a_pod_has_what_its_template_gives_it = None
    test_a_directory_of_the_host_is_refused_at_once = None

    def test_a_directory_of_the_host_is_mounted_where_that_is_allowed(self):
        (self.folder / "shared").mkdir()
        (self.folder / "shared" / "value").write_text("loss=0.5\n")
        self.server.start()
        self.server.create(EXPERIMENTS, self.with_host_path(self.folder / "shared"))
        best = self.server.wait_for("host")["status"]["currentOptimalTrial"]
        self.assertEqual(best["observation"]["metrics"][0]["latest"], "0.5")


if __name__ == "__main__":
    unittest.main()
