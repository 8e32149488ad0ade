"""TrainJobs and OptimizationJobs of trainer.kubeflow.org: run by the server itself, on one node."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ROOT, ServerTest, a_double, eventually, experiment, processes_naming  # noqa: E402

TRAINER = "/apis/trainer.kubeflow.org/v1alpha1"
TRAIN_JOBS = f"{TRAINER}/namespaces/default/trainjobs"
OPTIMIZATION_JOBS = f"{TRAINER}/namespaces/default/optimizationjobs"
RUNTIMES = f"{TRAINER}/clustertrainingruntimes"

# What the trainers of Kubeflow and Hugging Face do: URL, token file and CA from the environment.
TELL = """
import json, os, ssl, sys, urllib.request
trust = ssl.create_default_context(cafile=os.environ["KUBEFLOW_TRAINER_SERVER_CA_CERT"])
token = open(os.environ["KUBEFLOW_TRAINER_SERVER_TOKEN"]).read()
def ask(url, method, body=None):
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, method=method,
                                     headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        return urllib.request.urlopen(request, context=trust).status
    except urllib.error.HTTPError as refused:
        return refused.code
url = os.environ["KUBEFLOW_TRAINER_SERVER_URL"]
x = os.environ.get("KUBEFLOW_TRAINER_OPT_X", "0.5")
told = {"trainerStatus": {"progressPercentage": 100, "lastUpdatedTime": "2026-11-23T20:00:00Z",
                          "metrics": [{"name": "loss", "value": x}, {"name": "other", "value": "1"}]}}
