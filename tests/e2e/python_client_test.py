"""The kubernetes package of Python, unmodified (Debian's python3-kubernetes): what Katib's own SDK is built on."""
import importlib.util
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import ServerTest, eventually, experiment  # noqa: E402

GROUP, VERSION = "kubeflow.org", "v1beta1"


@unittest.skipUnless(importlib.util.find_spec("kubernetes"), "python3-kubernetes is not installed for this Python")
class PythonClient(ServerTest):
    def setUp(self):
        super().setUp()
        import kubernetes
        self.server.start()
        self.kubernetes = kubernetes
        kubernetes.config.load_kube_config(str(self.server.data / "kubeconfig"))
        self.objects = kubernetes.client.CustomObjectsApi()
        self.core = kubernetes.client.CoreV1Api()

    def test_create_watch_read_logs_and_delete(self):
        events = []

        def watch():
            stream = self.kubernetes.watch.Watch()
            for event in stream.stream(self.objects.list_namespaced_custom_object, GROUP, VERSION, "default", "experiments",
                                       timeout_seconds=60):
                events.append(event["type"])
                conditions = event["object"].get("status", {}).get("conditions", [])
                if any(c["type"] == "Succeeded" and c["status"] == "True" for c in conditions):
                    stream.stop()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        self.objects.create_namespaced_custom_object(
            GROUP, VERSION, "default", "experiments", experiment("client", "echo loss=${trialParameters.x}", trials=3))
        watcher.join(90)
        self.assertFalse(watcher.is_alive(), "the watch saw the experiment succeed")
        self.assertEqual(events[0], "ADDED")
        self.assertIn("MODIFIED", events)

        trials = self.objects.list_namespaced_custom_object(
            GROUP, VERSION, "default", "trials", label_selector="katib.kubeflow.org/experiment=client")["items"]
        self.assertEqual(len(trials), 3)
        pods = self.core.list_namespaced_pod(
            "default", label_selector=f"katib.kubeflow.org/trial={trials[0]['metadata']['name']}").items
        self.assertEqual(pods[0].status.phase, "Succeeded")
        self.assertIn("loss=", self.core.read_namespaced_pod_log(pods[0].metadata.name, "default"))
        eventually(lambda: self.core.list_namespaced_event("default").items, "there are events")
        self.assertTrue(self.kubernetes.client.BatchV1Api().list_namespaced_job("default").items)
        self.assertTrue(self.core.list_node().items)

        self.objects.patch_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client",
                                                    {"metadata": {"labels": {"team": "a"}}})
        self.objects.delete_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client")
        with self.assertRaises(self.kubernetes.client.ApiException) as refused:
            eventually(lambda: not self.objects.get_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client"),
                       "the experiment is gone")
        self.assertEqual(refused.exception.status, 404)

    def test_a_budget_is_edited_as_katibs_sdk_does_it(self):
        """GET, change the counts, PATCH the whole object as a merge patch: with its resourceVersion, status and times."""
        made = experiment("client", "echo loss=${trialParameters.x}", trials=2, parallel=1, failed=1, resumePolicy="LongRunning")
        self.objects.create_namespaced_custom_object(GROUP, VERSION, "default", "experiments", made)
        self.server.wait_for("client")
        got = self.objects.get_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client")
        for field in ("startTime", "completionTime", "lastReconcileTime"):  # Python's datetimes are written so
            if got["status"].get(field):
                got["status"][field] = got["status"][field].replace("Z", "+00:00")
        got["metadata"]["creationTimestamp"] = got["metadata"]["creationTimestamp"].replace("Z", "+00:00")
        got["spec"]["maxTrialCount"] = 4
        patched = self.objects.patch_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client", got)
        self.assertEqual(patched["spec"]["maxTrialCount"], 4)
        with self.assertRaises(self.kubernetes.client.ApiException) as stale:
            got["spec"]["maxTrialCount"] = 5
            self.objects.patch_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client", got)
        self.assertEqual(stale.exception.status, 409)
        eventually(lambda: len(self.server.trials("client")) == 4, "two more trials")
        self.server.wait_for("client")

    def test_each_call_of_katibs_sdk(self):
        """KatibClient, method by method, as it calls the client library: most of them in a thread with a limit of 120 s."""
        call = lambda method, *a, **k: getattr(self.objects, method)(GROUP, VERSION, "team", *a, async_req=True, **k).get(120)  # noqa: E731
        client = self.kubernetes.client
        self.core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="team")))
        self.core.patch_namespace("team", {"metadata": {"labels": {"katib.kubeflow.org/metrics-collector-injection": "enabled"}}})
        made = experiment("sdk", "echo loss=${trialParameters.x}", trials=2, parallel=2, failed=1)
        made["metadata"]["namespace"] = "team"
        # create_experiment, and again; with generateName it reads the name from the answer
        created = self.objects.create_namespaced_custom_object(GROUP, VERSION, "team", "experiments", made)
        self.assertEqual(created["metadata"]["name"], "sdk")
        with self.assertRaises(client.ApiException) as again:
            self.objects.create_namespaced_custom_object(GROUP, VERSION, "team", "experiments", made)
        self.assertEqual(again.exception.status, 409)
        paused = experiment("", "echo loss=${trialParameters.x}", suspend=True)
        paused["metadata"] = {"generateName": "sdk-", "namespace": "team"}
        other = self.objects.create_namespaced_custom_object(GROUP, VERSION, "team", "experiments", paused)["metadata"]["name"]
        self.assertRegex(other, r"^sdk-[a-z0-9]{5}$")
        # wait_for_experiment_condition, get_experiment_conditions, get_optimal_hyperparameters
        got = eventually(lambda: self.ended(call("get_namespaced_custom_object", "experiments", "sdk")), "it succeeds", 120)
        self.assertTrue(got["status"]["currentOptimalTrial"]["observation"]["metrics"])
        self.assertTrue(got["status"]["currentOptimalTrial"]["parameterAssignments"])
        # list_experiments, list_suggestions (which asks for experiments too), get_suggestion
        listed = call("list_namespaced_custom_object", "experiments")["items"]
        self.assertEqual({one["metadata"]["name"] for one in listed}, {"sdk", other})
        self.assertEqual(call("get_namespaced_custom_object", "suggestions", "sdk")["spec"]["requests"], 2)
        # list_trials, get_success_trial_details, get_trial
        trials = call("list_namespaced_custom_object", "trials", label_selector="katib.kubeflow.org/experiment=sdk")["items"]
        self.assertEqual(len(trials), 2)
        trial = call("get_namespaced_custom_object", "trials", trials[0]["metadata"]["name"])
        self.assertTrue(self.ended(trial))
        # get_job_logs: the trial's pods, then their logs by container
        pods = self.core.list_namespaced_pod(
            "team", label_selector=f"katib.kubeflow.org/trial={trial['metadata']['name']}", async_req=True).get(120).items
        log = self.core.read_namespaced_pod_log(pods[0].metadata.name, "team", container="training")
        self.assertRegex(log, r"^loss=[\d.e-]+\n$")
        followed = self.kubernetes.watch.Watch().stream(self.core.read_namespaced_pod_log, name=pods[0].metadata.name,
                                                        namespace="team", container="training")
        self.assertEqual(list(followed), [log.strip()])
        # the early stopping service writes a trial's status
        seen = self.objects.patch_namespaced_custom_object_status(
            GROUP, VERSION, "team", "trials", trial["metadata"]["name"], {"status": {"lastReconcileTime": "2026-11-23T20:19:10+00:00"}})
        self.assertEqual(seen["status"]["observation"], trial["status"]["observation"])
        # Katib's own end-to-end test asks for what its suggestions would leave behind
        with self.assertRaises(client.ApiException) as missing:
            client.AppsV1Api().read_namespaced_deployment("sdk-random", "team")
        self.assertEqual(missing.exception.status, 404)
        with self.assertRaises(client.ApiException) as missing:
            self.core.read_namespaced_service("sdk-random", "team")
        self.assertEqual(missing.exception.status, 404)
        # delete_experiment
        self.objects.delete_namespaced_custom_object(GROUP, VERSION, "team", "experiments", "sdk", body=client.V1DeleteOptions())
        eventually(lambda: not call("list_namespaced_custom_object", "trials")["items"], "its trials go with it")
        self.assertEqual(self.core.read_namespace("team").metadata.labels["katib.kubeflow.org/metrics-collector-injection"], "enabled")

    @staticmethod
    def ended(made):
        conditions = made.get("status", {}).get("conditions", [])
        return made if any(c["type"] == "Succeeded" and c["status"] == "True" for c in conditions) else None

    def test_built_in_kinds_and_followed_logs(self):
        client = self.kubernetes.client
        job = client.V1Job(
            metadata=client.V1ObjectMeta(name="talks"),
            spec=client.V1JobSpec(backoff_limit=0, template=client.V1PodTemplateSpec(spec=client.V1PodSpec(
                restart_policy="Never", containers=[client.V1Container(
                    name="main", image="debian:12", command=["sh", "-c", "for i in 1 2 3; do echo step $i; sleep 0.2; done"])]))))
        batch = client.BatchV1Api()
        batch.create_namespaced_job("default", job)
        pod = eventually(lambda: self.core.list_namespaced_pod("default", label_selector="job-name=talks").items,
                         "the job has a pod")[0].metadata.name
        eventually(lambda: self.core.read_namespaced_pod(pod, "default").status.phase != "Pending", "it has begun")
        log = self.core.read_namespaced_pod_log(pod, "default", follow=True, _preload_content=False)
        self.assertEqual(b"".join(log.stream()).decode().split("\n"), ["step 1", "step 2", "step 3", ""])
        stream = self.kubernetes.watch.Watch()
        for event in stream.stream(batch.list_namespaced_job, "default", timeout_seconds=60):
            if event["object"].status.succeeded:
                stream.stop()
        self.core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="team")))
        self.core.patch_namespace("team", {"metadata": {"labels": {"katib.kubeflow.org/metrics-collector-injection": "enabled"}}})
        self.core.create_namespaced_config_map("team", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="c"), data={"a": "b"}))
        self.assertEqual(self.core.list_config_map_for_all_namespaces().items[0].data, {"a": "b"})
        self.core.delete_namespace("team")
        batch.delete_namespaced_job("talks", "default", propagation_policy="Background")
        eventually(lambda: not self.core.list_namespaced_pod("default").items, "the pod goes with its job")

    def test_exec_through_the_python_client(self):
        from kubernetes.stream import stream
        client = self.kubernetes.client
        self.core.create_namespaced_pod("default", client.V1Pod(
            metadata=client.V1ObjectMeta(name="idle"), spec=client.V1PodSpec(restart_policy="Never", containers=[
                client.V1Container(name="main", image="debian:12", command=["sleep", "1000"])])))
        eventually(lambda: self.core.read_namespaced_pod("idle", "default").status.phase == "Running", "it runs")
        said = stream(self.core.connect_get_namespaced_pod_exec, "idle", "default", command=["echo", "hello"],
                      stdin=False, stdout=True, stderr=True, tty=False)
        self.assertEqual(said, "hello\n")
        self.core.delete_namespaced_pod("idle", "default", grace_period_seconds=0)

    def test_a_refusal_is_an_api_exception_with_a_status(self):
        made = experiment("client", "echo loss=${trialParameters.x}")
        made["spec"]["parameters"][0]["feasibleSpace"]["min"] = "2"
        with self.assertRaises(self.kubernetes.client.ApiException) as refused:
            self.objects.create_namespaced_custom_object(GROUP, VERSION, "default", "experiments", made)
        self.assertIn(refused.exception.status, (400, 422))
        self.assertIn("spec.parameters[0].feasibleSpace", refused.exception.body)


if __name__ == "__main__":
    unittest.main()
