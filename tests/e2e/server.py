"""The real program under test: starts `mizan serve` in a directory of its own, talks to it, stops or kills it.

The program's path comes in the environment variable MIZAN. Everything a test makes lies below one folder in build/e2e
(trials have a /tmp and a /var/tmp of their own and would not see files there), whose name marks every process the test
caused.
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
MIZAN = os.environ.get("MIZAN", str(ROOT / "build/dev/mizan"))
FOLDERS = ROOT / "build/e2e"
EXPERIMENTS = "/apis/kubeflow.org/v1beta1/namespaces/default/experiments"
TRIALS = "/apis/kubeflow.org/v1beta1/namespaces/default/trials"
SUGGESTIONS = "/apis/kubeflow.org/v1beta1/namespaces/default/suggestions"
REST = "/rest/v1/namespaces/default/experiments"
READY_SECONDS = 60  # a sanitizer build on a busy machine; scripts/bench measures what it really takes


class Answer:
    """An HTTP answer: status, headers, text, and json when it is JSON."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {self.text[:2000]}"


def run_mizan(*arguments, timeout=120, input=None, env=None):
    return subprocess.run([MIZAN, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, input=input,
                          env={**os.environ, **(env or {})}, **({} if input is not None else {"stdin": subprocess.DEVNULL}))


def processes_naming(text):
    """pid -> command line of every process but this one that has `text` in its command line or environment."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in (os.getpid(), os.getppid()):
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            if text.encode() in command or text.encode() in (entry / "environ").read_bytes():
                if (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue  # it ended while we looked, or is not ours
    return found


def eventually(check, what, seconds=60, pause=0.05):
    """The first true value of check(); fails with `what` when none comes."""
    until = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(pause)


class Server:
    """One server process on one data directory; may be started again after stop() or kill()."""

    def __init__(self, folder, *flags):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.flags = flags
        self.process = None
        self.address = None

    def start(self):
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(
            [MIZAN, "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0", "--output", "json", *self.flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        log.close()
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(READY_SECONDS)
            raise AssertionError(f"the server ended with {self.process.returncode} before it was ready:\n{self.log()}")
        self.announced = json.loads(line)
        self.address = urllib.parse.urlsplit(self.announced["address"])
        self.token = (self.data / "admin.token").read_text().strip()
        eventually(lambda: self.request("GET", "/readyz").status == 200, "the server is ready", READY_SECONDS)
        return self

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=30):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        self.process.stdout.close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()

    def log(self):
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-20000:] if path.exists() else ""

    def connect(self, timeout=60):
        if self.address.scheme == "http":
            return http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=timeout)
        trust = ssl.create_default_context(cafile=str(self.data / "ca.crt"))
        return http.client.HTTPSConnection(self.address.hostname, self.address.port, timeout=timeout, context=trust)

    def request(self, method, path, body=None, content_type="application/json", token=None, timeout=60, headers=None):
        """`body`: text and bytes go as they are, anything else as JSON. `token`: '' sends none."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        sent = dict(headers or {})
        token = self.token if token is None else token
        if token:
            sent["Authorization"] = "Bearer " + token
        if body is not None:
            sent["Content-Type"] = content_type
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path):
        answer = self.request("GET", path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer}")
        return answer.json

    def create(self, path, body):
        answer = self.request("POST", path, body)
        if answer.status != 201:
            raise AssertionError(f"POST {path}: {answer}")
        return answer.json

    def trials(self, experiment):
        selector = urllib.parse.quote(f"katib.kubeflow.org/experiment={experiment}")
        return self.get(f"{TRIALS}?labelSelector={selector}")["items"]

    def condition(self, path, kind):
        """The condition of that type of the object at `path`, or None."""
        answer = self.request("GET", path)
        if answer.status != 200:
            return None
        return next((c for c in answer.json.get("status", {}).get("conditions", []) if c["type"] == kind), None)

    def wait_for(self, experiment, kind="Succeeded", seconds=180):
        """Waits until the experiment's condition `kind` is True; returns the experiment."""
        path = f"{EXPERIMENTS}/{experiment}"

        def holds():
            condition = self.condition(path, kind)
            return condition is not None and condition["status"] == "True"

        eventually(holds, lambda: f"{experiment} is {kind}: {self.request('GET', path)}\n{self.log()}", seconds)
        return self.get(path)

    def events_of(self, kind, name):
        selector = urllib.parse.quote(f"involvedObject.kind={kind},involvedObject.name={name}")
        return self.get(f"/api/v1/namespaces/default/events?fieldSelector={selector}")["items"]


