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
        self.assertTrue(self.core.list_namespaced_event("default").items)
        self.assertTrue(self.kubernetes.client.BatchV1Api().list_namespaced_job("default").items)
        self.assertTrue(self.core.list_node().items)

        self.objects.patch_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client",
                                                    {"metadata": {"labels": {"team": "a"}}})
        self.objects.delete_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client")
        with self.assertRaises(self.kubernetes.client.ApiException) as refused:
            eventually(lambda: not self.objects.get_namespaced_custom_object(GROUP, VERSION, "default", "experiments", "client"),
                       "the experiment is gone")
        self.assertEqual(refused.exception.status, 404)

    def test_a_refusal_is_an_api_exception_with_a_status(self):
        made = experiment("client", "echo loss=${trialParameters.x}")
        made["spec"]["parameters"][0]["feasibleSpace"]["min"] = "2"
        with self.assertRaises(self.kubernetes.client.ApiException) as refused:
            self.objects.create_namespaced_custom_object(GROUP, VERSION, "default", "experiments", made)
        self.assertIn(refused.exception.status, (400, 422))
        self.assertIn("spec.parameters[0].feasibleSpace", refused.exception.body)


if __name__ == "__main__":
    unittest.main()
