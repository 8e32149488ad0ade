"""Pods are resized while they run: with kubectl, over the plain API, and while the server is killed again and again.

By default the short form that CI runs; the full one is
    MIZAN=... python3 tests/e2e/resize_test.py --kills 30
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ROOT, ServerTest, eventually, experiment  # noqa: E402

parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--kills", type=int, default=4)
parser.add_argument("--seed", type=int, default=1)
OPTIONS, UNITTEST_ARGUMENTS = parser.parse_known_args()

KUBECTL = os.environ.get("KUBECTL", str(ROOT / "build/tools/kubectl/kubectl"))
PODS = "/api/v1/namespaces/default/pods"
STRATEGIC = "application/strategic-merge-patch+json"
MEMORY_CGROUPS = pathlib.Path("/sys/fs/cgroup/memory/mizan")
SIZED = {"resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "500m", "memory": "64Mi"}}}


def body(name="main", **resources):
    return {"spec": {"containers": [{"name": name, "resources": resources}]}}


def status_of(pod, container=0):
    statuses = pod.get("status", {}).get("containerStatuses", [])
    return statuses[container] if statuses else {}


def resize_conditions(pod):
    return [c for c in pod.get("status", {}).get("conditions", []) if c["type"].startswith("PodResize")]


def is_done(pod):
    """As a client has to look at it: seen, no condition, and what is wanted is in force."""
    wanted = pod["spec"]["containers"][0]["resources"]
    return (pod["status"].get("observedGeneration", 0) >= pod["metadata"]["generation"] and not resize_conditions(pod)
            and status_of(pod).get("resources") == wanted)


def group_of(uid):
    """The pod's memory cgroup of v1, None where there is none."""
    return next(iter(MEMORY_CGROUPS.glob(f"*/pod{uid}")), None) if MEMORY_CGROUPS.is_dir() else None


def bytes_of(quantity):
    return int(quantity[:-2]) * {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}[quantity[-2:]]


class ResizeTest(ServerTest):
    """What the tests share."""

    def a_pod(self, name, command="exec sleep 1000", **container):
        return self.server.create(PODS, {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1,
                     "containers": [{"name": "main", "image": "any", "command": ["sh", "-c", command], **SIZED, **container}]}})

    def resize(self, name, **resources):
        return self.server.request("PATCH", f"{PODS}/{name}/resize", body(**resources), STRATEGIC)

    def when_running(self, name):
        eventually(lambda: self.server.get(f"{PODS}/{name}")["status"].get("phase") == "Running", f"{name} runs")

    def when_done(self, name):
        return eventually(lambda: (lambda pod: pod if is_done(pod) else None)(self.server.get(f"{PODS}/{name}")),
                          lambda: f"{name} is resized: {self.server.get(f'{PODS}/{name}')['status']}")