class ServerTest(unittest.TestCase):
    """A folder for each test, gone afterwards together with every process that names it; on failure the server's log."""

    flags = ("--stop-trials",)

    def setUp(self):
        FOLDERS.mkdir(parents=True, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mizan-e2e-", dir=FOLDERS))
        self.addCleanup(self.clean_up)
        self.server = Server(self.folder, *self.flags)

    def clean_up(self):
        if self.server.alive():
            self.server.stop()
        if self.has_failed():
            print(f"--- log of the server in {self.folder}\n{self.server.log()}", file=sys.stderr)
        for pid in processes_naming(self.folder.name):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def has_failed(self):
        """To be asked while it cleans up. unittest's own outcome says True in there, so what was recorded is looked at."""
        result = getattr(self._outcome, "result", None)
        return any(test is self for test, _ in [*getattr(result, "failures", []), *getattr(result, "errors", [])])

    def assert_no_process_left(self, seconds=20):
        """Nothing that names this test's folder runs, but the server itself."""
        def others():
            own = {self.server.pid} if self.server.process is not None else set()
            return {pid: command for pid, command in processes_naming(self.folder.name).items() if pid not in own}

        eventually(lambda: not others(), lambda: f"no process is left behind: {others()}", seconds)


def experiment(name, command, *, parameters=None, goal=None, parallel=3, trials=12, failed=3, algorithm="random",
               settings=None, metric="loss", objective="minimize", env=None, job=None, container=None, **spec):
    """An Experiment whose trials run `command` (a shell text with ${trialParameters.x}) as Jobs."""
    parameters = parameters or [a_double("x", "0", "1")]
    wanted = {"type": objective, "objectiveMetricName": metric}
    if goal is not None:
        wanted["goal"] = goal
    # A parameter that the command doesn't use goes into the environment: every search parameter must be used.
    variables = {**(env or {}), **{f"PARAMETER_{p['name']}": "${trialParameters.%s}" % p["name"] for p in parameters
                                   if "${trialParameters.%s}" % p["name"] not in command}}
    training = {"name": "training", "image": "debian:12", "command": ["sh", "-c"], "args": [command],
                "env": [{"name": key, "value": str(value)} for key, value in variables.items()], **(container or {})}
    pod = {"restartPolicy": "Never", "containers": [training]}
    result = {
        "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": name},
        "spec": {
            "objective": wanted,
            "algorithm": {"algorithmName": algorithm,
                          "algorithmSettings": [{"name": k, "value": v} for k, v in (settings or {}).items()]},
            "parallelTrialCount": parallel, "maxTrialCount": trials, "maxFailedTrialCount": failed,
            "parameters": parameters,
            "trialTemplate": {
                "primaryContainerName": "training",
                "trialParameters": [{"name": p["name"], "reference": p["name"]} for p in parameters],
                "trialSpec": {"apiVersion": "batch/v1", "kind": "Job",
                              "spec": {"backoffLimit": 0, **(job or {}), "template": {"spec": pod}}}}}}
    result["spec"].update(spec)
    return result


def client_experiment(name, parameters=None, algorithm="random", metric="loss", objective="minimize", **spec):
    """An Experiment whose trials are asked and told over REST."""
    return {
        "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": name},
        "spec": {"objective": {"type": objective, "objectiveMetricName": metric},
                 "algorithm": {"algorithmName": algorithm},
                 "parameters": parameters or [a_double("x", "0", "1")],
                 "trialTemplate": {"client": {}}, **spec}}


def a_double(name, low, high, **space):
    return {"name": name, "parameterType": "double", "feasibleSpace": {"min": low, "max": high, **space}}


def an_int(name, low, high, **space):
    return {"name": name, "parameterType": "int", "feasibleSpace": {"min": low, "max": high, **space}}


def a_choice(name, *values):
    return {"name": name, "parameterType": "categorical", "feasibleSpace": {"list": list(values)}}
