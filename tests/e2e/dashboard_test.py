"""The dashboard of the real binary in a real browser: the same browser test that otherwise runs against its mock server."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ROOT, ServerTest, experiment  # noqa: E402

NODE = os.environ.get("MIZAN_NODE") or shutil.which("node")
CHROMIUM = os.environ.get("MIZAN_CHROMIUM", "/usr/bin/chromium")
# A curve of three steps; every fourth trial or so fails with a reason.
TRIAL = """for step in 1 2 3; do echo "step=$step loss=0.$step"; done
case ${trialParameters.x} in 0.[0-2]*) echo out of luck >&2; exit 3;; esac"""


@unittest.skipUnless(NODE and os.access(CHROMIUM, os.X_OK), "there is no node or no Chromium here; scripts/setup brings both")
class Dashboard(ServerTest):
    def test_in_chromium(self):
        self.server.start()
        wanted = experiment("seen", TRIAL, trials=12, failed=12,
                            algorithm="sobol", settings={"random_state": "7"})
        self.server.create(EXPERIMENTS, wanted)
        ended = self.server.wait_for("seen")
        self.assertGreater(ended["status"].get("trialsFailed", 0), 0, "the pages of failed trials are looked at, too")

        done = subprocess.run(
            [NODE, "--test", "tests/browser/dashboard.test.mjs"], cwd=ROOT / "dashboard", stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=540,
            env={**os.environ, "MIZAN_URL": self.server.announced["address"], "MIZAN_TOKEN": self.server.token,
                 "NODE_EXTRA_CA_CERTS": str(self.server.data / "ca.crt")})
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertIn("ok 1 - an experiment, its trial and its best value appear without a reload", done.stdout)


if __name__ == "__main__":
    unittest.main()