class Resize(ResizeTest):
    @unittest.skipUnless(os.access(KUBECTL, os.X_OK), "there is no kubectl here; scripts/setup brings one on x86-64")
    def test_kubectl_resizes_a_running_trial_and_describe_tells_the_story(self):
        self.server.start()
        env = {**os.environ, "KUBECONFIG": str(self.server.data / "kubeconfig"), "HOME": str(self.folder)}

        def kubectl(*arguments, code=0):
            done = subprocess.run([KUBECTL, *arguments], capture_output=True, text=True, env=env, timeout=120)
            self.assertEqual(done.returncode, code, f"kubectl {arguments}\n{done.stdout}\n{done.stderr}")
            return done.stdout + done.stderr

        self.server.create(EXPERIMENTS, experiment("sized", "sleep 60; echo loss=${trialParameters.x}", trials=1, parallel=1,
                                                   failed=1, container=SIZED))
        pod = eventually(lambda: kubectl("get", "pods", "-o", "name").strip(), "there is a pod")
        eventually(lambda: kubectl("get", pod, "-o", "jsonpath={.status.phase}") == "Running", "the trial runs")
        said = kubectl("patch", pod, "--subresource", "resize", "--patch",
                       json.dumps(body("training", requests={"memory": "48Mi"}, limits={"memory": "96Mi"})))
        self.assertIn("patched", said)
        eventually(lambda: kubectl("get", pod, "-o", "jsonpath={.status.containerStatuses[0].resources.limits.memory}") == "96Mi",
                   "the new limit is in force")
        limit = group_of(kubectl("get", pod, "-o", "jsonpath={.metadata.uid}"))
        if limit:
            self.assertEqual((limit / "memory.limit_in_bytes").read_text().strip(), str(96 << 20))
        eventually(lambda: "ResizeCompleted" in kubectl("describe", pod), "describe tells of it")

        kubectl("patch", pod, "--subresource", "resize", "--patch", json.dumps(body("training", requests={"cpu": "900"}, limits={"cpu": "900"})))
        eventually(lambda: "ResizeInfeasible" in kubectl("describe", pod), "describe tells why not")
        self.assertIn("Node didn't have enough capacity: cpu, requested: 900000", kubectl("describe", pod))
        refused = kubectl("patch", pod, "--subresource", "resize", "--patch",
                          json.dumps(body("training", limits={"memory": None})), code=1)
        self.assertIn("resource limits cannot be removed", refused)
        refused = kubectl("patch", pod, "--patch", json.dumps(body("training", requests={"memory": "40Mi"})), code=1)
        self.assertIn("pod updates may not change fields other than", refused)

    def test_bad_resizes_are_refused_and_change_nothing(self):
        self.server.start()
        self.a_pod("a")
        self.when_running("a")
        before = self.server.get(f"{PODS}/a")
        for resources, code, words in (
                ({"requests": {"cpu": "abc"}}, 422, "quantities must match"),
                ({"requests": {"cpu": "-1"}}, 422, "must be greater than or equal to 0"),
                ({"requests": {"cpu": "2"}}, 422, "must be less than or equal to cpu limit of 500m"),
                ({"requests": {"nvidia.com/gpu": "1"}}, 422, "only cpu and memory resources are mutable"),
                ({"limits": None}, 422, "resource limits cannot be removed"),
                ({"requests": {"cpu": "500m", "memory": "64Mi"}}, 422, "QOS Class may not change"),
                ({"requests": "much"}, 422, "")):
            answer = self.resize("a", **resources)
            self.assertEqual(answer.status, code, f"{resources}: {answer}")
            self.assertIn(words, answer.text)
        answer = self.server.request("PATCH", f"{PODS}/a/resize", body("other", requests={"cpu": "1"}), STRATEGIC)
        self.assertEqual(answer.status, 422)
        self.assertIn("containers may not be added or removed on resize", answer.text)
        self.assertEqual(self.resize("nosuch", requests={"cpu": "1"}).status, 404)
        self.assertEqual(self.server.request("PATCH", f"{PODS}/a/resize", body(), "application/json").status, 415)
        self.assertEqual(self.server.get(f"{PODS}/a")["spec"], before["spec"])
        wrong = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b"}, "spec": {"containers": [
            {"name": "main", "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}}]}}
        answer = self.server.request("POST", PODS, wrong)
        self.assertEqual(answer.status, 422)
        self.assertIn("must be less than or equal to memory limit of 1Gi", answer.text)

    def test_a_limit_below_usage_is_an_error_until_the_memory_is_given_back(self):
        self.server.start()
        self.a_pod("a", "(head -c 50000000 /dev/zero; while ! test -e go; do sleep 0.05; done) | tail -c 50000000 >/dev/null;"
                        "exec sleep 1000", resources={"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi"}})
        self.when_running("a")
        uid = self.server.get(f"{PODS}/a")["metadata"]["uid"]
        group = group_of(uid)
        if group is None:
            self.skipTest("no cgroup v1")
        eventually(lambda: int((group / "memory.usage_in_bytes").read_text()) > 45_000_000, "the pod holds its memory")
        self.assertEqual(self.resize("a", requests={"memory": "16Mi"}, limits={"memory": "32Mi"}).status, 200)
        pod = eventually(lambda: (lambda pod: pod if resize_conditions(pod) else None)(self.server.get(f"{PODS}/a")), "a condition")
        said = resize_conditions(pod)[0]
        self.assertEqual((said["type"], said["reason"]), ("PodResizeInProgress", "Error"))
        self.assertIn("cannot decrease memory limits", said["message"])
        self.assertEqual(status_of(pod)["resources"]["limits"]["memory"], "128Mi")
        work = self.server.data / "pods" / uid / "containers" / "main" / "work"
        (work / "go").touch()
        self.when_done("a")
        self.assertEqual((group / "memory.limit_in_bytes").read_text().strip(), str(32 << 20))


