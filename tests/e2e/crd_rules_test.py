"""The rules in our own CustomResourceDefinitions against what this server says: a real cluster must not refuse more.

deploy/crds/experiments.yaml carries as CEL (x-kubernetes-validations) those of our cross-field rules that CEL can say. The
server doesn't evaluate them: its admission table says the same, and more, with the field's path. Here each rule meets an
experiment that breaks it, which the server must refuse too; and everything that the server takes must keep every rule.
"""
import copy
import importlib.util
import itertools
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import cel  # noqa: E402
from server import EXPERIMENTS, ROOT, ServerTest, a_choice, a_double, an_int, experiment  # noqa: E402


def rules_of(schema, path=()):
    """(path into an object, rule, message); the path has * for each element of a list."""
    for one in schema.get("x-kubernetes-validations", []):
        yield path, one["rule"], one["message"]
    for name, child in schema.get("properties", {}).items():
        yield from rules_of(child, (*path, name))
    if "items" in schema:
        yield from rules_of(schema["items"], (*path, "*"))


def values_at(made, old, path):
    """Pairs (value, value before or None) at a path; elements of a list meet those of the same name."""
    if not path:
        return [(made, old)] if made is not None else []
    if path[0] == "*":
        before = {item.get("name"): item for item in old or []}
        return [pair for item in made for pair in values_at(item, before.get(item.get("name")), path[1:])]
    if not isinstance(made, dict) or path[0] not in made:
        return []
    return values_at(made[path[0]], (old or {}).get(path[0]), path[1:])


def broken_rules(rules, made, old=None):
    """Messages of the rules that `made` breaks, `old` being the object before an update."""
    found = []
    for path, rule, message in rules:
        for value, before in values_at(made, old, path):
            if "oldSelf" in rule and before is None:
                continue
            try:
                if cel.holds(rule, self=value, oldSelf=before):
                    continue
            except cel.Fault:
                pass  # a rule that can't be asked about a value refuses it
            found.append(message)
    return found


def good(*more):
    command = "echo loss=${trialParameters.x}"
    return experiment("ruled", command, parameters=[a_double("x", "0", "1"), *more], trials=3, suspend=True)


def with_space(kind, **space):
    return good({"name": "y", "parameterType": kind, "feasibleSpace": space})


def changed(**at):
    """A good experiment with fields set: spec__objective__type="..."; None takes one away."""
    made = good()
    for key, value in at.items():
        *way, last = key.split("__")
        place = made
        for name in way:
            place = place.setdefault(name, {})
        if value is None:
            place.pop(last)
        else:
            place[last] = value
    return made


