"""Every kind of metrics collector with real trials, early stopping by rule, `mizan why` and `mizan suggest`."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, TRIALS, ServerTest, eventually, experiment, run_mizan  # noqa: E402

# TensorBoard's records, written by hand: length, masked CRC-32C, Event message, masked CRC-32C.
EVENT_WRITER = r'''
import os, struct, sys
def crc(data):
    c = 0xffffffff
    for b in data:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ (0x82f63b78 if c & 1 else 0)
    c ^= 0xffffffff
    return (((c >> 15) | (c << 17)) + 0xa282ead8) & 0xffffffff
def record(data):
    n = struct.pack("<Q", len(data))
    return n + struct.pack("<I", crc(n)) + data + struct.pack("<I", crc(data))
def event(tag, value, step):
    one = b"\x0a" + bytes([len(tag)]) + tag + b"\x15" + struct.pack("<f", value)
    return record(b"\x09" + struct.pack("<d", 1.6e9) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(one) + 2]) + b"\x0a" + bytes([len(one)]) + one)
os.makedirs("/logs/test", exist_ok=True)
with open("/logs/test/events.out.tfevents.1", "wb") as out:
    for step in (1, 2, 3):
        out.write(event(b"loss", float(sys.argv[1]) + 3 - step, step))
'''

ENDPOINT = r'''
import http.server, sys, threading, time
value = [float(sys.argv[1]) + 1]
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"# TYPE loss gauge\nloss %f\n" % value[0]
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
time.sleep(2.5); value[0] = float(sys.argv[1]); time.sleep(2.5)
'''


class Collectors(ServerTest):
    def run_with(self, name, command, collector, metric="loss"):
        """An experiment of two trials with that collector, to its end."""
        wanted = experiment(name, command, trials=2, parallel=1, failed=2)
        wanted["spec"]["metricsCollectorSpec"] = collector
        wanted["spec"]["objective"]["objectiveMetricName"] = metric
        self.server.start()
        self.server.create(EXPERIMENTS, wanted)
        self.server.wait_for(name)
        return self.server.trials(name)

    def assert_minimum_is_x(self, trials):
        for trial in trials:
            x = float(trial["spec"]["parameterAssignments"][0]["value"])
            metric = trial["status"]["observation"]["metrics"][0]
            self.assertAlmostEqual(float(metric["min"]), x, places=4, msg=trial["status"])
            self.assertGreater(float(metric["max"]), x)

    def test_a_file_of_text(self):
        command = "d=/var/log/katib; echo loss=2 >>$d/metrics.log; echo loss=${trialParameters.x} >>$d/metrics.log"
        source = {"fileSystemPath": {"path": "/var/log/katib/metrics.log", "kind": "File", "format": "TEXT"}}
        self.assert_minimum_is_x(self.run_with("text", command, {"collector": {"kind": "File"}, "source": source}))

    def test_a_file_of_json_lines_where_katibs_example_has_it(self):
        command = 'echo \'{"loss": "9", "epoch": 1}\' >/katib/mnist.json; echo \'{"loss": ${trialParameters.x}}\' >>/katib/mnist.json'
        source = {"fileSystemPath": {"path": "/katib/mnist.json", "kind": "File", "format": "JSON"}}
        self.assert_minimum_is_x(self.run_with("json", command, {"collector": {"kind": "File"}, "source": source}))

    def test_event_files_of_a_directory(self):
        (self.folder / "writer.py").write_text(EVENT_WRITER)
        command = f"/usr/bin/python3 {self.folder}/writer.py ${{trialParameters.x}}"
        source = {"fileSystemPath": {"path": "/logs", "kind": "Directory"}}
        trials = self.run_with("events", command, {"collector": {"kind": "TensorFlowEvent"}, "source": source}, "test/loss")
        self.assert_minimum_is_x(trials)

    def test_a_prometheus_endpoint(self):
        (self.folder / "endpoint.py").write_text(ENDPOINT)
        port = 20000 + hash(str(self.folder)) % 20000
        command = f"/usr/bin/python3 {self.folder}/endpoint.py ${{trialParameters.x}} {port}"
        source = {"httpGet": {"port": port, "path": "/metrics"}}
        self.assert_minimum_is_x(self.run_with("scraped", command, {"collector": {"kind": "PrometheusMetric"}, "source": source}))

    def test_a_link_out_of_the_volume_gives_no_metric_and_says_why(self):
        (self.folder / "secret").write_text("loss=0\n")
        command = f"ln -s {self.folder}/secret /var/log/katib/metrics.log; echo ${{trialParameters.x}}"
        trials = []
        wanted = experiment("linked", command, trials=1, parallel=1, failed=1)
        wanted["spec"]["metricsCollectorSpec"] = {"collector": {"kind": "File"}}
        self.server.start()
        self.server.create(EXPERIMENTS, wanted)
        self.server.wait_for("linked", "Failed")
        trials = self.server.trials("linked")
        self.assertIn("leads out of its volume", trials[0]["status"]["why"])

    def test_a_stopped_trial_ends_early_and_its_pod_is_gone(self):
        command = "trap 'echo loss=${trialParameters.x}; exit 1' TERM; echo loss=7; while :; do sleep 0.1; done"
        self.server.start()
        self.server.create(EXPERIMENTS, experiment("stopped", command, trials=1, parallel=1, failed=1))
        trial = eventually(lambda: next((t["metadata"]["name"] for t in self.server.trials("stopped")
                                         if self.server.condition(f"{TRIALS}/{t['metadata']['name']}", "Running")), None),
                           "a trial runs")
        eventually(lambda: "loss=7" in run_mizan("logs", trial, "--data-dir", self.folder / "data").stdout, "it has said something")
        answer = self.server.request("PATCH", f"{TRIALS}/{trial}", {"metadata": {"annotations": {"mizan.kubeflow.org/stop-early": "worse than the others"}}},
                                     content_type="application/merge-patch+json")
        self.assertEqual(answer.status, 200, answer)
        eventually(lambda: self.server.condition(f"{TRIALS}/{trial}", "EarlyStopped"), "it is EarlyStopped")
        metric = self.server.get(f"{TRIALS}/{trial}")["status"]["observation"]["metrics"][0]
        self.assertEqual(metric["max"], "7")
        self.assertLessEqual(float(metric["min"]), 1, "what it said on its way out counts")
        eventually(lambda: not self.server.get("/api/v1/namespaces/default/pods")["items"], "its pod is gone")

        told = run_mizan("why", trial, "--data-dir", self.folder / "data")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("EarlyStopped", told.stdout)
        self.assertIn("worse than the others", told.stdout)

    def test_why_tells_of_a_failed_trial_and_its_experiment(self):
        self.server.start()
        self.server.create(EXPERIMENTS, experiment("bad", "echo oops; exit 3 # ${trialParameters.x}", trials=1, parallel=1, failed=1))
        self.server.wait_for("bad", "Failed")
        trial = self.server.trials("bad")[0]["metadata"]["name"]
        data = ("--data-dir", self.folder / "data")
        told = run_mizan("why", trial, *data).stdout
        for word in ("of experiment bad: Failed", "exit code 3", "It said last:\n  oops", "Pod "):
            self.assertIn(word, told)
        told = run_mizan("why", "bad", *data).stdout
        self.assertIn("Experiment bad: Failed", told)
        self.assertIn(f"Trial {trial}: Failed", told)
        nobody = run_mizan("why", "nobody", *data)
        self.assertEqual(nobody.returncode, 1)
        self.assertIn('no trial and no experiment "nobody"', nobody.stderr)


class Suggest(ServerTest):
    def test_suggest_shows_draws_and_starts_nothing(self):
        path = self.folder / "e.json"
        wanted = experiment("preview", "echo loss=${trialParameters.x}", trials=3, parallel=1)
        wanted["spec"]["algorithm"] = {"algorithmName": "random", "algorithmSettings": [{"name": "random_state", "value": "3"}]}
        path.write_text(json.dumps(wanted))
        first, again = (run_mizan("suggest", path, "-n", "20", "--json") for _ in range(2))
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, again.stdout, "the same random_state gives the same draws")
        draws = [json.loads(line) for line in first.stdout.splitlines()]
        self.assertEqual(len(draws), 20)
        self.assertTrue(all(0 <= float(d["assignments"]["x"]) <= 1 for d in draws))
        self.assertIn("random_state 3", run_mizan("suggest", path).stderr)
        wanted["spec"]["algorithm"]["algorithmName"] = "nosuch"
        path.write_text(json.dumps(wanted))
        refused = run_mizan("suggest", path)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("spec.algorithm.algorithmName", refused.stderr)


if __name__ == "__main__":
    unittest.main()
