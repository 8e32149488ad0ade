#!/usr/bin/env python3
"""Runs Optuna's samplers on the benchmark's problems and appends their results to a CSV file.

usage: peers.py BENCH CSV SAMPLER [--problems-from N] [--seeds N] [--first-seed N] [--budget N] [--workers N] [--families a,b] [--check]
BENCH is the program that serves the problems (optimizers_bench); SAMPLER is tpe, tpe-univariate, gp, cmaes or random.
Needs optuna on the path (numpy and scipy; torch for gp). Workers run as in the benchmark: each evaluation takes a random
time, the one that ends first is told first. --check adds nothing: it runs one in twenty of the file's runs again, another
twentieth each time, and says which came out differently (exit code 1).
"""
import argparse
import json
import math
import random
import subprocess
import sys
import warnings

import optuna
from optuna.trial import TrialState

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def make_sampler(name, seed):
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    if name == "tpe-univariate":
        return optuna.samplers.TPESampler(seed=seed, multivariate=False)
    if name == "gp":
        return optuna.samplers.GPSampler(seed=seed)
    if name == "cmaes":
        return optuna.samplers.CmaEsSampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)


def suggest(trial, parameters):
    values = []
    for p in parameters:
        if p["parent"] is not None and values[p["parent"]] not in p["when"]:
            values.append(math.nan)
        elif p["kind"] == "double":
            values.append(trial.suggest_float(p["name"], p["min"], p["max"], log=p["log"]))
        elif p["kind"] == "int":
            values.append(trial.suggest_int(p["name"], int(p["min"]), int(p["max"]), log=p["log"]))
        elif p["kind"] == "numbers":  # ordered, so an index does Optuna more good than categories
            values.append(trial.suggest_int(p["name"], 0, p["levels"] - 1))
        else:
            values.append(trial.suggest_categorical(p["name"], list(range(p["levels"]))))
    return values


def run(bench, index, problem, sampler, seed, budgets, workers):
    study = optuna.create_study(sampler=make_sampler(sampler, seed))
    clock = random.Random(seed)
    running, exact, losses, now, asked, told = [], {}, [], 0.0, 0, 0
    while told < budgets[-1]:
        while len(running) < workers and asked < budgets[-1]:
            trial = study.ask()
            values = suggest(trial, problem["parameters"])
            bench.stdin.write("%d %d %d %s\n" % (index, seed, asked, " ".join(repr(float(v)) for v in values)))
            bench.stdin.flush()
            answer = [float(word) for word in bench.stdout.readline().split()]
            running.append((now + math.exp(0.5 * clock.gauss(0, 1)), trial, answer))
            asked += 1
        now, trial, (true, seen) = running.pop(min(range(len(running)), key=lambda i: running[i][0]))
        if math.isfinite(seen):
            study.tell(trial, seen)
        else:
            study.tell(trial, state=TrialState.FAIL)
        exact[trial.number] = true
        told += 1
        if told in budgets:
            complete = [t for t in study.trials if t.state == TrialState.COMPLETE]
            losses.append(exact[min(complete, key=lambda t: t.value).number] if complete else math.inf)
    return losses


def known_runs(file, name, workers):
    """(problem, seed) -> {budget: loss} of the file's runs of that sampler."""
    runs = {}
    for line in file:
        if line.startswith(name + ",%d," % workers):
            _, _, rest = line.rstrip("\n").split(",", 2)
            problem, seed, budget, loss = rest.rsplit(",", 3)  # a problem's name may have commas
            runs.setdefault((problem, int(seed)), {})[int(budget)] = float(loss)
    return runs


def check(bench, problems, name, options):
    with open(options.csv, encoding="utf-8") as file:
        known = known_runs(file, name, options.workers)
    index = {problem["name"]: at for at, problem in enumerate(problems)}
    here = sorted(run for run in known if run[0] in index)
    again, wrong = random.sample(here, -(-len(here) // 20)), 0
    for problem, seed in again:
        was = known[problem, seed]
        budgets = sorted(was)
        at = index[problem]
        now = run(bench, at, problems[at], options.sampler, seed, budgets, options.workers)
        same = all(math.isclose(was[budget], loss, rel_tol=1e-6, abs_tol=1e-9) or was[budget] == loss
                   for budget, loss in zip(budgets, now))
        wrong += not same
        print("%s, seed %d: %s" % (problem, seed, "the same" if same else "%s, was %s" % (now, [was[b] for b in budgets])), flush=True)
    print("%s: %d of %d runs done again, %d differ" % (name, len(again), len(here), wrong))
    return 1 if wrong or not here else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("csv")
    parser.add_argument("sampler")
    parser.add_argument("--problems-from", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1, help="to go on from a file that has the seeds before")
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--families", default="")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    budgets = sorted({b for b in (25, 50, 100, options.budget) if b <= options.budget})
    command = [options.bench, "--serve", "--problems-from", str(options.problems_from)]
    if options.families:
        command += ["--families", options.families]
    bench = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    problems = []
    for line in bench.stdout:
        if not line.strip():
            break
        problems.append(json.loads(line))
    name = "optuna-%s-%s" % (optuna.__version__, options.sampler)
    if options.check:
        different = check(bench, problems, name, options)
        bench.stdin.close()
        return bench.wait() or different
    with open(options.csv, "a", encoding="utf-8") as out:
        for index, problem in enumerate(problems):
            for seed in range(options.first_seed, options.seeds + 1):
                for budget, loss in zip(budgets, run(bench, index, problem, options.sampler, seed, budgets,
                                                     options.workers)):
                    out.write("%s,%d,%s,%d,%d,%.9g\n" % (name, options.workers, problem["name"], seed, budget, loss))
                out.flush()
    bench.stdin.close()
    return bench.wait()


if __name__ == "__main__":
    sys.exit(main())