class ResizeKilled(ResizeTest):
    flags = ()  # pods outlive the server: that is what this is about

    def test_kills_during_resizes_lose_no_pod_and_leave_cgroups_as_status_says(self):
        dice = random.Random(OPTIONS.seed)
        self.server.start()
        names = [f"pod-{number}" for number in range(4)]
        for name in names:
            self.a_pod(name)
        for name in names:
            self.when_running(name)
        starts = {name: status_of(self.server.get(f"{PODS}/{name}"))["containerID"] for name in names}
        pids = {name: self.main_process(name) for name in names}
        wanted = True
        patched = [0]

        def patches():
            while wanted:
                memory = random.Random().randint(24, 96)
                try:
                    answer = self.resize(random.choice(names), requests={"memory": f"{memory}Mi", "cpu": f"{memory}m"},
                                         limits={"memory": f"{memory * 2}Mi"})
                    patched[0] += answer.status == 200
                except Exception:  # killed under our hands
                    time.sleep(0.005)

        patchers = [threading.Thread(target=patches, daemon=True) for _ in range(2)]
        for patcher in patchers:
            patcher.start()
        for _ in range(OPTIONS.kills):
            time.sleep(dice.uniform(0.05, 0.5))
            self.server.kill()
            self.server.start()
        wanted = False
        for patcher in patchers:
            patcher.join(90)
        self.assertGreater(patched[0], OPTIONS.kills)
        for name in names:
            pod = self.when_done(name)
            self.assertEqual(pod["status"]["phase"], "Running")
            self.assertEqual(status_of(pod)["containerID"], starts[name], "never started anew")
            self.assertEqual(self.main_process(name), pids[name], "the same process all the time")
            group = group_of(pod["metadata"]["uid"])
            if group is None:
                continue
            said = status_of(pod)["resources"]
            self.assertEqual(int((group / "memory.limit_in_bytes").read_text()), bytes_of(said["limits"]["memory"]))
            shares = pathlib.Path(str(group).replace("/memory/", "/cpu/")) / "cpu.shares"
            self.assertEqual(int(shares.read_text()), int(said["requests"]["cpu"][:-1]) * 1024 // 1000)
        uids = [self.server.get(f"{PODS}/{name}")["metadata"]["uid"] for name in names]
        for name in names:
            self.server.request("DELETE", f"{PODS}/{name}?gracePeriodSeconds=0")
        eventually(lambda: not self.server.get(PODS)["items"], "the pods are gone")
        self.assert_no_process_left()
        eventually(lambda: not any(group_of(uid) for uid in uids), "no cgroup is left")
        print(f"{OPTIONS.kills} kills during {patched[0]} resizes of {len(names)} pods: none lost, cgroups as status says")

    def main_process(self, name):
        uid = self.server.get(f"{PODS}/{name}")["metadata"]["uid"]
        report = json.loads((self.server.data / "pods" / uid / "status.json").read_text())
        return report["containers"][0]["pid"]



if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
