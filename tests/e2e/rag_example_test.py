"""The RAG example as users run it: its experiments on a small corpus, and what `latest` is for."""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import MIZAN, ROOT, ServerTest  # noqa: E402

RAG_TRIAL = os.environ.get("RAG_TRIAL", str(ROOT / "build/dev/rag-trial"))


def make_corpus(folder):
    """Articles of made-up words, each about a few rare ones, with questions: enough to train 64 dimensions on."""
    chance = random.Random(7)
    words = ["".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(3)) for _ in range(1500)]
    (folder / "qrels").mkdir(parents=True)
    corpus, queries, qrels = [], [], ["query-id\tcorpus-id\tscore"]
    for at in range(160):
        rare = chance.sample(words, 3)
        sentences = [" ".join(chance.choices(words[:900], k=8) + [rare[n % 3]]).capitalize() + "." for n in range(9)]
        corpus.append({"_id": f"d{at}", "text": " ".join(sentences)})
        queries.append({"_id": f"q{at}", "text": f"What is {rare[0]} {rare[1]}?", "metadata": {"answers": [sentences[0]]}})
        qrels.append(f"q{at}\td{at}\t1")
    (folder / "corpus.jsonl").write_text("".join(json.dumps(one) + "\n" for one in corpus))
    (folder / "queries.jsonl").write_text("".join(json.dumps(one) + "\n" for one in queries))
    (folder / "qrels/test.tsv").write_text("\n".join(qrels) + "\n")
    (folder / "SOURCE.txt").write_text("made by a test\n")


