"""Every command of kubectl that people use here, with the newest kubectl and the oldest that must work.

Left out: attach, port-forward, and exec and cp of kubectl before 1.30 (SPDY), which the server refuses in a sentence.
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ROOT, ServerTest, eventually, experiment  # noqa: E402

NEW = os.environ.get("KUBECTL", str(ROOT / "build/tools/kubectl/kubectl"))
OLD = os.environ.get("KUBECTL_OLD", str(ROOT / "build/tools/kubectl-1.20/kubectl"))

A_CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, minimum: 1, description: "How large, in metres."}
            x-kubernetes-validations: [{rule: "self.size < 10"}]
"""


class Commands:
    """The same commands for both; a subclass names the program."""

    program = None
    old = False

    def setUp(self):
        super().setUp()
        self.server.start()

    def kubectl(self, *arguments, input=None, code=0, timeout=120):
        environment = {**os.environ, "KUBECONFIG": str(self.server.data / "kubeconfig"), "HOME": str(self.folder)}
        done = subprocess.run([self.program, *map(str, arguments)], env=environment,
                              input=input if input is not None else "", capture_output=True, text=True, timeout=timeout)
        self.assertEqual(done.returncode, code, f"kubectl {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}")
        self.said = done.stderr
        return done.stdout if code == 0 else done.stderr

    def file(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def paused(self, name="demo", **spec):
        return experiment(name, "echo loss=${trialParameters.x}", trials=2, parallel=1, failed=1, suspend=True, **spec)

    def test_what_it_asks_of_the_server_itself(self):
        self.assertIn("Server Version", self.kubectl("version"))
        self.assertIn("control plane", self.kubectl("cluster-info"))
        resources = self.kubectl("api-resources")
        for row in (r"experiments\s+exp\s", r"trials\s+tr\s", r"pods\s+po\s", r"customresourcedefinitions\s+crd"):
            self.assertRegex(resources, row)
        self.assertIn("kubeflow.org/v1beta1", self.kubectl("api-versions").splitlines())
        self.assertEqual(self.kubectl("get", "--raw", "/healthz"), "ok")
        self.assertIn("PodMetrics", self.kubectl("api-resources", "--api-group=metrics.k8s.io"))

    def test_explain_reads_like_documentation(self):
        text = self.kubectl("explain", "experiment.spec.parallelTrialCount")
        self.assertIn("DESCRIPTION", text)
        self.assertIn("maxTrialCount", self.kubectl("explain", "experiment.spec", "--recursive"))
        self.assertIn("containers", self.kubectl("explain", "pod.spec", "--recursive"))
        for field, unit in (("spec.maxDurationSeconds", "seconds"), ("spec.trialPods.resize.minAllowed", "50m, memory: 32Mi"),
                            ("spec.trialPods.resize.startupBoost.durationSeconds", "seconds"),
                            # OpenAPI 2 can't say that an object may be null, so old kubectl sees nothing below it.
                            *([] if self.old else [("spec.stopWhen.minImprovement", "units of the objective")])):
            self.assertIn(unit, " ".join(self.kubectl("explain", f"experiment.{field}").split()))

    def test_create_apply_diff_edit_replace(self):
        file = self.file("demo.json", self.paused())
        self.assertIn("created (server dry run)", self.kubectl("create", "--dry-run=server", "-f", file))
        self.assertIn("created", self.kubectl("apply", "-f", file))
        self.assertIn("AlreadyExists", self.kubectl("create", "-f", file, code=1))
        changed = self.paused()
        changed["spec"]["maxTrialCount"] = 3
        file.write_text(json.dumps(changed))
        self.kubectl("diff", "-f", file, code=1)
        self.assertIn("configured", self.kubectl("apply", "-f", file))
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/demo")["spec"]["maxTrialCount"], 3)
        live = json.loads(self.kubectl("get", "exp", "demo", "-o", "json"))
        live["spec"]["maxTrialCount"] = 4
        self.assertIn("replaced", self.kubectl("replace", "-f", self.file("live.json", live)))
        editor = self.file("editor", "#!/bin/sh\nsed -i 's/maxTrialCount: 4/maxTrialCount: 5/' \"$1\"\n")
        editor.chmod(0o755)
        os.environ["KUBE_EDITOR"] = str(editor)
        self.addCleanup(os.environ.pop, "KUBE_EDITOR", None)
        self.assertIn("edited", self.kubectl("edit", "exp", "demo"))
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/demo")["spec"]["maxTrialCount"], 5)

    def test_a_kustomization(self):
        folder = self.folder / "kustomization"
        folder.mkdir()
        (folder / "demo.json").write_text(json.dumps(self.paused()))
        (folder / "kustomization.yaml").write_text("resources: [demo.json]\nnamePrefix: my-\ncommonAnnotations: {from: kustomize}\n")
        self.assertIn("experiment.kubeflow.org/my-demo created", self.kubectl("apply", "-k", folder))
        generation = self.server.get(f"{EXPERIMENTS}/my-demo")["metadata"]["generation"]
        self.kubectl("apply", "-k", folder)  # kubectl says configured: it compares lists as a whole, and defaults stand in them
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/my-demo")["metadata"]["generation"], generation)
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/my-demo")["metadata"]["annotations"]["from"], "kustomize")
        self.kubectl("delete", "-k", folder, "--timeout=60s")
        self.assertEqual(self.kubectl("get", "exp", "-o", "name"), "")

    def test_wrong_fields_are_named(self):
        wrong = self.paused()
        wrong["spec"]["maxTrials"] = 3
        self.assertRegex(self.kubectl("create", "-f", self.file("wrong.json", wrong), code=1), r"unknown field \"(spec\.)?maxTrials\"")
        wrong = self.paused()
        wrong["spec"]["objective"]["type"] = "smallest"
        said = self.kubectl("create", "--validate=false", "-f", self.file("wrong.json", wrong), code=1)
        self.assertIn("spec.objective.type", said)

    def test_server_side_apply_and_its_conflicts(self):
        file = self.file("demo.json", self.paused())
        self.assertIn("serverside-applied", self.kubectl("apply", "--server-side", "-f", file))
        changed = self.paused()
        changed["spec"]["maxTrialCount"] = 7
        file.write_text(json.dumps(changed))
        said = self.kubectl("apply", "--server-side", "--field-manager=other", "-f", file, code=1)
        self.assertIn(".spec.maxTrialCount", said)
        self.kubectl("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", file)
        self.assertEqual(self.server.get(f"{EXPERIMENTS}/demo")["spec"]["maxTrialCount"], 7)

    def test_patch_label_annotate_scale(self):
        self.kubectl("create", "-f", self.file("demo.json", self.paused()))
        self.kubectl("patch", "exp", "demo", "--type=merge", "-p", '{"spec": {"maxTrialCount": 3}}')
        self.kubectl("patch", "exp", "demo", "--type=json", "-p", '[{"op": "replace", "path": "/spec/maxTrialCount", "value": 4}]')
        self.assertIn("merge-patch+json", self.kubectl("patch", "exp", "demo", "-p", '{"spec": {}}', code=1))
        self.kubectl("label", "exp", "demo", "team=a")
        self.kubectl("annotate", "exp", "demo", "note=b")
        self.kubectl("scale", "exp/demo", "--replicas=2")
        live = self.server.get(f"{EXPERIMENTS}/demo")
        self.assertEqual((live["spec"]["maxTrialCount"], live["spec"]["parallelTrialCount"]), (4, 2))
        self.assertEqual(self.kubectl("get", "exp", "-l", "team=a", "-o", "name").strip(), "experiment.kubeflow.org/demo")
        self.assertEqual(self.kubectl("get", "exp", "--field-selector", "metadata.name=demo", "-o", "name").strip(),
                         "experiment.kubeflow.org/demo")
        self.kubectl("label", "exp", "demo", "team-")
        self.assertEqual(self.kubectl("get", "exp", "-l", "team=a", "-o", "name"), "")

    def test_get_in_every_form(self):
        for number in range(5):
            self.kubectl("create", "-f", "-", input=json.dumps(self.paused(f"demo-{number}")))
        self.assertEqual(len(self.kubectl("get", "exp", "--chunk-size=2", "--no-headers").splitlines()), 5)
        self.assertEqual(len(self.kubectl("get", "exp", "-A", "--no-headers").splitlines()), 5)
        self.assertIn("ALGORITHM", self.kubectl("get", "exp", "-o", "wide"))
        self.assertEqual(self.kubectl("get", "exp", "--sort-by=.metadata.name", "--no-headers").split()[0], "demo-0")
        self.assertIn("kind: Experiment", self.kubectl("get", "exp", "demo-1", "-o", "yaml"))
        self.assertEqual(self.kubectl("get", "exp", "demo-1", "-o", "jsonpath={.spec.maxTrialCount}"), "2")
        self.assertIn("demo-3", self.kubectl("get", "exp", "-o", "custom-columns=N:.metadata.name"))
        self.assertIn("experiment.kubeflow.org/demo-2", self.kubectl("get", "all"))
        self.assertIn("NotFound", self.kubectl("get", "exp", "nosuch", code=1))
        self.assertIn("deleted", self.kubectl("delete", "exp", "--all"))

    def test_wait_and_deletion_with_its_policies(self):
        self.kubectl("create", "-f", self.file("demo.json", self.paused()))
        self.kubectl("patch", "exp", "demo", "--type=merge", "-p", '{"spec": {"suspend": false}}')
        self.kubectl("wait", "--for=condition=Succeeded", "exp/demo", "--timeout=100s")
        self.kubectl("patch", "exp", "demo", "--type=merge", "-p", '{"metadata": {"finalizers": ["a.b/c"]}}')
        self.kubectl("delete", "exp", "demo", "--wait=false", "--cascade=foreground")
        self.assertTrue(self.server.get(f"{EXPERIMENTS}/demo")["metadata"]["deletionTimestamp"])
        self.kubectl("patch", "exp", "demo", "--type=json", "-p", '[{"op": "remove", "path": "/metadata/finalizers/0"}]')
        eventually(lambda: self.server.request("GET", f"{EXPERIMENTS}/demo").status == 404, "it is gone")
        self.kubectl("create", "-f", self.file("demo.json", self.paused("kept") | {
            "spec": self.paused("kept")["spec"] | {"suspend": False}}))
        eventually(lambda: self.kubectl("get", "suggestions", "-o", "name"), "there is a suggestion")
        self.kubectl("delete", "exp", "kept", "--cascade=orphan", "--dry-run=server")
        self.kubectl("delete", "exp", "kept", "--cascade=orphan")
        self.assertIn("kept", self.kubectl("get", "suggestions", "-o", "name"))

    def test_namespaces_jobs_logs_and_describe(self):
        self.assertIn("created", self.kubectl("create", "namespace", "team"))
        self.assertIn("created", self.kubectl("create", "job", "-n", "team", "hello", "--image=debian:12", "--", "sh", "-c",
                                              "echo one; echo two"))
        self.kubectl("wait", "-n", "team", "--for=condition=Complete", "job/hello", "--timeout=60s")
        self.assertEqual(self.kubectl("logs", "-n", "team", "job/hello"), "one\ntwo\n")
        self.assertRegex(self.kubectl("logs", "-n", "team", "job/hello", "--tail=1", "--timestamps", "--since=1h"),
                         r"^\d{4}-\d\d-\d\dT\S+Z two\n$")
        self.assertEqual(self.kubectl("logs", "-n", "team", "job/hello", "--limit-bytes=3"), "one")
        self.assertIn("previous terminated container", self.kubectl("logs", "-n", "team", "--previous", "job/hello", code=1))
        described = self.kubectl("describe", "job", "-n", "team", "hello")
        self.assertRegex(described, r"Completions:\s+1")
        self.assertIn("SuccessfulCreate", described)
        self.assertIn("Completed", self.kubectl("get", "events", "-n", "team"))
        self.kubectl("describe", "pod", "-n", "team")
        self.assertIn("Capacity", self.kubectl("describe", "node"))
        self.kubectl("delete", "namespace", "team", "--timeout=60s")
        self.assertIn("NotFound", self.kubectl("get", "namespace", "team", code=1))

    def test_secrets_and_config_maps(self):
        self.kubectl("create", "secret", "generic", "s", "--from-literal=key=value")
        self.assertEqual(self.kubectl("get", "secret", "s", "-o", "jsonpath={.data.key}"), "dmFsdWU=")
        self.assertRegex(self.kubectl("describe", "secret", "s"), r"Type:\s+Opaque")
        self.kubectl("create", "configmap", "c", "--from-literal=key=value")
        self.assertIn("value", self.kubectl("describe", "configmap", "c"))
        self.kubectl("create", "serviceaccount", "robot")

    def test_who_may_what(self):
        self.assertEqual(self.kubectl("auth", "can-i", "create", "experiments").strip(), "yes")
        self.assertIn("*.*", self.kubectl("auth", "can-i", "--list"))
        viewer = (self.server.data / "viewer.token").read_text().strip()
        self.kubectl("auth", "can-i", "create", "experiments", "--token", viewer, code=1)
        self.assertIn("forbidden", self.kubectl("create", "configmap", "c", "--token", viewer, code=1))
        if not self.old:
            self.assertIn("admin", self.kubectl("auth", "whoami"))

    def test_further_kinds(self):
        said = self.kubectl("apply", "-f", self.file("crd.yaml", A_CRD)) + self.said
        self.assertIn("not evaluated", said)
        self.kubectl("wait", "--for=condition=Established", "crd/widgets.example.org", "--timeout=60s")
        widget = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 0}}
        self.assertIn("spec.size", self.kubectl("create", "-f", self.file("w.json", widget), code=1))
        widget["spec"]["size"] = 2
        self.kubectl("apply", "-f", self.file("w.json", widget))
        self.assertIn("w", self.kubectl("get", "wd", "-o", "name"))
        self.assertIn("metres", self.kubectl("explain", "widget.spec.size"))
        self.kubectl("delete", "crd", "widgets.example.org", "--timeout=60s")
        # What kubectl kept of the discovery may still know the kind; the server does not.
        self.assertRegex(self.kubectl("get", "widgets", code=1), "doesn't have a resource type|could not find the requested resource")

    def test_top_shows_what_runs(self):
        self.kubectl("run", "busy", "--image=debian:12", "--restart=Never", "--command", "--", "sh", "-c",
                     "while :; do :; done")
        self.addCleanup(self.kubectl, "delete", "pod", "busy", "--now")
        eventually(lambda: self.kubectl("get", "pod", "busy", "-o", "jsonpath={.status.phase}") == "Running", "it runs")
        self.assertRegex(self.kubectl("top", "pod"), r"busy\s+\d+m\s+\d+Mi")
        self.assertRegex(self.kubectl("top", "node"), r"\d+m\s+\d+%")

    def test_what_is_not_served_is_said(self):
        self.kubectl("run", "idle", "--image=debian:12", "--restart=Never", "--command", "--", "sleep", "1000")
        self.addCleanup(self.kubectl, "delete", "pod", "idle", "--now")
        eventually(lambda: self.kubectl("get", "pod", "idle", "-o", "jsonpath={.status.phase}") == "Running", "it runs")
        self.assertIn("port-forward is not served here", self.kubectl("port-forward", "pod/idle", "0:80", code=1))
        self.assertIn("attach is not served here", self.kubectl("attach", "idle", code=1))
        if self.old:
            self.assertIn("over WebSocket only", self.kubectl("exec", "idle", "--", "true", code=1))


