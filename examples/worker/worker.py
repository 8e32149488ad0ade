#!/usr/bin/env python3
"""A worker of warm pods in twenty lines: one process, a trial for each line. Holds `size` MiB and works `rounds` times."""
import ctypes, json, select, sys


def say(**line):
    print(json.dumps(line), flush=True)


def stopped(trial):
    """Whether the next line is there already and stops this trial."""
    return bool(select.select([sys.stdin], [], [], 0)[0]) and json.loads(sys.stdin.readline() or "{}").get("stop") == trial


for order in map(json.loads, iter(sys.stdin.readline, "")):
    if "trial" not in order:
        continue  # {"stop": ...} of a trial that has ended
    trial, given = order["trial"], {name: float(value) for name, value in order["assignments"].items()}
    held = bytearray(b"x") * (int(given.get("size", 1)) << 20)
    loss = (given["x"] - 0.3) ** 2 + 0.001 * given.get("size", 1)
    for step in range(1, int(given.get("rounds", 1)) + 1):
        sum(held[i] for i in range(0, len(held), 4096))
        say(metric="loss", value=loss + 1 / step, step=step)
        if stopped(trial):
            break
    del held
    ctypes.CDLL(None).malloc_trim(0)  # memory goes back before the pod may be made smaller
    say(done=trial)