@unittest.skipUnless(os.path.exists(RAG_TRIAL), "rag-trial is not built")
class RagExample(ServerTest):
    def prepare(self):
        corpora = self.folder / "corpora"
        for name in ("faq-small", "faq-full"):
            make_corpus(corpora / name)
        done = subprocess.run([ROOT / "examples/rag/prepare", "--rag-trial", RAG_TRIAL, corpora], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {pathlib.Path(line).stem: pathlib.Path(line).read_text() for line in done.stdout.split()}

    def submit(self, text):
        answer = self.server.request("POST", "/rest/v1/namespaces/default/experiments", text, content_type="application/yaml")
        self.assertEqual(answer.status, 201, answer)

    def metrics(self, trial):
        return {metric["name"]: metric for metric in trial["status"]["observation"]["metrics"]}

    def test_the_grid_and_the_search_over_everything_run(self):
        experiments = self.prepare()
        self.server.start()
        self.submit(experiments["rag-grid"].replace("maxTrialCount: 24", "maxTrialCount: 4"))
        plain = experiments["rag-bayesian-plain"].replace("maxTrialCount: 40", "maxTrialCount: 6")
        # The corpus of this test has fewer independent directions than a real one.
        plain = plain.replace('["32", "64", "128", "256", "512"]', '["16", "32", "128"]')
        self.submit(plain)
        self.server.wait_for("rag-grid", seconds=240)
        ended = self.server.wait_for("rag-bayesian-plain", seconds=400)

        for trial in self.server.trials("rag-grid"):
            found = self.metrics(trial)
            self.assertEqual(set(found), {"bleu", "rouge_l", "f1", "recall_k", "ndcg_10"})
        trials = self.server.trials("rag-bayesian-plain")
        self.assertEqual(len(trials), 6)
        scores = []
        for trial in trials:
            found = self.metrics(trial)
            self.assertIn("peak_rss_bytes", found)
            self.assertGreater(float(found["index_bytes"]["latest"]), 1000)
            scores.append(float(found["rouge_l"]["latest"]))
        best = ended["status"]["currentOptimalTrial"]
        self.assertAlmostEqual(max(scores), float(self.metrics({"status": best})["rouge_l"]["latest"]))
        # What one would try without tuning ran first, and can be compared with the winner on questions kept back.
        first = min(trials, key=lambda trial: trial["metadata"]["creationTimestamp"])
        self.assertTrue(any({p["name"]: p["value"] for p in t["spec"]["parameterAssignments"]}["chunk_size"] == "100"
                            for t in trials), first)
        (self.folder / "best.json").write_text(json.dumps(ended))
        compared = subprocess.run(
            [RAG_TRIAL, "compare", "--corpora", self.folder / "corpora", "--dataset", "faq-full", "-c",
             self.folder / "best.json", "-c", "naive"], capture_output=True, text=True, timeout=120)
        self.assertEqual(compared.returncode, 0, compared.stderr)
        self.assertRegex(compared.stdout, r"best.json - naive: [+-]0\.\d+, 95% interval [+-]0\.\d+ to [+-]0\.\d+")

    def test_every_experiment_is_valid(self):
        experiments = self.prepare()
        self.server.start()
        for name, text in experiments.items():
            answer = self.server.request("POST", "/apis/kubeflow.org/v1beta1/namespaces/default/experiments?dryRun=All", text,
                                         content_type="application/yaml")
            self.assertEqual(answer.status, 201, (name, answer))

    def test_a_trial_that_cannot_work_says_why(self):
        experiments = self.prepare()
        done = subprocess.run([RAG_TRIAL, "--corpora", self.folder / "corpora", "--dataset", "faq-small",
                               f"--termination-log={self.folder}/why", "embedding_dim=1000"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 78)
        self.assertIn("infeasible: embedding_dim 1000 is more than this corpus can tell apart", done.stderr)
        self.assertEqual((self.folder / "why").read_text().strip(), done.stderr.strip().removeprefix("rag-trial: "))
        missing = subprocess.run([RAG_TRIAL, "--corpora", self.folder, "--dataset", "faq-small"], capture_output=True,
                                 text=True, timeout=60)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("examples/rag/prepare", missing.stderr)
        self.assertEqual(set(experiments), {"rag-grid", "rag-bayesian", "rag-bayesian-plain", "rag-hyperband", "rag-llm",
                                            "rag-kserve"})

    def test_the_notebook_runs(self):
        self.prepare()
        notebook = json.loads((ROOT / "examples/rag/rag.ipynb").read_text())
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        environment = {**os.environ, "RAG_TRIAL": RAG_TRIAL, "RAG_CORPORA": str(self.folder / "corpora"), "RAG_TRIALS": "5",
                       "MIZAN": MIZAN, "TMPDIR": str(self.folder)}
        done = subprocess.run([sys.executable, "-c", "\n\n".join(cells)], capture_output=True, text=True, timeout=240,
                              env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"best.json - naive: [+-]0\.\d+, 95% interval")
        self.assertRegex(done.stdout, r"Succeeded .*'total': 5")
        self.assertRegex(done.stdout, r"warm.json - naive: [+-]0\.\d+, 95% interval")

    def test_a_lucky_prefix_does_not_win(self):
        experiments = self.prepare()
        for name, text in experiments.items():
            objective = re.search(r"objectiveMetricName: (\w+)", text)[1]
            self.assertIn(f"{{name: {objective}, value: latest}}", text, name)
        # The objective of the example, with two trials: one begins well and ends badly.
        head = experiments["rag-grid"].split("  parameters:")[0].replace("maxTrialCount: 24", "maxTrialCount: 2")
        self.server.start()
        self.submit(head + """  parameters:
  - {name: kind, parameterType: categorical, feasibleSpace: {list: [lucky, steady]}}
  trialTemplate:
    primaryContainerName: rag
    trialParameters:
    - {name: kind, reference: kind}
    trialSpec:
      apiVersion: batch/v1
      kind: Job
      spec:
        template:
          spec:
            restartPolicy: Never
            containers:
            - name: rag
              image: debian:12
              command: [sh, -c]
              args:
              - |
                if [ ${trialParameters.kind} = lucky ]; then set -- 0.90 0.40 0.20; else set -- 0.25 0.30 0.35; fi
                for value in "$@"; do echo "bleu=$value rouge_l=0.1 f1=0.1 recall_k=0.1 ndcg_10=0.1"; done
""")
        ended = self.server.wait_for("rag-grid", seconds=120)
        best = ended["status"]["currentOptimalTrial"]
        self.assertEqual([p["value"] for p in best["parameterAssignments"]], ["steady"])


if __name__ == "__main__":
    unittest.main()