# What breaks each rule, by its message; a pair is an update (before, after).
BREAKS = {
    "metadata.name must begin with a letter, hold lower case letters, digits and - only, and have at most 40 of them":
        [changed(metadata__name="9lives"), changed(metadata__name="a" * 41), changed(metadata__name="a.b")],
    "spec.warmStart.fromExperiments must not name the experiment itself":
        [changed(spec__warmStart={"fromExperiments": [{"name": "ruled"}]})],
    "exactly one of parameters and nasConfig must be specified":
        [changed(spec__parameters=None), changed(spec__parameters=[]), changed(spec__nasConfig={"operations": []})],
    "objective must be specified": [changed(spec__objective=None)],
    "trialTemplate must be specified": [changed(spec__trialTemplate=None)],
    "trialTemplate.retain is not possible with trialPods.reuse, for the pod goes on to other trials":
        [changed(spec__trialPods={"reuse": "Pod"}, spec__trialTemplate__retain=True)],
    "parameters can't be changed; make another experiment instead": [(good(), good(a_double("y", "0", "1")))],
    "feasibleSpace.min and feasibleSpace.max must be specified for parameterType double and int":
        [with_space("double", min="0"), with_space("int", max="0"), good({"name": "y", "parameterType": "int"})],
    "feasibleSpace.list is for parameterType discrete and categorical; give min and max":
        [with_space("double", min="0", max="1", list=["0.5"])],
    "feasibleSpace.max must not be less than feasibleSpace.min":
        [with_space("double", min="0.5", max="0.1"), with_space("double", min="low", max="1")],
    "feasibleSpace.min must be a whole number for parameterType int": [with_space("int", min="0.5", max="3")],
    "feasibleSpace.max must be a whole number for parameterType int": [with_space("int", min="1", max="3.5")],
    "feasibleSpace.step must be greater than 0":
        [with_space("double", min="0", max="1", step="0"), with_space("int", min="0", max="4", step="-1")],
    "feasibleSpace.min, max and step are for parameterType double and int; give a list":
        [with_space("categorical", list=["a"], min="0"), with_space("discrete", list=["1"], step="1")],
    "feasibleSpace.list must hold at least one value for parameterType discrete": [with_space("discrete", list=[])],
    "a parameter can't decide about itself in activeWhen":
        [good({**a_choice("y", "a", "b"), "activeWhen": {"parameter": "y", "in": ["a"]}})],
    "objectiveMetricName must be specified":
        [changed(spec__objective__objectiveMetricName=None), changed(spec__objective__objectiveMetricName="")],
    "type must be minimize or maximize": [changed(spec__objective__type=None)],
    "additionalMetricNames must not hold objectiveMetricName": [changed(spec__objective__additionalMetricNames=["a", "loss"])],
    "type can't be changed; make another experiment instead": [(good(), changed(spec__objective__type="maximize"))],
    "objectiveMetricName can't be changed; make another experiment instead":
        [(good(), changed(spec__objective__objectiveMetricName="accuracy"))],
    "exactly one of trialSpec, configMap and client must be specified":
        [changed(spec__trialTemplate__client={}), changed(spec__trialTemplate__trialSpec=None)],
    "primaryContainerName must be specified: the container that prints the metrics":
        [changed(spec__trialTemplate__primaryContainerName=None), changed(spec__trialTemplate__primaryContainerName="")],
    "trialTemplate.trialParameters must be specified": [changed(spec__trialTemplate__trialParameters=None)],
    "retry is not for trials that a client runs":
        [changed(spec__trialTemplate={"client": {}, "retry": [{"class": "Error", "limit": 1}]})],
    "configMap needs configMapName, configMapNamespace and templatePath":
        [changed(spec__trialTemplate__trialSpec=None, spec__trialTemplate__configMap={"configMapName": "c"})],
    "exitCodes are for class Error":
        [changed(spec__trialTemplate__retry=[{"class": "OOMKilled", "limit": 1, "exitCodes": [3]}])],
    "collector.customCollector is required for a collector of kind Custom":
        [changed(spec__metricsCollectorSpec={"collector": {"kind": "Custom"}})],
    "source.filter is not possible where source.fileSystemPath.format is JSON":
        [changed(spec__metricsCollectorSpec={"collector": {"kind": "File"}, "source": {
            "fileSystemPath": {"path": "/out/metrics.json", "kind": "File", "format": "JSON"},
            "filter": {"metricsFormat": ["(\\w+)=(\\d+)"]}}})],
    "algorithmName must be specified": [changed(spec__earlyStopping={"algorithmName": ""})],
}


def twisted(dice, made):
    """`made` with a few of its fields gone, emptied or put in the place of others."""
    made = copy.deepcopy(made)
    texts = ["", "0", "1", "-1", "0.5", "1e3", "x", "nan", "int", "double", "discrete", "categorical", "Custom", "File", "JSON"]
    for _ in range(dice.randint(1, 3)):
        places = []

        def walk(value):
            for key in (value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()):
                places.append((value, key))
                walk(value[key])

        walk({name: made["spec"][name] for name in made["spec"]})
        place, key = dice.choice(places)
        how = dice.randint(0, 3)
        if how == 0 and isinstance(place, dict):
            del place[key]
        elif how == 1 and isinstance(place[key], str):
            place[key] = dice.choice(texts)
        elif how == 2 and isinstance(place[key], list):
            place[key] = place[key][:dice.randint(0, len(place[key]))]
        elif how == 3 and isinstance(place, dict) and isinstance(place[key], str):
            place[dice.choice(["min", "max", "step", "type", "parameterType", "reference", "name"])] = dice.choice(texts)
    return made


