"""What a real kube-apiserver answered, asked again here: status, headers and body of each captured exchange.

tests/golden/kubernetes holds exchanges with Kubernetes 1.34 about a CustomResourceDefinition of its own (crd.yaml), which
replaces mizan's for this test. Names, uids, versions and times differ from run to run: where the captured answer had one,
the test learns what it is here and puts that into the requests and sentences that follow.
"""
import json
import pathlib
import re
import shutil
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import ROOT, Server, ServerTest, eventually  # noqa: E402

GOLDEN = ROOT / "tests/golden/kubernetes"
E = "/apis/kubeflow.org/v1beta1/namespaces/api/experiments"
HEADERS = ("Content-Type", "Warning", "Etag", "Vary", "Cache-Control", "Retry-After", "X-Content-Type-Options")
NO_ROLE = "token-without-a-role-here"

# Differences that stay, each with its reason. None of them is anything that kubectl prints.
# (file, exchange, note), as patterns.
DIFFERENCES = {
    ("discovery", "v2beta1 asked only", ""): "kubectl up to 1.29 asks for this version beside the newer; 1.34 alone refuses it",
    ("discovery", "aggregated", "responseKind"): "Kubernetes leaves group and version of its own kinds empty, which means the same",
    ("discovery", "aggregated discovery, core", "subresources"): "pods have no binding, eviction, proxy and ephemeral containers",
    ("lifecycle", "PUT /status|PATCH", r"managedFields\[1\].fieldsV1.f:metadata is missing"):
        "Kubernetes notes a label as set by an update of the status, which leaves that label alone",
    ("deletion", "adding a finalizer while deleting", "causes"): "Kubernetes says the same cause twice",
    ("errors", "400 bad continue", "message"): "the sentence quotes Go's JSON parser",
    ("errors", "400 wrong apiVersion", "Warning"): "Kubernetes warns of every field of a kind that it refuses anyway",
    ("errors", "protobuf asked of a custom resource", "Content-Type"): "answers are never protobuf; a 406 says so in JSON",
    ("errors", "yaml asked", "body begins"): "texts are quoted, which is the same YAML",
    ("openapi", "v3 index", "openid-configuration|paths.apis is|paths.version"): "documents of what is not here, or has no schema",
    ("openapi", "", "info\\."): "the document says whose it is",
    ("openapi", "v2 as JSON", "parameters is missing|security"): "parameters stand where they are used; who may read it is known already",
    ("openapi", "v3 of the group version", "tags|parameters\\[0\\]"): "names of groups of operations, and their order",
    ("openapi", "v3 of the group version", "trialSpec"): "apiVersion, kind and metadata of embedded objects are not spelled out",
    ("openapi", "", "selectable-fields"): "said of the kind, not again of its list",
}

LEARNED = {"uid", "resourceVersion", "continue"}
VOLATILE = {"creationTimestamp", "deletionTimestamp", "time", "serverAddress", "serverRelativeURL", "buildDate", "gitVersion",
            "minCompatibilityMinor", "gitCommit", "gitTreeState", "goVersion", "compiler", "platform"}
TRIMMED = ("(trimmed)", "(binary)")


class Capturing(Server):
    """Asks as the captures did, which is how the manager of what it writes is called."""

    def request(self, *arguments, headers=None, **more):
        return super().request(*arguments, headers={"User-Agent": "capture", **(headers or {})}, **more)


def in_order(managers):
    """They stand in the order of their times, to the second: of writes within one second, by name."""
    return sorted(managers, key=lambda one: (one["operation"], one["manager"], one.get("subresource", "")))