print("told", ask(url, "POST", told))
print("reading", ask(url.rsplit("/", 1)[0], "GET"))
print("another", ask(url.replace(os.environ["NAME"], "another"), "POST", told))
"""


def runtime(name="plain", jobs=None, policy=None):
    node = {"name": "node", "template": {
        "metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}},
        "spec": {"template": {"spec": {"containers": [{"name": "node", "image": "python:3", "command": ["sh", "-c", "echo loss=9"]}]}}}}}
    return {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "ClusterTrainingRuntime", "metadata": {"name": name},
            "spec": {"mlPolicy": policy or {"numNodes": 1}, "template": {"spec": {"replicatedJobs": [*(jobs or []), node]}}}}


def train_job(name, script=None, **spec):
    trainer = {"command": ["sh", "-c", script]} if script else {}
    trainer.update(spec.pop("trainer", {}))
    return {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", "metadata": {"name": name},
            "spec": {"runtimeRef": {"name": spec.pop("runtime", "plain")}, **({"trainer": trainer} if trainer else {}), **spec}}


def train_experiment(name, script, **spec):
    made = experiment(name, script, parameters=[a_double("x", "0", "1")], trials=3, parallel=2, **spec)
    made["spec"]["trialTemplate"].update(primaryContainerName="node", trialSpec={
        key: value for key, value in train_job("t", script).items() if key != "metadata"})
    return made


class TrainerTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.start()

    def ended(self, name, kind="Complete", path=TRAIN_JOBS):
        def holds():
            condition = self.server.condition(f"{path}/{name}", kind)
            return condition if condition and condition["status"] == "True" else None
        return eventually(holds, lambda: f"{name} is {kind}: {self.server.request('GET', f'{path}/{name}')}\n{self.server.log()}")

    def log_of(self, train_job, step="node"):
        selector = f"jobset.sigs.k8s.io%2Fjobset-name%3D{train_job},jobset.sigs.k8s.io%2Freplicatedjob-name%3D{step}"
        pod = self.server.get(f"/api/v1/namespaces/default/pods?labelSelector={selector}")["items"][0]["metadata"]["name"]
        return self.server.request("GET", f"/api/v1/namespaces/default/pods/{pod}/log").text


class TrainJobs(TrainerTest):
    def test_an_experiment_of_train_jobs_runs_to_its_best_trial(self):
        self.server.create(RUNTIMES, runtime(policy={"numNodes": 1, "torch": {}}))
        script = 'echo "loss=${trialParameters.x} of $KATIB_TRIAL_NAME with $PET_NNODES/$PET_NPROC_PER_NODE"'
        self.server.create(EXPERIMENTS, train_experiment("tuned", script))

        made = self.server.wait_for("tuned")
        self.assertEqual(made["status"]["trialsSucceeded"], 3)
        best = made["status"]["currentOptimalTrial"]
        job = self.server.get(f"{TRAIN_JOBS}/{best['bestTrialName']}")
        self.assertEqual([c["type"] for c in job["status"]["conditions"]], ["Created", "Complete"])
        self.assertEqual(job["status"]["jobsStatus"][0]["succeeded"], 1)
        said = self.server.request("GET", f"/rest/v1/namespaces/default/experiments/tuned/trials/{best['bestTrialName']}/log").text
        self.assertIn(f"loss={best['parameterAssignments'][0]['value']} of {best['bestTrialName']} with 1/1", said)

    def test_metrics_are_read_from_a_file_of_the_training(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(EXPERIMENTS, train_experiment(
            "filed", 'echo loss=9; echo "{\\"loss\\": ${trialParameters.x}}" >/out/metrics.jsonl',
            metricsCollectorSpec={"collector": {"kind": "File"}, "source": {"fileSystemPath": {
                "path": "/out/metrics.jsonl", "kind": "File", "format": "JSON"}}}))
        best = self.server.wait_for("filed")["status"]["currentOptimalTrial"]
        self.assertEqual(best["observation"]["metrics"][0]["latest"], best["parameterAssignments"][0]["value"])

    def test_what_fails_says_so_in_the_trial(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(EXPERIMENTS, train_experiment("broken", "echo ${trialParameters.x}; echo no such data >&2; exit 3", failed=1))
        self.server.wait_for("broken", "Failed")
        trial = next(trial for trial in self.server.trials("broken")
                     if any(c["type"] == "Failed" and c["status"] == "True" for c in trial["status"]["conditions"]))
        self.assertIn("no such data", trial["status"]["why"])
        job = self.server.get(f"{TRAIN_JOBS}/{trial['metadata']['name']}")
        self.assertEqual(job["status"]["conditions"][-1]["reason"], "BackoffLimitExceeded")

    def test_two_nodes_are_refused_with_the_field_that_wants_them(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(TRAIN_JOBS, train_job("wide", "true", trainer={"numNodes": 2}))
        failed = self.ended("wide", "Failed")
        self.assertEqual(failed["reason"], "TrainingRuntimeNotSupported")
        self.assertIn("spec.trainer.numNodes", failed["message"])

    def test_a_trial_waits_for_its_runtime_and_says_so(self):
        self.server.create(EXPERIMENTS, train_experiment("early", "echo loss=${trialParameters.x}"))
        eventually(lambda: any("no ClusterTrainingRuntime called plain" in trial.get("status", {}).get("why", "")
                               for trial in self.server.trials("early")), lambda: f"it says why it waits: {self.server.trials('early')}")
        self.server.create(RUNTIMES, runtime())
        self.server.wait_for("early")

    def test_initializers_come_first_and_a_suspended_one_waits(self):
        fetch = {"name": "dataset-initializer", "template": {
            "metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "dataset-initializer"}},
            "spec": {"template": {"spec": {"containers": [
                {"name": "dataset-initializer", "image": "python:3", "command": ["sh", "-c", "sleep 0.3; echo fetched $STORAGE_URI"]}]}}}}}
        waiting = runtime(jobs=[fetch])
        waiting["spec"]["template"]["spec"]["replicatedJobs"][1]["dependsOn"] = [{"name": "dataset-initializer", "status": "Complete"}]
        self.server.create(RUNTIMES, waiting)
        self.server.create(TRAIN_JOBS, train_job("two", "echo trained", suspend=True, initializer={"dataset": {"storageUri": "hf://data"}}))
        self.ended("two", "Suspended")
        self.assertEqual(self.server.get("/api/v1/namespaces/default/pods")["items"], [])
        answer = self.server.request("PATCH", f"{TRAIN_JOBS}/two", {"spec": {"suspend": False}}, "application/merge-patch+json")
        self.assertEqual(answer.status, 200, answer)
        self.ended("two")
        self.assertEqual(self.log_of("two", "dataset-initializer"), "fetched hf://data\n")
        self.assertEqual(self.log_of("two"), "trained\n")
        jobs = {job["metadata"]["name"]: job["status"] for job in self.server.get("/apis/batch/v1/namespaces/default/jobs")["items"]}
        self.assertLessEqual(jobs["two-dataset-initializer-0"]["completionTime"], jobs["two-node-0"]["startTime"])

    def test_one_that_is_suspended_or_deleted_takes_its_processes_along(self):
        self.server.create(RUNTIMES, runtime())
        sleeping = train_job("long", "exec sleep 600", trainer={"env": [{"name": "MARK", "value": self.folder.name}]})
        self.server.create(TRAIN_JOBS, sleeping)

        def runs():
            return [pid for pid, command in processes_naming(self.folder.name).items() if command.startswith("sleep")]
        eventually(runs, "it runs")
        self.server.request("PATCH", f"{TRAIN_JOBS}/long", {"spec": {"suspend": True}}, "application/merge-patch+json")
        self.assert_no_process_left()
        self.server.request("PATCH", f"{TRAIN_JOBS}/long", {"spec": {"suspend": False}}, "application/merge-patch+json")
        eventually(runs, "it runs again")
        self.assertEqual(self.server.request("DELETE", f"{TRAIN_JOBS}/long").status, 200)
        self.assert_no_process_left()
        for kind in ("/apis/batch/v1/namespaces/default/jobs", "/api/v1/namespaces/default/secrets"):
            eventually(lambda: self.server.get(kind)["items"] == [], f"nothing is left in {kind}")

    def test_a_deadline_ends_it(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(TRAIN_JOBS, train_job("late", "echo begun; exec sleep 600", activeDeadlineSeconds=1))
        self.assertEqual(self.ended("late", "Failed")["reason"], "DeadlineExceeded")
        self.assertEqual(self.log_of("late"), "begun\n")

    def test_a_training_tells_its_own_status_and_nothing_else(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(TRAIN_JOBS, train_job("another", "true"))
        env = [{"name": "SCRIPT", "value": TELL}, {"name": "NAME", "value": "teller"}]
        self.server.create(TRAIN_JOBS, train_job("teller", 'python3 -c "$SCRIPT"', trainer={"env": env}))
        self.ended("teller")
        self.assertEqual(self.log_of("teller"), "told 200\nreading 403\nanother 403\n")
        status = self.server.get(f"{TRAIN_JOBS}/teller")["status"]
        self.assertEqual(status["trainerStatus"]["metrics"], [{"name": "loss", "value": "0.5"}, {"name": "other", "value": "1"}])
        self.assertNotIn("trainerStatus", self.server.get(f"{TRAIN_JOBS}/another")["status"])

    def test_a_status_that_can_not_be_is_refused_at_its_field(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(TRAIN_JOBS, train_job("strict", "true", suspend=True))
        path = f"{TRAIN_JOBS}/strict/status"
        self.assertEqual(self.server.request("POST", path, {}).status, 200)
        for told, field in (({"progressPercentage": 10}, "lastUpdatedTime"),
                            ({"progressPercentage": 101, "lastUpdatedTime": "2026-11-23T20:00:00Z"}, "progressPercentage"),
                            ({"metrics": [{"name": "loss"}], "lastUpdatedTime": "2026-11-23T20:00:00Z"}, "metrics[0].value")):
            answer = self.server.request("POST", path, {"trainerStatus": told})
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(field, answer.json["message"])
        self.assertEqual(self.server.request("POST", path, {"trainerStatus": []}).status, 400)
        self.assertEqual(self.server.request("POST", f"{TRAIN_JOBS}/nobody/status", {}).status, 404)
        self.assertEqual(self.server.request("POST", path, "x" * 70_000).status, 413)
        forged = "trainjob.default.strict.00000000-0000-0000-0000-000000000000." + "0" * 64
        self.assertEqual(self.server.request("POST", path, {}, token=forged).status, 401)


class Examples(TrainerTest):
    """examples/trainjob, as they stand."""

    def apply(self, path, file):
        answer = self.server.request("POST", path + "?fieldValidation=Strict", (ROOT / "examples/trainjob" / file).read_text(), "application/yaml")
        self.assertEqual(answer.status, 201, answer)

    def test_run_to_their_best(self):
        self.apply(RUNTIMES, "runtime.yaml")
        self.apply(EXPERIMENTS, "experiment.yaml")
        self.apply(OPTIMIZATION_JOBS, "optimizationjob.yaml")
        self.assertEqual(self.server.wait_for("train")["status"]["trialsSucceeded"], 8)
        self.ended("tuned", path=OPTIMIZATION_JOBS)
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/tuned")["status"]["trialsSucceeded"], 6)
        best = self.server.get(f"{OPTIMIZATION_JOBS}/tuned")["status"]["result"]["trainJobName"]
        self.assertEqual(self.server.get(f"{TRAIN_JOBS}/{best}")["status"]["trainerStatus"]["progressPercentage"], 100)


class OptimizationJobs(TrainerTest):
    def optimization(self, name, **spec):
        made = {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "OptimizationJob", "metadata": {"name": name},
                "spec": {"objectives": [{"metric": "loss"}],
                         "parameters": [{"name": "x", "searchSpace": {"uniform": {"min": "0.1", "max": "0.9"}}}],
                         "numTrials": 3, "parallelTrials": 2,
                         "trainJobTemplate": {"spec": train_job("t", 'python3 -c "$SCRIPT"', trainer={
                             "env": [{"name": "SCRIPT", "value": TELL}, {"name": "NAME", "value": "nobody"}]})["spec"]}}}
        made["spec"].update(spec)
        return made

    def test_an_optimization_job_is_tuned_and_names_its_best_train_job(self):
        self.server.create(RUNTIMES, runtime())
        self.server.create(OPTIMIZATION_JOBS, self.optimization("opt", searchAlgorithm={"random": {"seed": 7}}))
        complete = self.ended("opt", path=OPTIMIZATION_JOBS)
        self.assertEqual(complete["reason"], "MaxTrialsReached")
        made = self.server.get(f"{OPTIMIZATION_JOBS}/opt")
        tuned = self.server.get(f"{EXPERIMENTS}/opt")
        best = tuned["status"]["currentOptimalTrial"]
        self.assertEqual(made["status"]["result"], {"trainJobName": best["bestTrialName"], "parameters": best["parameterAssignments"]})
        self.assertEqual(tuned["spec"]["algorithm"], {"algorithmName": "random", "algorithmSettings": [{"name": "random_state", "value": "7"}]})
        smallest = min(float(trial["spec"]["parameterAssignments"][0]["value"]) for trial in self.server.trials("opt"))
        self.assertEqual(float(best["parameterAssignments"][0]["value"]), smallest)
        self.assertEqual(tuned["metadata"]["ownerReferences"][0]["kind"], "OptimizationJob")
        self.assertEqual(self.server.request("DELETE", f"{OPTIMIZATION_JOBS}/opt").status, 200)
        eventually(lambda: self.server.request("GET", f"{EXPERIMENTS}/opt").status == 404, "its Experiment goes with it")

    def test_what_can_not_be_is_refused_at_its_field(self):
        space = {"name": "x", "searchSpace": {"logUniform": {"min": "0", "max": "1"}}}
        for spec, field in (({"parallelTrials": 9}, "spec.parallelTrials"),
                            ({"searchAlgorithm": {"grid": {}}}, "spec.parameters[0].searchSpace"),
                            ({"searchAlgorithm": {"grid": {}, "random": {}}}, "spec.searchAlgorithm"),
                            ({"parameters": [space]}, "spec.parameters[0].searchSpace.logUniform.min"),
                            ({"parameters": [{"name": "x", "searchSpace": {}}]}, "spec.parameters[0].searchSpace"),
                            ({"objectives": []}, "spec.objectives"),
                            ({"numTrials": 101}, "spec.numTrials")):
            with self.subTest(field=field, spec=spec):
                answer = self.server.request("POST", OPTIMIZATION_JOBS, self.optimization("wrong", **spec))
                self.assertEqual(answer.status, 422, answer)
                self.assertIn(field, answer.json["message"])
        self.server.create(OPTIMIZATION_JOBS, self.optimization("kept"))
        answer = self.server.request("PATCH", f"{OPTIMIZATION_JOBS}/kept", {"spec": {"numTrials": 9}}, "application/merge-patch+json")
        self.assertEqual(answer.status, 422, answer)
        self.assertIn("immutable", answer.json["message"])

    def test_an_experiment_in_its_way_is_left_alone(self):
        self.server.create(EXPERIMENTS, experiment("taken", "echo loss=1", trials=1, parallel=1))
        self.server.create(OPTIMIZATION_JOBS, self.optimization("taken"))
        created = eventually(lambda: self.server.condition(f"{OPTIMIZATION_JOBS}/taken", "Created"), "it says why it waits")
        self.assertEqual(created["status"], "False")
        self.assertIn("does not own", created["message"])


if __name__ == "__main__":
    unittest.main()