@unittest.skipUnless(importlib.util.find_spec("yaml"), "python3-yaml is not installed for this Python")
class CrdRules(ServerTest):
    def setUp(self):
        super().setUp()
        import yaml
        self.load_all = lambda file: [one for one in yaml.safe_load_all(file.read_text()) if isinstance(one, dict)]
        version = self.load_all(ROOT / "deploy/crds/experiments.yaml")[0]["spec"]["versions"][0]
        self.rules = list(rules_of(version["schema"]["openAPIV3Schema"]))
        self.server.start()

    def dry(self, made, old=None):
        """What the server says to a create, or to the update of an experiment that was `old`."""
        if old is None:
            return self.server.request("POST", EXPERIMENTS + "?dryRun=All", made)
        path = f"{EXPERIMENTS}/{made['metadata']['name']}"
        version = self.server.get(path)["metadata"]["resourceVersion"]
        return self.server.request("PUT", path + "?dryRun=All", {**made, "metadata": {**made["metadata"], "resourceVersion": version}})

    def test_each_rule_refuses_something_and_so_does_the_server(self):
        self.assertEqual(sorted(BREAKS), sorted(message for _, _, message in self.rules), "a case for each rule")
        self.assertEqual(broken_rules(self.rules, good()), [])
        self.assertEqual(self.dry(good()).status, 201)
        self.server.create(EXPERIMENTS, good())
        for message, cases in BREAKS.items():
            for number, case in enumerate(cases):
                with self.subTest(message, number=number):
                    old, made = case if isinstance(case, tuple) else (None, case)
                    self.assertIn(message, broken_rules(self.rules, made, old))
                    answer = self.dry(made, old)
                    self.assertIn(answer.status, (400, 403, 422), answer)

    def test_whatever_the_server_takes_keeps_every_rule(self):
        taken = 0
        for file in itertools.chain((ROOT / "examples").rglob("*.yaml"), (ROOT / "tests/golden/katib").rglob("*.yaml")):
            for made in self.load_all(file):
                if made.get("kind") != "Experiment":
                    continue
                made["metadata"].pop("namespace", None)
                answer = self.dry(made)
                if answer.status != 201:
                    continue
                taken += 1
                with self.subTest(str(file.relative_to(ROOT))):
                    self.assertEqual(broken_rules(self.rules, made), [])
                    self.assertEqual(broken_rules(self.rules, answer.json), [], "with the defaults filled in")
        self.assertGreater(taken, 20)

    def test_no_rule_refuses_what_the_server_takes(self):
        dice = random.Random(7)
        seeds = [good(), good(a_choice("y", "a", "b"), an_int("z", "1", "4", step="1")),
                 *(case for cases in BREAKS.values() for case in cases if not isinstance(case, tuple))]
        seen = {True: 0, False: 0}
        for _ in range(1500):
            made = twisted(dice, dice.choice(seeds))
            broken = broken_rules(self.rules, made)
            answer = self.dry(made)
            seen[answer.status == 201] += 1
            if broken:
                self.assertNotEqual(answer.status, 201, f"{broken}: {made}")
        self.assertGreater(seen[True], 50)
        self.assertGreater(seen[False], 50)

    def test_the_definitions_may_be_applied_here_and_change_nothing(self):
        for name in ("experiments", "trials", "suggestions"):
            made = self.load_all(ROOT / f"deploy/crds/{name}.yaml")[0]
            answer = self.server.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", made)
            self.assertEqual(answer.status, 201, answer)
            said = " ".join(answer.headers.get_all("Warning", []))
            self.assertIn("ship with mizan", said)
            self.assertNotIn("not evaluated", said)
        self.assertEqual(self.dry(good()).status, 201)
        self.assertEqual(self.dry(changed(spec__objective__type=None)).status, 422)


if __name__ == "__main__":
    unittest.main()
