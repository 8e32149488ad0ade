"""What kubectl printed in front of a real kube-apiserver, printed again here: each captured command, in the same order.

tests/golden/kubernetes/kubectl.json holds the commands with their exit codes and the beginning of what they said, taken
with kubectl 1.35 and 1.20 in front of Kubernetes 1.34 and the CustomResourceDefinition crd.yaml. What else happened in
that world between the commands (a status written, a finalizer set) is the table MEANWHILE.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import ROOT, Server, ServerTest, eventually  # noqa: E402

GOLDEN = ROOT / "tests/golden/kubernetes"
NEW = os.environ.get("KUBECTL", str(ROOT / "build/tools/kubectl/kubectl"))
OLD = os.environ.get("KUBECTL_OLD", str(ROOT / "build/tools/kubectl-1.20/kubectl"))
E = "/apis/kubeflow.org/v1beta1/namespaces/kw/experiments"
PODS = "/api/v1/namespaces/kw/pods"
NO_ROLE = "token-without-a-role-here"

# Commands whose words differ, each with its reason; the exit code is compared all the same unless it stands here too.
WORDS = {
    "api-resources (cold cache)": "a real server has more kinds, which makes the columns wider",
    "api-versions": "a real server has more groups",
    "version": "the server's version is mizan's", "version-again": "the server's version is mizan's",
    "auth whoami": "the user has another name here",
    "get --raw readyz": "what is checked differs",
    "cp": "busybox's tar says it in other words than GNU's",
    "describe pod": "the node has another name and address",
    "logs": "how many lines there are by now",
    "logs -f": "how many lines there are by now",
}
EXIT = {"port-forward": "not served: pods run on the server's own machine",
        "logs -f": "was cut off there; here the log ends"}
OLD_EXIT = {"exec": "over SPDY before 1.30", "exec -i": "over SPDY before 1.30", "cp": "over SPDY before 1.30"}
# These run until they are told to stop.
WATCHES = ("get -w", "get one -w", "get -w -o json --output-watch-events")


def experiment(name="demo", team="a", **spec):
    """exp.yaml of the captures."""
    container = {"name": "main", "image": "busybox", "command": ["echo", "${trialParameters.lr}"]}
    return {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment",
            "metadata": {"labels": {"team": team}, **({"name": name} if not name.endswith("-") else {"generateName": name})},
            "spec": {"maxTrialCount": 12,
                     "objective": {"type": "minimize", "goal": 0.01, "objectiveMetricName": "loss", "additionalMetricNames": ["accuracy"]},
                     "algorithm": {"algorithmName": "random"},
                     "parameters": [{"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.001", "max": "0.1"}},
                                    {"name": "layers", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "4"}}],
                     "trialTemplate": {"primaryContainerName": "main", "trialSpec": {
                         "apiVersion": "batch/v1", "kind": "Job",
                         "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}}, **spec}}


def invalid():
    made = experiment("inv", maxTrialCount=0, algorithm={"algorithmName": 7})
    made["spec"]["objective"].update(type="smallest")
    del made["spec"]["objective"]["objectiveMetricName"]
    return made


STDIN = {
    "apply --server-side (new)": experiment("ssa"), "apply --server-side (same)": experiment("ssa"),
    "create": experiment("two"), "create generateName": experiment("gen-"),
    "create --dry-run=server": experiment("three"), "create --dry-run=client": experiment("three"),
    "create, unknown field (strict)": experiment("unk", maxTrials=3),
    "create, unknown field --validate=warn": experiment("unk", maxTrials=3),
    "create, invalid": invalid(), "create, invalid --validate=false": invalid(),
    "create, kind unknown to the server": {"apiVersion": "kubeflow.org/v1", "kind": "Nothing", "metadata": {"name": "x"}},
    "exec -i": "hello\n",
}
EDITS = {"edit": "s/maxTrialCount: .*/maxTrialCount: 31/", "edit (no change)": "s/a/a/",
         "edit pod --subresource resize": "s/cpu: 150m/cpu: 160m/"}


def blurred(text):
    """What differs from run to run made equal: ages, random names, addresses, times, temporary folders, amounts used."""
    for pattern, by in ((r"gen-[a-z0-9]{5}", "gen-xxxxx"), (r"\b\d+m?s\b", "Ns"), (r" +", " "),
                        (r"https://127\.0\.0\.1:\d+", "ADDRESS"), (r"(LIVE|MERGED)-\d+", r"\1-N"),
                        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"), (r"line \d+", "line N"),
                        (r"\S+ \d+m \d+% \d+Mi \d+%", "USED"), (r"\d+m \d+Mi", "USED")):
        text = re.sub(pattern, by, text)
    return text


class Captured:
    """A subclass names the program and its version."""

    program = None
    version = ""

    def setUp(self):
        super().setUp()
        definitions = self.folder / "definitions"
        definitions.mkdir()
        shutil.copy(GOLDEN / "crd.yaml", definitions)
        tokens = self.folder / "tokens"
        tokens.write_text(f"{NO_ROLE},viewer,viewer,elsewhere\n")
        # Nothing tunes here: the captured world had no controller for its experiments either.
        self.server = Server(self.folder, "--crd-dir", definitions, "--no-controllers", "--token-file", tokens, *self.flags)
        self.server.start()
        self.server.create("/api/v1/namespaces", {"metadata": {"name": "kw"}})
        self.work = self.folder / "work"
        self.work.mkdir()
        (self.work / "exp.yaml").write_text(json.dumps(experiment()))
        (self.work / "exp2.yaml").write_text(json.dumps(experiment(maxTrialCount=20)))
        config = json.loads(subprocess.run([NEW if os.access(NEW, os.X_OK) else OLD, "config", "view", "--raw", "-o", "json"],
                                           env={**os.environ, "KUBECONFIG": str(self.server.data / "kubeconfig")},
                                           capture_output=True, text=True, check=True).stdout)
        config["contexts"][0]["context"]["namespace"] = "kw"
        self.config = self.folder / "config"
        self.config.write_text(json.dumps(config))

    def environment(self, what):
        editor = self.folder / "editor"
        editor.write_text(f"#!/bin/sh\nsed -i '{EDITS.get(what, '')}' \"$1\"\n")
        editor.chmod(0o755)
        return {**os.environ, "KUBECONFIG": str(self.config), "HOME": str(self.folder), "KUBE_EDITOR": str(editor)}

    def patch(self, path, change, kind="application/merge-patch+json"):
        answer = self.server.request("PATCH", path, change, kind)
        self.assertEqual(answer.status, 200, answer)

    def status(self, trials, *conditions):
        self.patch(f"{E}/demo/status", {"status": {"trials": trials, "conditions": [
            {"type": one, "status": "True"} for one in ("Created", *conditions)]}})

    def pod(self, name, container, command, **more):
        self.server.create(PODS, {"metadata": {"name": name, "labels": {"run": name}}, "spec": {
            "restartPolicy": "Never", "containers": [{"name": container, "image": "busybox:1.37", "command": command, **more}]}})
        eventually(lambda: self.server.get(f"{PODS}/{name}")["status"].get("phase") == "Running", f"{name} runs")

    def ensure(self, *names, **metadata):
        for name in names:
            if self.server.request("GET", f"{E}/{name}").status == 404:
                made = experiment(name)
                made["metadata"].update(metadata)
                self.server.create(E, made)

    def talk(self):
        self.pod("talk", "talk", ["sh", "-c", "for i in 1 2 3 4 5 6; do echo line $i; done; sleep 1000"])
        eventually(lambda: "line 6" in self.server.request("GET", f"{PODS}/talk/log").text, "it has talked")

    def rz(self):
        if self.server.request("GET", f"{PODS}/rz").status == 404:
            self.pod("rz", "main", ["sleep", "1000"], resources={"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}})

    # What happened before a command, and (soon) after it had begun.
    MEANWHILE = {
        "get": (lambda self: self.status(3, "Running"), None),
        "get -w": (None, lambda self: self.server.request("DELETE", f"{E}/two")),
        "get one -w": (None, lambda self: self.patch(f"{E}/demo", {"metadata": {"labels": {"seen": "yes"}}})),
        "get -w -o json --output-watch-events": (None, lambda self: self.patch(f"{E}/demo", {"metadata": {"labels": {"seen": None}}})),
        "wait --for=condition": (None, lambda self: self.status(3, "Running", "Succeeded")),
        "wait --for=jsonpath": (None, lambda self: self.status(9, "Running", "Succeeded")),
        "wait --for=create": (None, lambda self: self.ensure("later")),
        "wait --for=delete": (None, lambda self: self.server.request("DELETE", f"{E}/ssa")),
        **{f"delete {how}": (lambda self: self.ensure("d1"), None) for how in (
            "--cascade=background", "--cascade=foreground", "--cascade=orphan", "--wait=false", "--now", "--grace-period=0 --force",
            "--dry-run=server", "-f")},
        "delete, finalizer set": (lambda self: self.patch(f"{E}/d1", {"metadata": {"finalizers": ["kubeflow.org/x"]}}),
                                  lambda self: self.patch(f"{E}/d1", {"metadata": {"finalizers": None}})),
        "delete -f": (lambda self: self.ensure("demo"), None),
        "delete -l": (lambda self: self.ensure("d1", "d2", "later"), None),
        "delete --all": (lambda self: self.ensure("d1", "d2"), None),
        "logs": (talk, None),
        "logs -f": (None, lambda self: self.server.request("POST", f"{PODS}/talk/nothing")),
        "patch pod --subresource resize": (rz, None),
        "get pod": (rz, None),  # kubectl 1.20 knows no --subresource
    }

    def run_one(self, captured):
        what, command = captured["what"], list(captured["command"])
        before, after = self.MEANWHILE.get(what, (None, None))
        if before:
            before(self)
        if what in ("auth can-i (viewer)", "get, forbidden"):
            command += ["--token", NO_ROLE]
        if what == "logs -f":
            command += ["--request-timeout=3s"]
        if what == "port-forward":
            command[-1] = "0:80"
        given = STDIN.get(what, "")
        process = subprocess.Popen([self.program, *command], env=self.environment(what), cwd=self.work, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        done = []
        reader = threading.Thread(target=lambda: done.append(
            process.communicate(given if isinstance(given, str) else json.dumps(given), timeout=60)))
        reader.start()
        if after:
            time.sleep(1)  # kubectl has begun to watch by then; nothing says so
            after(self)
        if what in WATCHES:
            time.sleep(1)
            process.send_signal(signal.SIGINT)
        reader.join(90)
        self.assertFalse(reader.is_alive(), f"kubectl {' '.join(command)} goes on and on")
        return process.returncode, *done[0]

    def judge(self, captured, code, out, err):
        what = captured["what"]
        excused = {**EXIT, **(OLD_EXIT if self.version == "1.20" else {})}
        if what in excused or what in WATCHES:
            if what in excused:
                return
        elif code != captured["exit"]:
            yield f"exit {code} instead of {captured['exit']}: {err.strip()}"
        if what in WORDS or (what.startswith("create, invalid") and self.same_lines(captured, err)):
            return
        for name, said in (("stdout", out), ("stderr", err)):
            wanted = captured.get(name)
            if wanted is None:
                continue
            cut = what in WATCHES or len(wanted) >= 120 and (name == "stdout" or len(wanted) >= 400)  # the beginning was kept
            wanted, said = blurred(wanted), blurred(said)
            if cut:
                wanted = wanted.rstrip(" ")
            if said[:len(wanted)] != wanted if cut and wanted else said != wanted:
                yield f"{name} says\n{said[:600]}\n  instead of\n{wanted}"

    @staticmethod
    def same_lines(captured, err):
        """The causes of a refusal come in varying order, as they do with a real server."""
        wanted = captured.get("stderr")
        if wanted is None:
            return True
        *whole, last = wanted.splitlines()
        said = err.splitlines()
        return all(line in said for line in whole) and any(line.startswith(last) for line in said)

    def test_every_captured_command_says_the_same(self):
        found = []
        for captured in json.loads((GOLDEN / "kubectl.json").read_text())[self.version]:
            for note in self.judge(captured, *self.run_one(captured)):
                found.append(f"--- {captured['what']}: kubectl {' '.join(captured['command'])}\n{note}")
        self.assertEqual(found, [], "\n" + "\n".join(found))


@unittest.skipUnless(os.access(NEW, os.X_OK), "there is no kubectl here; scripts/setup brings one on x86-64")
class New(Captured, ServerTest):
    program, version = NEW, "1.35"


@unittest.skipUnless(os.access(OLD, os.X_OK), "there is no kubectl 1.20 here; scripts/setup brings one from Debian")
class Old(Captured, ServerTest):
    program, version = OLD, "1.20"


if __name__ == "__main__":
    unittest.main()
