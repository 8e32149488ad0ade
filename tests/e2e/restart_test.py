"""One server to a directory, a clean end in time, and trials that do not notice a restart."""
import pathlib
import re
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import EXPERIMENTS, MIZAN, ServerTest, eventually, experiment, processes_naming, run_mizan  # noqa: E402


class Restart(ServerTest):
    flags = ()

    def test_a_second_server_on_the_same_directory_is_refused(self):
        self.server.start()
        second = run_mizan("serve", "--data-dir", self.server.data, "--listen", "127.0.0.1:0", timeout=30)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(self.server.pid), second.stderr, "it says who owns the directory")
        self.assertEqual(self.server.request("GET", "/readyz").status, 200, "the first goes on")

    def test_an_address_that_is_taken_or_unreadable_is_named(self):
        self.server.start()
        taken = f"127.0.0.1:{self.server.address.port}"
        for address in (taken, "127.0.0.1:notaport", "nowhere.invalid:1", "127.0.0.1:99999"):
            done = run_mizan("serve", "--data-dir", self.folder / "other", "--listen", address, timeout=30)
            self.assertNotEqual(done.returncode, 0, address)
            self.assertIn(address.split(":")[1], done.stderr + done.stdout)

    def test_plain_http_off_loopback_is_not_offered_to_strangers(self):
        done = subprocess.Popen([MIZAN, "serve", "--data-dir", self.folder / "open", "--listen", "0.0.0.0:0", "--output", "json"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(done.stderr.close)
        self.addCleanup(done.stdout.close)
        self.addCleanup(done.wait)
        self.addCleanup(done.kill)
        line = done.stdout.readline()
        if line:  # then over TLS only
            self.assertIn('"https://', line)

    def test_a_term_signal_ends_it_within_five_seconds_and_the_trial_lives_on(self):
        ledger = self.folder / "ledger"
        command = 'echo start >>$LEDGER; sleep 4; echo loss=0.25; echo end >>$LEDGER'
        self.server.start()
        self.server.create(EXPERIMENTS, experiment("outlives", command, trials=1, parallel=1, failed=1, env={"LEDGER": ledger}))
        eventually(lambda: ledger.exists(), "the trial runs")
        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        self.assertNotEqual(processes_naming(self.folder.name), {}, "its process is still there")
        self.server.start()
        ended = self.server.wait_for("outlives")
        self.assertEqual(ended["status"]["currentOptimalTrial"]["observation"]["metrics"][0]["latest"], "0.25")
        self.assertEqual(ledger.read_text(), "start\nend\n", "it was started once")
        self.assert_no_process_left()

    def test_stop_trials_takes_them_along(self):
        self.server.flags = ("--stop-trials",)
        self.server.start()
        self.server.create(EXPERIMENTS, experiment("along", "echo loss=1; sleep 600", trials=1, parallel=1, failed=1,
                                                   env={"WHERE": self.folder}))
        eventually(lambda: any("sleep 600" in command for command in processes_naming(self.folder.name).values()), "the trial runs")
        self.server.stop()
        eventually(lambda: not processes_naming(self.folder.name), lambda: f"all are gone: {processes_naming(self.folder.name)}")

    def test_an_idle_server_ends_and_comes_back_with_everything(self):
        self.server.start()
        self.server.create(EXPERIMENTS, experiment("kept", "echo loss=${trialParameters.x}", trials=3))
        before = self.server.wait_for("kept")
        token, ca = self.server.token, (self.server.data / "ca.crt").read_text()
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        after = self.server.get(f"{EXPERIMENTS}/kept")
        self.assertEqual(after["metadata"]["uid"], before["metadata"]["uid"])
        self.assertEqual(after["status"], before["status"])
        self.assertEqual((self.server.token, (self.server.data / "ca.crt").read_text()), (token, ca), "clients stay signed in")

    def test_secrets_are_for_their_owner_and_the_kubeconfig_follows_the_address(self):
        self.server.start()
        first = (self.server.data / "kubeconfig").read_text()
        self.assertIn(f"127.0.0.1:{self.server.address.port}", first)
        self.server.stop()
        self.server.start()
        self.assertIn(f"127.0.0.1:{self.server.address.port}", (self.server.data / "kubeconfig").read_text())
        self.assertIn(f"{self.server.address.port}", (self.server.data / "address").read_text())
        for name in ("admin.token", "viewer.token", "kubeconfig"):
            self.assertEqual(stat.S_IMODE((self.server.data / name).stat().st_mode), 0o600, name)
        self.assertEqual(stat.S_IMODE(self.server.data.stat().st_mode), 0o700)

    def test_a_trial_does_not_see_the_data_directory(self):
        self.server.start()
        command = f'echo there: $(ls {self.server.data}); cat {self.server.data}/admin.token; env; echo loss=1'
        self.server.create(EXPERIMENTS, experiment("peeks", command, trials=1, parallel=1, failed=1))
        self.server.wait_for("peeks")
        name = self.server.trials("peeks")[0]["metadata"]["name"]
        log = run_mizan("logs", name, "--data-dir", self.server.data).stdout
        self.assertIn("loss=1", log)
        self.assertIn("there: pods", log.splitlines(), "nothing but the way to its own working directory")
        self.assertNotIn(self.server.token, log)

    def test_parallel_trials_do_not_share_paths(self):
        self.server.start()
        command = ('echo $KATIB_TRIAL_NAME >/tmp/who; echo $KATIB_TRIAL_NAME >who; sleep 1; '
                   '[ "$(cat /tmp/who)" = $KATIB_TRIAL_NAME ] && [ "$(cat who)" = $KATIB_TRIAL_NAME ] && echo loss=${trialParameters.x}')
        self.server.create(EXPERIMENTS, experiment("apart", command, trials=3, parallel=3, failed=1))
        self.assertEqual(self.server.wait_for("apart")["status"]["trialsSucceeded"], 3)
        self.assertFalse(pathlib.Path("/tmp/who").exists())

    def test_version(self):
        done = run_mizan("version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, re.compile(r"\d+\.\d+\.\d+"))


if __name__ == "__main__":
    unittest.main()
