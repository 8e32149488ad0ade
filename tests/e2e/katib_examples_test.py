"""Katib's own example Experiments: what the server says to each, as docs/katib-examples.md promises."""
import importlib.util
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import ROOT, Server, ServerTest, eventually  # noqa: E402

GOLDEN = ROOT / "tests/golden/katib"
PROMISES = ROOT / "docs/katib-examples.md"
# The kinds of others that the examples' trials are of.
FOREIGN = [("argoproj.io", "v1alpha1", "workflows", "Workflow"),
           ("kubeflow.org", "v1", "mpijobs", "MPIJob"), ("kubeflow.org", "v1", "pytorchjobs", "PyTorchJob"),
           ("kubeflow.org", "v1", "tfjobs", "TFJob"), ("kubeflow.org", "v1", "xgboostjobs", "XGBoostJob"),
           ("tekton.dev", "v1beta1", "pipelineruns", "PipelineRun")]


def promises():
    """File -> (taken?, what the message says) from the table of the docs."""
    rows = re.findall(r"^\| `([^`]+\.yaml)` \| (taken|refused) \|\s*(.*?)\s*\|$", PROMISES.read_text(), re.MULTILINE)
    return {file: (verdict == "taken", why) for file, verdict, why in rows}


@unittest.skipUnless(importlib.util.find_spec("yaml"), "python3-yaml is not installed for this Python")
class KatibExamples(ServerTest):
    def setUp(self):
        super().setUp()
        self.server = Server(self.folder, "--no-controllers")
        self.server.start()

    def apply_foreign_kinds(self):
        for group, version, plural, kind in FOREIGN:
            schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            self.server.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
                "metadata": {"name": f"{plural}.{group}"},
                "spec": {"group": group, "scope": "Namespaced", "names": {"plural": plural, "kind": kind},
                         "versions": [{"name": version, "served": True, "storage": True,
                                       "schema": {"openAPIV3Schema": schema}}]}})
            eventually(lambda: self.server.request("GET", f"/apis/{group}/{version}/{plural}").status == 200, f"{kind} is served")

    def test_each_example_gets_the_answer_that_the_docs_promise(self):
        import yaml
        promised = promises()
        self.apply_foreign_kinds()
        self.assertEqual(sorted(promised), sorted(str(file.relative_to(GOLDEN)) for file in GOLDEN.rglob("*.yaml")))
        for file, (taken, why) in promised.items():
            for document in yaml.safe_load_all((GOLDEN / file).read_text()):
                if document is None:
                    continue
                namespace = document["metadata"].get("namespace", "default")
                self.server.request("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
                if document["kind"] != "Experiment":
                    self.server.create(f"/api/v1/namespaces/{namespace}/{document['kind'].lower()}s", document)
                    continue
                with self.subTest(file=file):
                    answer = self.server.request(
                        "POST", f"/apis/kubeflow.org/v1beta1/namespaces/{namespace}/experiments?dryRun=All&fieldValidation=Strict",
                        document)
                    self.assertEqual(answer.status == 201, taken, answer)
                    self.assertIn(answer.status, (201, 400, 422), answer)
                    for quoted in re.findall(r"`([^`]+)`", why) if not taken else []:
                        self.assertIn(quoted, answer.json["message"])


if __name__ == "__main__":
    unittest.main()
