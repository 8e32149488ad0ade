"""kill -9 of the server, again and again, while an experiment runs: nothing acknowledged is lost, nothing runs twice.

Each trial's process appends its start and its end to a ledger outside the data directory. Writers create objects all the
while and remember what was acknowledged. By default the short form that CI runs; the full one is
    MIZAN=... python3 tests/e2e/crash_test.py --trials 200 --kills 50
"""
import argparse
import collections
import json
import pathlib
import random
import sqlite3
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, ServerTest, a_double, eventually, experiment  # noqa: E402

parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--trials", type=int, default=40)
parser.add_argument("--kills", type=int, default=6)
parser.add_argument("--seed", type=int, default=1)
OPTIONS, UNITTEST_ARGUMENTS = parser.parse_known_args()

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
COMMAND = ('echo "start $KATIB_TRIAL_NAME" >>$LEDGER; sleep ${trialParameters.x}; '
           'echo loss=${trialParameters.x}; echo "end $KATIB_TRIAL_NAME" >>$LEDGER')


class Writer(threading.Thread):
    """Creates ConfigMaps one after the other as fast as it can; survives that the server is gone."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server, self.name_, self.acknowledged, self.in_flight, self.wanted = server, name, [], False, True

    def run(self):
        number = 0
        while self.wanted:
            number += 1
            name = f"{self.name_}-{number}"
            body = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"number": str(number)}})
            try:
                self.in_flight = True
                answer = self.server.request("POST", CONFIG_MAPS, body, timeout=20)
                if answer.status == 201:
                    self.acknowledged.append((name, str(number)))
            except (OSError, ValueError, AttributeError):
                time.sleep(0.01)  # killed under our hands: not acknowledged, so nothing is owed
            except Exception as problem:  # http.client's many ways to say that the line went dead
                if "http.client" not in type(problem).__module__:
                    raise
            finally:
                self.in_flight = False


class Crash(ServerTest):
    flags = ()  # trials outlive the server: that is what this is about

    def test_kills_lose_nothing_and_repeat_nothing(self):
        dice = random.Random(OPTIONS.seed)
        ledger = self.folder / "ledger"
        ledger.touch()
        self.server.start()
        self.server.create(EXPERIMENTS, experiment(
            "crash", COMMAND, parameters=[a_double("x", "0", "0.6")], parallel=4, trials=OPTIONS.trials, failed=1,
            env={"LEDGER": ledger}))
        writers = [Writer(self.server, f"kept-{number}") for number in range(2)]
        for writer in writers:
            writer.start()

        write_in_flight = trials_running = 0
        for kill in range(OPTIONS.kills):
            due = OPTIONS.trials * kill // (OPTIONS.kills + 1)
            eventually(lambda: self.ended(ledger) >= due, lambda: f"{due} trials have ended\n{self.unfinished()}", 90, 0.005)
            time.sleep(dice.uniform(0, 0.15))
            running = len(self.lines(ledger, "start")) - self.ended(ledger)
            in_flight = any(writer.in_flight for writer in writers)
            self.server.kill()
            trials_running += running > 0
            write_in_flight += in_flight
            self.server.start()

        ended = self.server.wait_for("crash", seconds=300)
        for writer in writers:
            writer.wanted = False
        for writer in writers:
            writer.join(30)
        self.assert_no_process_left()

        starts = collections.Counter(line.split()[1] for line in self.lines(ledger, "start"))
        ends = collections.Counter(line.split()[1] for line in self.lines(ledger, "end"))
        trials = self.server.trials("crash")
        names = {trial["metadata"]["name"] for trial in trials}
        self.assertEqual(len(names), OPTIONS.trials)
        self.assertEqual({name: count for name, count in starts.items() if count != 1}, {}, "exactly one start for each trial")
        self.assertEqual({name: count for name, count in ends.items() if count != 1}, {}, "exactly one end for each trial")
        self.assertEqual(set(starts), names, "the ledger and the store know the same trials")
        self.assertEqual(set(ends), names)
        points = [trial["spec"]["parameterAssignments"][0]["value"] for trial in trials]
        self.assertEqual(len(set(points)), len(points), "no point was drawn twice")
        self.assertEqual(ended["status"]["trialsSucceeded"], OPTIONS.trials)
        for trial in trials:
            said = {m["name"]: m["latest"] for m in trial["status"]["observation"]["metrics"]}
            self.assertEqual(said["loss"], trial["spec"]["parameterAssignments"][0]["value"], "its own loss")
        lowest = min(points, key=float)
        self.assertEqual(ended["status"]["currentOptimalTrial"]["parameterAssignments"][0]["value"], lowest)

        kept = {item["metadata"]["name"]: item["data"]["number"] for item in self.server.get(CONFIG_MAPS)["items"] if "data" in item}
        acknowledged = [pair for writer in writers for pair in writer.acknowledged]
        self.assertGreater(len(acknowledged), OPTIONS.kills)
        self.assertEqual([name for name, number in acknowledged if kept.get(name) != number], [], "acknowledged, and lost")

        self.server.stop()
        with sqlite3.connect(self.server.data / "mizan.db") as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        print(f"{OPTIONS.kills} kills: {write_in_flight} with a write in flight, {trials_running} with trials running; "
              f"{len(acknowledged)} acknowledged objects, none lost; {len(trials)} trials, one start each")
        if OPTIONS.kills >= 50:
            self.assertGreaterEqual(write_in_flight, 15)
            self.assertGreaterEqual(trials_running, 15)

    def unfinished(self):
        """What a stall looks like: trials that have not succeeded, their pods, and the folders of those pods."""
        status = self.server.get(f"{EXPERIMENTS}/crash").get("status", {})
        said = [f"experiment: { {key: value for key, value in status.items() if key.startswith('trials')} }"]
        for trial in self.server.trials("crash"):
            conditions = {c["type"]: c["message"] for c in trial.get("status", {}).get("conditions", []) if c["status"] == "True"}
            if "Succeeded" not in conditions:
                said.append(f"trial {trial['metadata']['name']}: {conditions}")
        for pod in self.server.get("/api/v1/namespaces/default/pods")["items"]:
            if pod["status"].get("phase") != "Succeeded":
                folder = self.server.data / "pods" / pod["metadata"]["uid"]
                files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else "no folder"
                said.append(f"pod {pod['metadata']['name']}: {pod['status']}\n  {files}")
                for name in ("claim", "status.json", "exit.json"):
                    if (folder / name).exists():
                        said.append(f"  {name}: {(folder / name).read_text().strip()}")
        said += [line for line in self.server.log().splitlines() if " info " not in line]
        return "\n".join(said)

    def lines(self, ledger, word):
        return [line for line in ledger.read_text().splitlines() if line.startswith(word + " ")]

    def ended(self, ledger):
        return len(self.lines(ledger, "end"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
