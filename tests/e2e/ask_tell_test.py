"""REST ask/tell as an outside harness drives it: the protocol's words, its refusals, restarts, many clients at once."""
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import (EXPERIMENTS, REST, SUGGESTIONS, TRIALS, ServerTest, a_choice, a_double, an_int,  # noqa: E402
                    client_experiment, eventually)


class AskTell(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.start()

    def make(self, name="mine", **spec):
        return self.server.create(REST, client_experiment(name, **spec))

    def post(self, path, body, status=200):
        answer = self.server.request("POST", path, body)
        self.assertEqual(answer.status, status, f"POST {path} {body}: {answer}")
        return answer.json

    def ask(self, name="mine", status=200, **body):
        return self.post(f"{REST}/{name}:ask", {"waitSeconds": 30, **body}, status)

    def ask_one(self, name="mine", **body):
        trials = self.ask(name, count=1, **body)["trials"]
        self.assertEqual(len(trials), 1, trials)
        return trials[0]

    def tell(self, trial, name="mine", status=200, **body):
        return self.post(f"{REST}/{name}/trials/{trial}:tell", body, status)

    def condition(self, trial, kind):
        return self.server.condition(f"{TRIALS}/{trial}", kind)

    def test_create_ask_report_tell_optimal(self):
        made = self.make(parameters=[a_double("lr", "0.001", "0.1"), an_int("layers", "1", "5"), a_choice("act", "relu", "tanh")])
        self.assertEqual(made["kind"], "Experiment")
        self.assertEqual(made["metadata"]["name"], "mine")
        self.assertIsNone(self.server.get(f"{REST}/mine/optimal")["trial"])
        values = {}
        for turn in range(5):
            trial = self.ask_one()
            assigned = trial["assignments"]
            self.assertEqual(set(assigned), {"lr", "layers", "act"})
            self.assertTrue(all(isinstance(value, str) for value in assigned.values()), assigned)
            self.assertTrue(0.001 <= float(assigned["lr"]) <= 0.1)
            self.assertIn(assigned["layers"], "12345")
            self.assertIn(assigned["act"], ("relu", "tanh"))
            for step in (1, 2):
                said = self.post(f"{REST}/mine/trials/{trial['name']}:report", {"step": step, "metrics": {"loss": 9.0 / step}})
                self.assertIs(said["shouldStop"], False)
            values[trial["name"]] = 1.0 + (turn - 2) ** 2
            told = self.tell(trial["name"], metrics={"loss": values[trial["name"]]})
            self.assertEqual(told.get("metadata", told)["name"], trial["name"])
        self.assertEqual(len(values), 5, "each ask is new")
        best = self.server.get(f"{REST}/mine/optimal")["trial"]
        self.assertEqual(best["name"], min(values, key=values.get))
        self.assertEqual(float(best["metrics"]["loss"]), 1.0, "what was told is the observation, not what was reported")
        self.assertEqual(self.condition(best["name"], "Succeeded")["status"], "True")

    def test_a_trial_is_made_for_the_client_that_waits(self):
        self.make()
        for body in ({"clientId": "w1"}, {}):
            made = self.server.get(f"{TRIALS}/{self.ask_one(**body)['name']}")["metadata"]
            self.assertIn("mizan.kubeflow.org/client-id", made["annotations"])
            self.assertNotIn("mizan-rest", [entry["manager"] for entry in made.get("managedFields", [])], "it was claimed in a write of its own")

    def test_the_same_tell_again_is_fine_and_another_is_a_conflict(self):
        self.make()
        name = self.ask_one()["name"]
        self.tell(name, metrics={"loss": 0.5})
        self.tell(name, metrics={"loss": 0.5})
        self.tell(name, status=409, metrics={"loss": 0.6})
        self.tell(name, status=409, state="Failed", reason="after all")
        self.assertEqual(self.condition(name, "Succeeded")["status"], "True")

    def test_what_can_not_be_told_is_refused(self):
        self.make()
        name = self.ask_one()["name"]
        self.tell("mine-nosuch00", status=404, metrics={"loss": 1})
        self.tell(name, "nosuch", status=404, metrics={"loss": 1})
        problem = self.tell(name, status=422, metrics={"loss": 1, "accuracy": 2})
        self.assertIn("accuracy", str(problem))
        for wrong in ({"metrics": {"loss": "low"}}, {"metrics": []}, {"state": "Sideways"}, {"metrics": {"loss": 1}, "extra": 1}, {}):
            answer = self.server.request("POST", f"{REST}/mine/trials/{name}:tell", wrong)
            self.assertIn(answer.status, (400, 422), f"{wrong}: {answer}")
            self.assertTrue(answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers)
        self.assertEqual(self.server.request("POST", f"{REST}/mine/trials/{name}:tell", "{").status, 400)
        self.tell(name, metrics={"loss": 1})

    def test_states_and_missing_values(self):
        self.make(maxFailedTrialCount=50)
        for body, kind in (({"state": "Failed", "reason": "OutOfPatience"}, "Failed"),
                           ({"state": "Infeasible", "reason": "lr too large"}, "Infeasible"),
                           ({"state": "EarlyStopped", "metrics": {"loss": 3}}, "EarlyStopped"),
                           ({"state": "Succeeded", "metrics": {"loss": 2}}, "Succeeded"),
                           ({"metrics": {"loss": None}}, "MetricsUnavailable"),
                           ({"metrics": {}}, "MetricsUnavailable")):
            name = self.ask_one()["name"]
            answer = self.server.request("POST", f"{REST}/mine/trials/{name}:tell", body)
            if body == {"metrics": {}} and answer.status in (400, 422):
                continue  # to say nothing may also be refused
            self.assertEqual(answer.status, 200, f"{body}: {answer}")
            condition = self.condition(name, kind)
            self.assertIsNotNone(condition, f"{body} makes {kind}: {self.server.get(f'{TRIALS}/{name}')['status']}")
            self.assertEqual(condition["status"], "True")
        self.assertEqual(self.server.get(f"{REST}/mine/optimal")["trial"]["metrics"]["loss"], 2)

    def test_a_value_that_is_not_finite_makes_metrics_unavailable(self):
        self.make(maxFailedTrialCount=50)
        for text in ("NaN", "Infinity", "1e999"):
            name = self.ask_one()["name"]
            answer = self.server.request("POST", f"{REST}/mine/trials/{name}:tell", '{"metrics": {"loss": %s}}' % text)
            if answer.status == 200:
                self.assertIsNotNone(self.condition(name, "MetricsUnavailable"), text)
            else:
                self.assertIn(answer.status, (400, 422), answer)  # NaN is no JSON
        name = self.ask_one()["name"]
        self.tell(name, metrics={"loss": "NaN"}) if self.server.request(
            "POST", f"{REST}/mine/trials/{name}:tell", {"metrics": {"loss": "NaN"}}).status == 200 else None

    def test_a_client_gets_its_open_trials_again(self):
        self.make()
        first = self.ask(count=2, clientId="w1")["trials"]
        self.assertEqual(len(first), 2)
        self.assertEqual(self.ask(count=2, clientId="w1")["trials"], first)
        topped = self.ask(count=3, clientId="w1")["trials"]
        self.assertEqual(topped[:2], first)
        self.assertEqual(len(topped), 3)
        other = self.ask(count=1, clientId="w2")["trials"]
        self.assertNotIn(other[0]["name"], [trial["name"] for trial in topped])
        self.tell(first[0]["name"], metrics={"loss": 1})
        self.assertNotIn(first[0]["name"], [trial["name"] for trial in self.ask(count=1, clientId="w1")["trials"]])

    def test_a_budget_ends_with_exhausted_and_success(self):
        self.make(maxTrialCount=3)
        trials = self.ask(count=5)["trials"]
        self.assertEqual(len(trials), 3)
        for trial in trials:
            self.tell(trial["name"], metrics={"loss": float(trial["assignments"]["x"])})
        answer = self.ask(count=1)
        self.assertEqual(answer["trials"], [])
        self.assertIs(answer["exhausted"], True)
        ended = self.server.wait_for("mine")
        self.assertEqual(ended["status"]["trialsSucceeded"], 3)

    def test_a_grid_is_exhausted_after_its_last_point(self):
        self.make(algorithm="grid", parameters=[a_choice("a", "x", "y"), an_int("n", "1", "3")])
        seen = set()
        while True:
            answer = self.ask(count=4)
            for trial in answer["trials"]:
                seen.add((trial["assignments"]["a"], trial["assignments"]["n"]))
                self.tell(trial["name"], metrics={"loss": 1})
            if answer.get("exhausted"):
                break
            self.assertTrue(answer["trials"], "neither a trial nor exhausted")
        self.assertEqual(seen, {(a, n) for a in "xy" for n in "123"})

    def test_a_goal_ends_the_experiment(self):
        made = client_experiment("mine")
        made["spec"]["objective"]["goal"] = 0.1
        self.server.create(REST, made)
        self.tell(self.ask_one()["name"], metrics={"loss": 0.05})
        ended = self.server.wait_for("mine")
        reasons = [c["reason"] for c in ended["status"]["conditions"] if c["type"] == "Succeeded"]
        self.assertEqual(reasons, ["ExperimentGoalReached"])
        self.assertIs(self.ask(count=1)["exhausted"], True)

    def test_an_ask_without_waiting_answers_at_once_and_a_trial_comes_later(self):
        self.make()
        eventually(lambda: self.ask(count=1, waitSeconds=0, clientId="w")["trials"], "a trial comes without waiting")

    def test_what_can_not_be_asked_is_refused(self):
        self.make()
        self.ask("nosuch", status=404, count=1)
        for wrong in ({"count": 0}, {"count": -1}, {"count": "two"}, {"count": 1, "waitSeconds": -1}, {"count": 1, "client": "w"},
                      {"count": 1.5}, {"count": 1_000_000}):
            answer = self.server.request("POST", f"{REST}/mine:ask", wrong)
            self.assertIn(answer.status, (400, 422), f"{wrong}: {answer}")
        self.assertEqual(self.server.trials("mine"), [], "nothing was drawn for them")

    def test_open_asks_and_told_values_survive_kills(self):
        self.make()
        held = [self.ask_one(clientId="w1")]
        for turn in range(4):
            self.server.kill()
            self.server.start()
            self.assertEqual(self.ask(count=1, clientId="w1")["trials"], held)
            self.tell(held[0]["name"], metrics={"loss": turn})
            self.server.kill()
            self.server.start()
            self.tell(held[0]["name"], metrics={"loss": turn})  # the same one again: it was on disk
            held = [self.ask_one(clientId="w1")]
        trials = self.server.trials("mine")
        points = [trial["spec"]["parameterAssignments"][0]["value"] for trial in trials]
        self.assertEqual(len(set(points)), len(points), "no point was drawn twice")
        self.assertEqual(self.server.get(f"{REST}/mine/optimal")["trial"]["metrics"]["loss"], 0)

    def test_many_clients_at_once_get_trials_of_their_own(self):
        self.make()
        clients, turns = 8, 10
        got, wrong = [], []

        def work(client):
            try:
                for turn in range(turns):
                    answer = self.server.request("POST", f"{REST}/mine:ask", {"count": 1, "clientId": f"c{client}", "waitSeconds": 60}, timeout=120)
                    trial = answer.json["trials"][0]
                    got.append(trial)
                    told = self.server.request("POST", f"{REST}/mine/trials/{trial['name']}:tell",
                                               {"metrics": {"loss": float(trial["assignments"]["x"])}})
                    if told.status != 200:
                        wrong.append(told)
            except Exception as problem:  # a thread must hand its failure to the test
                wrong.append(problem)

        threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(len({trial["name"] for trial in got}), clients * turns)
        self.assertEqual(len({trial["assignments"]["x"] for trial in got}), clients * turns)
        eventually(lambda: self.server.get(f"{EXPERIMENTS}/mine")["status"].get("trialsSucceeded") == clients * turns,
                   lambda: f"all are counted: {self.server.get(f'{EXPERIMENTS}/mine')['status']}")
        best = self.server.get(f"{REST}/mine/optimal")["trial"]
        self.assertEqual(best["assignments"]["x"], min((t["assignments"]["x"] for t in got), key=float))

    def test_the_same_seed_draws_the_same_points(self):
        drawn = []
        for name in ("left", "right"):
            made = client_experiment(name)
            made["spec"]["algorithm"]["algorithmSettings"] = [{"name": "random_state", "value": "11"}]
            self.server.create(REST, made)
            points = []
            for _ in range(4):
                trial = self.ask_one(name)
                points.append(trial["assignments"]["x"])
                self.tell(trial["name"], name, metrics={"loss": 1})
            drawn.append(points)
        self.assertEqual(drawn[0], drawn[1])

    def test_delete_takes_everything_along(self):
        self.make()
        self.ask(count=3)
        self.assertIn(self.server.request("DELETE", f"{EXPERIMENTS}/mine").status, (200, 202))
        eventually(lambda: self.server.request("GET", f"{EXPERIMENTS}/mine").status == 404
                   and not self.server.trials("mine") and self.server.request("GET", f"{SUGGESTIONS}/mine").status == 404,
                   "the experiment, its trials and its suggestion are gone")
        self.ask(status=404, count=1)

    def test_a_token_is_wanted(self):
        self.make()
        self.assertEqual(self.server.request("POST", f"{REST}/mine:ask", {"count": 1}, token="").status, 401)
        self.assertEqual(self.server.request("POST", f"{REST}/mine:ask", {"count": 1}, token="wrong").status, 401)
        viewer = (self.server.data / "viewer.token").read_text().strip()
        self.assertEqual(self.server.request("POST", f"{REST}/mine:ask", {"count": 1}, token=viewer).status, 403)
        self.assertEqual(self.server.request("GET", f"{REST}/mine/optimal", token=viewer).status, 200)


if __name__ == "__main__":
    unittest.main()
