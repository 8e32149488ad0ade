"""The xgboost example as the demo runs it: real trials, a metric that xgboost itself prints, values that really move."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import ROOT, ServerTest  # noqa: E402


@unittest.skipUnless(shutil.which("xgboost"), "there is no xgboost here; scripts/setup installs it")
class XgboostExample(ServerTest):
    def test_the_example_finds_a_good_model(self):
        # Prepared data is kept between runs where the user's cache is; the folder must not be under /tmp.
        cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        folder = pathlib.Path(cache) / "mizan" / "xgboost-digits"
        done = subprocess.run([ROOT / "examples/xgboost/prepare", folder], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = pathlib.Path(done.stdout.strip()).read_text().replace("maxTrialCount: 24", "maxTrialCount: 10")
        self.server.start()
        answer = self.server.request("POST", "/rest/v1/namespaces/default/experiments", text, content_type="application/yaml")
        self.assertEqual(answer.status, 201, answer)
        ended = self.server.wait_for("xgboost-digits", seconds=240)

        trials = self.server.trials("xgboost-digits")
        self.assertEqual(len(trials), 10)
        losses = set()
        for trial in trials:
            metrics = {metric["name"]: metric for metric in trial["status"]["observation"]["metrics"]}
            self.assertEqual(set(metrics), {"valid-mlogloss", "valid-merror", "train-mlogloss"})
            self.assertLess(float(metrics["valid-mlogloss"]["min"]), float(metrics["valid-mlogloss"]["max"]), "a curve, not a point")
            losses.add(metrics["valid-mlogloss"]["min"])
        self.assertEqual(len(losses), 10)
        self.assertLess(max(map(float, losses)), 2.31, "better than guessing (ln 10)")
        best = ended["status"]["currentOptimalTrial"]
        self.assertEqual(min(losses, key=float), best["observation"]["metrics"][0]["min"])
        self.assertLess(float(min(losses, key=float)), 0.25)


if __name__ == "__main__":
    unittest.main()
