// The data of the mock server: experiments and trials made from a seeded generator, one of them moving. It keeps to
// the shapes of /rest/v1, so that pages and tests see what a real server would send.

export function random_of(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const PARAMETERS = [
  {name: 'eta', type: 'double', min: '0.01', max: '0.5', step: null, list: null, distribution: 'logUniform'},
  {name: 'max_depth', type: 'int', min: '2', max: '10', step: '1', list: null, distribution: null},
  {name: 'subsample', type: 'double', min: '0.5', max: '1', step: null, list: null, distribution: 'uniform'},
  {name: 'lambda', type: 'double', min: '0.01', max: '10', step: null, list: null, distribution: 'logUniform'},
  {name: 'booster', type: 'categorical', min: null, max: null, step: null, list: ['gbtree', 'dart'], distribution: null},
];

const FAILURES = [
  ['Failed', 'OOMKilled', 'OOMKilled: the container used 512 of 512 MiB, 41 s in; give it more memory or limit max_depth.'],
  ['Failed', 'NonZeroExit', 'The container "training" exited with code 3: ValueError: lambda must not be above 9.5.'],
  ['MetricsUnavailable', 'MetricsUnavailable', 'The trial ended well but printed no "error" that is a number; the last line was "error=nan".'],
];

export class Model {
  version = 1000;
  experiments = new Map();
  reported = new WeakMap();
  listeners = new Set();
  past = [];

  next() {
    this.version += 1;
    return String(this.version);
  }

  publish(name, data) {
    this.past.push([this.version, name, structuredClone(data)]);
    if (this.past.length > 4000) this.past.shift();
    for (const listener of this.listeners) listener(this.version, name, data);
  }

  key(ns, name) {
    return `${ns}/${name}`;
  }

  find(ns, name) {
    return this.experiments.get(this.key(ns, name));
  }

  add({ns = 'default', name, algorithm = 'random', max = 30, parallel = 3, age_ms = 60_000, state = 'Running', seed = 1, goal = 0.01}) {
    const created = new Date(Date.now() - age_ms).toISOString();
    const experiment = {
      random: random_of(seed), trials: new Map(), events: [], observations: new Map(), logs: new Map(), object: null,
      summary: {
        namespace: ns, name, uid: `uid-${name}`, resourceVersion: this.next(), state, reason: `Experiment${state}`,
        message: '', why: '', created, started: created, completed: null, algorithm,
        objective: {metric: 'error', type: 'minimize', goal}, parameters: PARAMETERS,
        counts: {total: 0, max, parallel, pending: 0, running: 0, succeeded: 0, failed: 0, killed: 0, earlyStopped: 0,
          metricsUnavailable: 0, infeasible: 0},
        best: null,
      },
    };
    experiment.events.push(event('Normal', 'Created', `Experiment ${name} is created`, created));
    this.experiments.set(this.key(ns, name), experiment);
    this.describe(experiment);
    return experiment;
  }

  /** A new trial; `at` is when it was created. */
  add_trial(experiment, at = Date.now()) {
    const {random, summary, trials} = experiment;
    const index = trials.size;
    const letters = Array.from({length: 8}, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
    const assignments = {
      eta: (0.01 * 50 ** random()).toPrecision(9), max_depth: String(2 + Math.floor(random() * 9)),
      subsample: (0.5 + random() / 2).toPrecision(9), lambda: (0.01 * 1000 ** random()).toPrecision(9),
      booster: random() < 0.5 ? 'gbtree' : 'dart',
    };
    const trial = {
      namespace: summary.namespace, experiment: summary.name, name: `${summary.name}-${letters}`, uid: `uid-${letters}`,
      resourceVersion: this.next(), index, state: 'Pending', reason: 'TrialPending',
      why: 'The pod waits for a place: 3 of 3 trials are running.', assignments, metrics: {}, objective: null,
      created: new Date(at).toISOString(), started: null, completed: null,
    };
    trials.set(trial.name, trial);
    experiment.observations.set(trial.name, []);
    experiment.logs.set(trial.name, []);
    return trial;
  }

  quality(trial) {
    const a = trial.assignments;
    return 0.02 + 0.05 * Math.abs(Math.log10(Number(a.eta)) + 0.9) + 0.008 * Math.abs(Number(a.max_depth) - 6)
      + 0.03 * Math.abs(Number(a.subsample) - 0.8) + 0.01 * Math.abs(Math.log10(Number(a.lambda)));
  }

  start(trial, at = Date.now()) {
    Object.assign(trial, {state: 'Running', reason: 'TrialRunning', why: 'Running.', started: new Date(at).toISOString(),
      resourceVersion: this.next()});
  }

  /** One round of training: a metric, an observation and a log line. */
  step(experiment, trial, step, at = Date.now()) {
    const noise = 1 + 0.04 * (experiment.random() - 0.5);
    const value = Number(((this.quality(trial) + 0.4 * Math.exp(-step / 7)) * noise).toPrecision(6));
    const time = new Date(at).toISOString();
    const items = [
      {metric: 'error', value, time, step}, {metric: 'train-error', value: Number((value * 0.8).toPrecision(6)), time, step},
    ];
    for (const {metric, value: v} of items) {
      const known = this.reported.get(trial) ?? {};
      const m = known[metric] ?? {min: v, max: v, latest: v};
      this.reported.set(trial, {...known, [metric]: {min: Math.min(m.min, v), max: Math.max(m.max, v), latest: v}});
    }
    experiment.observations.get(trial.name).push(...items);
    experiment.logs.get(trial.name).push(`[${step}]\terror=${value}\ttrain-error=${items[1].value}`);
    return items;
  }

  /** As a real server does: a trial has metrics of its own only once it is over. */
  finish(experiment, trial, outcome = null, at = Date.now()) {
    trial.metrics = this.reported.get(trial) ?? trial.metrics;
    trial.objective ??= trial.metrics.error?.min ?? null;
    const [state, reason, why] = outcome ?? ['Succeeded', 'TrialSucceeded', `Succeeded with error ${trial.objective}.`];
    if (state !== 'Succeeded' && state !== 'EarlyStopped') trial.objective = null;
    if (reason === 'NonZeroExit') experiment.logs.get(trial.name).push('\u001b[31mValueError: lambda must not be above 9.5\u001b[0m');
    Object.assign(trial, {state, reason, why, completed: new Date(at).toISOString(), resourceVersion: this.next()});
    const best = experiment.summary.best;
    if (trial.objective !== null && (!best || trial.objective < best.value)) {
      experiment.summary.best = {trial: trial.name, value: trial.objective, assignments: trial.assignments};
    }
  }

  failure(experiment) {
    return FAILURES[Math.floor(experiment.random() * FAILURES.length)];
  }

  /** Counts, state and the sentence, after trials changed. */
  describe(experiment) {
    const {summary, trials} = experiment;
    const counts = {...summary.counts, total: trials.size};
    for (const [field, state] of [['pending', 'Pending'], ['running', 'Running'], ['succeeded', 'Succeeded'],
      ['failed', 'Failed'], ['killed', 'Killed'], ['earlyStopped', 'EarlyStopped'],
      ['metricsUnavailable', 'MetricsUnavailable']]) {
      counts[field] = [...trials.values()].filter((t) => t.state === state).length;
    }
    summary.counts = counts;
    summary.resourceVersion = this.next();
    const done = trials.size - counts.pending - counts.running;
    if (summary.state === 'Running' && counts.max !== null && done >= counts.max) {
      Object.assign(summary, {state: 'Succeeded', reason: 'ExperimentMaxTrialsReached', completed: new Date().toISOString()});
      experiment.events.push(event('Normal', 'ExperimentMaxTrialsReached', `All ${counts.max} trials are done`));
    }
    summary.why = {
      Running: `Running: ${done} of ${counts.max} trials are done, ${counts.running} run now.`,
      Succeeded: `Succeeded: all ${counts.max} trials are done; the goal of error ≤ ${summary.objective.goal} was not reached.`,
      Failed: 'Failed: 4 trials failed, and maxFailedTrialCount allows 3. The last one was OOMKilled.',
      Suspended: 'Suspended by spec.suspend: no new trials start until it is resumed.',
      Created: 'Created: waiting for the first suggestion.',
    }[summary.state] ?? '';
  }

  /** Runs an experiment to `count` finished trials in the past, in one go. */
  fill(experiment, count, {failing = 0.08, steps = 12, keep_curves = true} = {}) {
    let at = Date.parse(experiment.summary.started);
    for (let i = 0; i < count; i++) {
      const trial = this.add_trial(experiment, at);
      this.start(trial, at + 500);
      const length = Math.round(6000 + experiment.random() * 20_000);
      if (keep_curves) {
        for (let step = 0; step < steps; step++) this.step(experiment, trial, step, at + 500 + (length * step) / steps);
      } else {
        trial.objective = Number((this.quality(trial) * (1 + 0.04 * (experiment.random() - 0.5))).toPrecision(6));
        trial.metrics = {error: {min: trial.objective, max: trial.objective * 2, latest: trial.objective}};
      }
      const draw = experiment.random();
      const outcome = draw < failing ? this.failure(experiment)
        : draw < failing + 0.06 ? ['EarlyStopped', 'TrialEarlyStopped', 'Stopped early at step 6: its error was above the median of 9 trials.'] : null;
      this.finish(experiment, trial, outcome, at + 500 + length);
      at += length / experiment.summary.counts.parallel;
    }
    this.describe(experiment);
  }

  object_of(experiment) {
    const s = experiment.summary;
    return {
      apiVersion: 'kubeflow.org/v1beta1', kind: 'Experiment',
      metadata: {name: s.name, namespace: s.namespace, uid: s.uid, resourceVersion: s.resourceVersion,
        creationTimestamp: s.created, managedFields: [{manager: 'kubectl'}]},
      spec: {
        objective: {type: 'minimize', goal: s.objective.goal, objectiveMetricName: 'error'},
        algorithm: {algorithmName: s.algorithm}, parallelTrialCount: s.counts.parallel, maxTrialCount: s.counts.max,
        parameters: s.parameters.map((p) => ({name: p.name, parameterType: p.type,
          feasibleSpace: p.list ? {list: p.list} : {min: p.min, max: p.max}})),
      },
      status: {
        conditions: [
          {type: 'Created', status: 'True', reason: 'ExperimentCreated', message: 'Experiment is created', lastTransitionTime: s.created},
          {type: s.state, status: 'True', reason: s.reason, message: s.why, lastTransitionTime: s.completed ?? s.started},
        ],
        trials: s.counts.total,
      },
    };
  }

  trial_object_of(trial) {
    const conditions = [{type: 'Created', status: 'True', reason: 'TrialCreated', message: 'Trial is created', lastTransitionTime: trial.created}];
    if (trial.started) conditions.push({type: 'Running', status: trial.completed ? 'False' : 'True', reason: 'TrialRunning', message: 'Trial is running', lastTransitionTime: trial.started});
    if (trial.completed) conditions.push({type: trial.state, status: 'True', reason: trial.reason, message: trial.why, lastTransitionTime: trial.completed});
    return {apiVersion: 'kubeflow.org/v1beta1', kind: 'Trial', metadata: {name: trial.name}, spec: {}, status: {conditions}};
  }

  trial_events_of(trial) {
    const events = [event('Normal', 'JobCreated', `Created Job ${trial.name}`, trial.created)];
    if (trial.started) {
      events.push(event('Normal', 'HostCommand', 'The image is not pulled: the command runs on this machine', trial.started));
      events.push(event('Normal', 'Started', 'Started container training', trial.started));
    }
    if (trial.state === 'Failed') events.push(event('Warning', trial.reason, trial.why, trial.completed));
    return events;
  }
}

export function event(type, reason, message, time = new Date().toISOString(), count = 1) {
  return {time, type, reason, message, count};
}

/** The experiments that the mock server starts with. */
export function make_model() {
  const model = new Model();
  const live = model.add({name: 'digits-xgboost', max: 40, age_ms: 150_000, seed: 7});
  model.fill(live, 14);
  live.summary.state = 'Running';
  model.fill(model.add({name: 'random-search', algorithm: 'tpe', max: 24, age_ms: 7_200_000, seed: 3}), 24);
  const failed = model.add({name: 'wide-net', algorithm: 'bayesianoptimization', max: 20, age_ms: 90_000_000, state: 'Failed', seed: 11});
  model.fill(failed, 6, {failing: 0.6});
  failed.summary.completed = new Date(Date.now() - 89_000_000).toISOString();
  const large = model.add({ns: 'research', name: 'ten-thousand', algorithm: 'cmaes', max: 10_000, parallel: 64, age_ms: 500_000_000, seed: 5});
  model.fill(large, 10_000, {keep_curves: false});
  const paused = model.add({ns: 'research', name: 'rag-chunks', algorithm: 'hyperband', max: null, age_ms: 600_000, state: 'Suspended', seed: 13, goal: null});
  model.fill(paused, 3);
  model.add({ns: 'research', name: 'just-created', algorithm: 'grid', max: 12, age_ms: 2000, state: 'Created', seed: 17});
  return model;
}

/** Moves one experiment: at most `parallel` trials run, each trains for `rounds`, and fails at any of them with `failing`. */
export class Simulation {
  steps = new Map();

  constructor(model, experiment, {rounds = 25, failing = 0.012} = {}) {
    Object.assign(this, {model, experiment, rounds, failing});
  }

  tick() {
    const {model, experiment} = this;
    const {summary, trials} = experiment;
    if (summary.state !== 'Running') return;
    const open = [...trials.values()].filter((t) => t.state === 'Pending' || t.state === 'Running');
    const room = Math.min(summary.counts.parallel - open.length, summary.counts.max - trials.size);
    for (let i = 0; i < room; i++) this.tell('ADDED', model.add_trial(experiment));
    for (const trial of open) this.advance(trial);
    model.describe(experiment);
    model.publish('experiment', {type: 'MODIFIED', summary});
  }

  advance(trial) {
    const {model, experiment} = this;
    if (trial.state === 'Pending') {
      model.start(trial);
      this.steps.set(trial.name, 0);
    } else {
      const step = this.steps.get(trial.name) ?? 0;
      const items = model.step(experiment, trial, step);
      this.steps.set(trial.name, step + 1);
      model.publish('observations', {trial: trial.name, experiment: trial.experiment, namespace: trial.namespace, items});
      if (step > 6 && experiment.random() < this.failing) model.finish(experiment, trial, model.failure(experiment));
      else if (step >= this.rounds) model.finish(experiment, trial);
      else return;
    }
    this.tell('MODIFIED', trial);
  }

  tell(type, trial) {
    this.model.publish('trial', {type, summary: trial});
  }
}