def load(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


class World:
    """The captured values and what they are here."""

    def __init__(self):
        self.known = {}

    def learn(self, captured, actual):
        if isinstance(captured, str) and isinstance(actual, str) and captured and len(captured) > 2:
            self.known[captured] = actual

    def here(self, text):
        """`text` with the captured uids, versions and tokens replaced."""
        for captured in sorted(self.known, key=len, reverse=True):
            text = re.sub(r"(?<![A-Za-z0-9])" + re.escape(captured) + r"(?![A-Za-z0-9])",
                          lambda match: self.known[match.group(0)], text)
        return text


def same_text(world, captured, actual):
    if captured in TRIMMED or captured.startswith("(") or captured.endswith("(trimmed)"):
        return True
    blur = [(r"current: \d+", "current: N"), (r"resource version: (\d+) \(\d+\)", r"resource version: \1 (N)"),
            (r"^\d+s$", "Ns"), (r"hash=[0-9A-F]{128}", "hash=H"), (r'^"[0-9A-F]{128}"$', "ETAG")]
    captured = world.here(captured)
    for pattern, by in blur:
        captured, actual = re.sub(pattern, by, captured), re.sub(pattern, by, actual)
    return captured == actual


def differences(world, captured, actual, path="body", shape=False):
    """Sentences about where `actual` is not as `captured` was. `shape`: more fields and elements may be there."""
    key = path.rsplit(".", 1)[-1]
    if key == "managedFields" and isinstance(captured, list) and isinstance(actual, list):
        captured, actual = in_order(captured), in_order(actual)
    if isinstance(captured, str) and captured in TRIMMED:
        return []
    if isinstance(captured, str) and (count := re.match(r"^\((\d+) items\)$", captured)):
        return [] if len(actual) == int(count.group(1)) else [f"{path}: {len(actual)} items instead of {captured}"]
    if isinstance(captured, str) and captured.startswith("("):
        return []
    if type(captured) is not type(actual) and not (isinstance(captured, (int, float)) and isinstance(actual, (int, float))):
        return [f"{path}: {actual!r:.120} instead of {captured!r:.120}"]
    if key == "creationTimestamp":  # an update must repeat it
        world.learn(captured, actual)
        return []
    if key in LEARNED:
        world.learn(captured, actual)
        return [] if bool(captured) == bool(actual) else [f"{path}: {actual!r} instead of {captured!r}"]
    if key == "serverRelativeURL":
        world.learn(captured.rpartition("hash=")[2], actual.rpartition("hash=")[2])
    if key in VOLATILE:
        return []
    if isinstance(captured, dict):
        found = []
        for name, value in captured.items():
            if name == "...":
                continue
            if name not in actual:
                found.append(f"{path}.{name} is missing")
            else:
                found += differences(world, value, actual[name], f"{path}.{name}", shape)
        if not shape:
            found += [f"{path}.{name} is too much: {actual[name]!r:.120}" for name in actual if name not in captured]
        return found
    if isinstance(captured, list):
        if not shape and len(captured) != len(actual):
            return [f"{path}: {len(actual)} elements instead of {len(captured)}"]
        return [one for index, (a, b) in enumerate(zip(captured, actual))
                for one in differences(world, a, b, f"{path}[{index}]", shape)]
    if isinstance(captured, str):
        return [] if same_text(world, captured, actual) else [f"{path}: {actual!r:.300} instead of {captured!r:.300}"]
    return [] if captured == actual else [f"{path}: {actual!r} instead of {captured!r}"]


def expected(key, found):
    return all(re.search(pattern, text) for pattern, text in zip(key, found))


class Captures(ServerTest):
    def setUp(self):
        super().setUp()
        self.world = World()
        self.found = {}
        self.start()

    def start(self, *flags):
        definitions = self.folder / "definitions"
        definitions.mkdir(exist_ok=True)
        shutil.copy(GOLDEN / "crd.yaml", definitions)
        tokens = self.folder / "tokens"
        tokens.write_text(f"{NO_ROLE},viewer,viewer,elsewhere\n")
        self.server = Capturing(self.folder, "--crd-dir", definitions, "--no-controllers", "--token-file", tokens, *flags)
        self.server.start()
        if self.server.request("GET", "/api/v1/namespaces/api").status == 404:
            self.server.create("/api/v1/namespaces", {"metadata": {"name": "api"}})

    def send(self, request):
        headers = {key: self.world.here(value) for key, value in request.get("headers", {}).items()}
        token = self.server.token
        if headers.pop("Authorization", None):
            token = NO_ROLE if request.get("who") == "no role" else "no-such-token-anywhere"
        elif request.get("who") == "nobody":
            token = ""
        body = request.get("body")
        if body is not None and not isinstance(body, str):
            body = self.world.here(json.dumps(body))
        elif body == "(3.2 MB)":
            body = json.dumps({"pad": "x" * 3_200_000})
        elif body == "(270 kB annotation)":
            body = json.dumps({**self.experiment("big"), "metadata": {"name": "big", "annotations": {"a": "x" * 270_000}}})
        kind = headers.pop("Content-Type", "application/json")
        path = self.world.here(request["path"])
        return self.server.request(request["method"], path, body, kind, token=token, headers=headers)

    @staticmethod
    def experiment(name, **metadata):
        return {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": name, **metadata},
                "spec": {"maxTrialCount": 12, "objective": {"type": "minimize", "goal": 0.01, "objectiveMetricName": "loss"},
                         "algorithm": {"algorithmName": "random"},
                         "parameters": [{"name": "lr", "parameterType": "double",
                                         "feasibleSpace": {"min": "0.001", "max": "0.1"}}]}}

    def judge(self, file, exchange, answer, shape=False):
        """Notes each difference between the captured answer and this one."""
        wanted = exchange["response"]
        notes = []
        if answer.status != wanted["code"]:
            notes.append(f"status {answer.status} instead of {wanted['code']}")
        for name in HEADERS:
            captured = {key.title(): value for key, value in wanted["headers"].items()}.get(name.title())
            actual = answer.headers.get(name)
            if captured is None and actual is None:
                continue
            if captured is None or actual is None or not same_text(self.world, captured, actual):
                notes.append(f"{name}: {actual!r} instead of {captured!r}")
            elif name == "Etag":
                self.world.learn(captured, actual)
        body = wanted.get("body")
        if isinstance(body, (dict, list)):
            try:
                notes += differences(self.world, body, answer.json, shape=shape)
            except ValueError:
                notes.append(f"the body is no JSON: {answer.text[:200]!r}")
        elif isinstance(body, str) and body not in TRIMMED and not body.startswith("(as "):
            first, own = body.splitlines()[:1], answer.text.splitlines()[:1]
            if first != own and not (first and first[0].startswith("{")):
                notes.append(f"the body begins with {own!r:.200} instead of {first!r:.200}")
        for note in notes:
            self.found[(file, exchange["what"], note)] = True

    def replay(self, file, only=None, shape=False):
        for number, exchange in enumerate(load(file)):
            if only is None or number in only:
                self.judge(file, exchange, self.send(exchange["request"]), shape)

    def test_every_captured_exchange(self):
        self.replay("lifecycle")
        self.replay_errors()
        self.replay_lists()
        self.replay_watches()
        self.replay_deletion()
        self.replay_discovery()
        self.replay("openapi", shape=True)
        self.replay_expired()
        left = []
        for file, what, note in self.found:
            if not any(expected(key, (file, what, note)) for key in DIFFERENCES):
                left.append(f"{file}: {what}: {note}")
        self.assertLessEqual(len(DIFFERENCES), 20)
        self.assertEqual(left, [], "\n" + "\n".join(left))
        unused = [key for key in DIFFERENCES if not any(expected(key, found) for found in self.found)]
        self.assertEqual(unused, [], "differences that are there no more")

    def replay_errors(self):
        for exchange in load("errors"):
            if "expired" in exchange["what"]:
                continue
            request = dict(exchange["request"])
            if exchange["what"].startswith("403 user without a role"):
                request["who"] = "no role"
            if "anonymous" in exchange["what"]:
                request["who"] = "nobody"
            self.judge("errors", exchange, self.send(request))

    def replay_lists(self):
        for name in ("l0", "l1", "l2", "l3", "l4"):
            self.server.create(E, self.experiment(name))
        status = {"status": {"trials": 3, "conditions": [{"type": "Created", "status": "True"},
                                                         {"type": "Running", "status": "True"}]}}
        self.server.request("PATCH", f"{E}/a/status", status, "application/merge-patch+json")
        exchanges = load("lists")
        self.judge("lists", exchanges[0], self.send(exchanges[0]["request"]))
        later = self.server.create(E, self.experiment("zz-later"))
        self.world.learn("1529", later["metadata"]["resourceVersion"])
        for exchange in exchanges[1:]:
            self.judge("lists", exchange, self.send(exchange["request"]))

    def replay_watches(self):
        """Each watch runs while the writes are made whose events were captured."""
        def patch(change, path=f"{E}/a"):
            return self.server.request("PATCH", path, change, "application/merge-patch+json").json

        def come_and_go():
            patch({"spec": {"maxTrialCount": 21}})
            self.server.create(E, self.experiment("new"))
            self.server.request("DELETE", f"{E}/new")
            patch({"status": {"trials": 8}}, f"{E}/a/status")

        def match_and_not():
            patch({"metadata": {"labels": {"pick": "me"}}})
            patch({"metadata": {"labels": {"pick": None}}})

        writes = [come_and_go, match_and_not, lambda: patch({"spec": {"maxTrialCount": 22}}),
                  lambda: patch({"spec": {"maxTrialCount": 23}}), lambda: None, lambda: None]
        listed = self.server.get(f"{E}?limit=1")["metadata"]["resourceVersion"]
        self.world.known["1530"] = listed
        for exchange, write in zip(load("watches"), writes):
            if "expired" in exchange["what"]:
                continue
            request = dict(exchange["request"])
            if exchange["what"] == "watch with bookmarks":  # its bookmarks come after a minute: the stream's end will do
                request["path"] = request["path"].replace("timeoutSeconds=75", "timeoutSeconds=2")
                exchange["response"]["events"] = exchange["response"]["events"][:7]
            answers = []
            watcher = threading.Thread(target=lambda: answers.append(self.send(request)))
            watcher.start()
            time.sleep(0.5)  # the writes belong into the watch, which says nothing before
            write()
            watcher.join(30)
            answer = answers[0]
            events = [json.loads(line) for line in answer.text.splitlines()]
            exchange["response"]["body"] = None
            self.judge("watches", exchange, answer)
            wanted = exchange["response"]["events"]
            for note in differences(self.world, [e["type"] for e in wanted], [e["type"] for e in events], "types"):
                self.found[("watches", exchange["what"], note + str([e["type"] for e in events]))] = True
            for index, (captured, actual) in enumerate(zip(wanted, events)):
                for value in (captured, actual):  # who manages which field is compared elsewhere
                    value["object"].get("metadata", {}).pop("managedFields", None)
                    for row in value["object"].get("rows", []):
                        row["object"]["metadata"].pop("managedFields", None)
                for note in differences(self.world, captured, actual, f"event[{index}]"):
                    self.found[("watches", exchange["what"], note)] = True

    def replay_expired(self):
        """The same server, which now forgets what is older than a second."""
        self.server.stop()
        self.start("--keep-changes-seconds", "1")
        self.server.create(E, self.experiment("late"))
        eventually(lambda: self.server.request("GET", f"{E}?resourceVersion=1&resourceVersionMatch=Exact").status == 410,
                   "the first changes are forgotten")
        for file in ("errors", "watches"):
            for exchange in load(file):
                if "expired" in exchange["what"]:
                    if "events" in exchange["response"]:
                        exchange["response"]["body"] = exchange["response"]["events"][0]
                    self.judge(file, exchange, self.send(exchange["request"]))

    def replay_deletion(self):
        self.server.create(E, self.experiment("fin", finalizers=["kubeflow.org/cleanup"]))
        self.replay("deletion")

    def replay_discovery(self):
        """Of the kinds, those that both serve: the real server has more."""
        for exchange in load("discovery"):
            answer = self.send(exchange["request"])
            wanted = exchange["response"]
            if answer.status == 200 and isinstance(wanted["body"], dict):
                actual = answer.json
                for body in (wanted["body"], actual):
                    thin_out(body, actual, wanted["body"])
                answer.text = json.dumps(actual)
            self.judge("discovery", exchange, answer)


def thin_out(body, *others):
    """Keeps of a discovery document what every document has, in one order."""
    def names(items):
        return {name_of(item) for item in items}

    def name_of(item):
        return item.get("name") or item.get("metadata", {}).get("name") or item.get("resource") or item.get("version", "")

    for key in ("groups", "resources", "items"):
        if not isinstance(body.get(key), list):
            continue
        shared = set.intersection(*(names(other.get(key, [])) for other in others))
        body[key] = sorted((item for item in body[key] if name_of(item) in shared), key=name_of)
        for item in body[key]:
            item.pop("storageVersionHash", None)
            for verbs in ([item] + item.get("subresources", [])):
                if "verbs" in verbs:
                    verbs["verbs"] = sorted(verbs["verbs"])
            for version in item.get("versions", []):
                rest = [[v for o in other.get(key, []) if name_of(o) == name_of(item)
                         for v in o.get("versions", []) if v.get("version") == version.get("version")] for other in others]
                if all(rest) and "resources" in version:
                    thin_out(version, *(r[0] for r in rest))


if __name__ == "__main__":
    unittest.main()