@unittest.skipUnless(os.access(NEW, os.X_OK), "there is no kubectl here; scripts/setup brings one on x86-64")
class KubectlNew(Commands, ServerTest):
    program = NEW

    def test_subresources(self):
        self.kubectl("create", "-f", self.file("demo.json", self.paused()))
        self.assertIn("demo", self.kubectl("get", "exp", "demo", "--subresource=status"))
        self.kubectl("events", "--for", "experiment/demo")

    def in_a_terminal(self, *arguments, typed):
        """What appears on a terminal of 24 by 80 on which kubectl runs and somebody types."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "KUBECONFIG": str(self.server.data / "kubeconfig"), "HOME": str(self.folder)}
        process = subprocess.Popen([self.program, *arguments], env=environment, stdin=slave, stdout=slave, stderr=slave,
                                   start_new_session=True)
        os.close(slave)
        seen = b""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            ready, _, _ = select.select([master], [], [], 1)
            try:
                seen += os.read(master, 65536) if ready else b""
            except OSError:  # nobody has it open any more
                break
            if typed and re.search(rb"[$#] ", seen):
                os.write(master, typed.encode())
                typed = ""
        os.close(master)
        self.assertEqual(process.wait(60), 0, seen)
        return seen.decode(errors="replace").replace("\r", "")

    def test_exec_runs_in_the_container(self):
        self.kubectl("run", "shell", "--image=debian:12", "--restart=Never", "--command", "--", "sh", "-c",
                     "echo here > mark; echo inside > /tmp/mark; sleep 1000")
        self.addCleanup(self.kubectl, "delete", "pod", "shell", "--now")
        eventually(lambda: self.kubectl("get", "pod", "shell", "-o", "jsonpath={.status.phase}") == "Running", "it runs")
        eventually(lambda: self.kubectl("exec", "shell", "--", "cat", "mark", "/tmp/mark") == "here\ninside\n",
                   "its files are there")
        self.assertEqual(self.kubectl("exec", "-i", "shell", "--", "wc", "-c", input="12345"), "5\n")
        self.assertEqual(self.kubectl("exec", "shell", "--", "sh", "-c", "exit 3", code=3).count("exit code 3"), 1)
        self.assertIn("not found", self.kubectl("exec", "shell", "--", "no-such-command", code=127))
        self.assertRegex(self.in_a_terminal("exec", "-it", "shell", "--", "sh", typed="tty; stty size; pwd; cat mark; exit\n"),
                         r"/dev/pts/\d+\s+24 80\s+/\S*work\s+here")
        large = self.kubectl("exec", "shell", "--", "head", "-c", "3000000", "/dev/zero")
        self.assertEqual(len(large), 3_000_000)
        groups = self.kubectl("exec", "shell", "--", "cat", "/proc/self/cgroup", "/proc/1/cgroup")
        self.assertTrue(groups)
        local = self.file("sent", "copied")
        self.kubectl("cp", local, "shell:received")
        self.assertEqual(self.kubectl("exec", "shell", "--", "cat", "received"), "copied")


@unittest.skipUnless(os.access(OLD, os.X_OK), "there is no kubectl 1.20 here; scripts/setup brings one from Debian")
class KubectlOld(Commands, ServerTest):
    program = OLD
    old = True


if __name__ == "__main__":
    unittest.main()
