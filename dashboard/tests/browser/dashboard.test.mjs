// The dashboard in a real Chromium: against the mock server, or with MIZAN_URL and MIZAN_TOKEN against a running mizan.
// Every page is checked for violations of the Content-Security-Policy, errors in the console, accessibility (axe, light
// and dark) and sideways scrolling at 360 px.
import assert from 'node:assert/strict';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {chromium} from 'playwright-core';
import {MockServer} from '../mock/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.MIZAN_DASHBOARD_DIST ?? join(here, '../../../build/dashboard/dist');
const axe = readFileSync(join(here, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const real = process.env.MIZAN_URL ? {url: process.env.MIZAN_URL.replace(/\/$/, ''), token: process.env.MIZAN_TOKEN ?? ''} : null;
const only_mock = real ? {skip: 'needs the mock server'} : {};
const only_dist = existsSync(dist) ? {} : {skip: 'needs the built files'};

const CHROMIUM_FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

let mock = null;
let browser;
let base;
let token;
/** Names of things that exist, taken from the API. */
let known;

before(async () => {
  if (real) {
    ({url: base, token} = real);
  } else {
    // Its running trials never end by themselves, so that no test depends on how fast the machine is.
    mock = new MockServer({dist, tick_ms: 150, simulation: {rounds: Infinity, failing: 0}});
    mock.simulation.tick();
    base = await mock.listen();
    token = 'mock-token';
  }
  browser = await chromium.launch({executablePath: process.env.MIZAN_CHROMIUM ?? '/usr/bin/chromium', args: CHROMIUM_FLAGS});
  known = await discover();
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

/** A page that remembers what went wrong in it. */
async function open_page({width = 1280, height = 800, scheme = 'light', signed_in = true} = {}) {
  const context = await browser.newContext({viewport: {width, height}, colorScheme: scheme, ignoreHTTPSErrors: true});
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A 401 before signing in is how the page learns that it must; the browser logs it by itself.
    if (message.type() === 'error' && !/status of 401/.test(message.text())) page.problems.push(`console: ${message.text()}`);
  });
  if (signed_in) {
    await page.goto(`${base}/#token=${token}`);
    await page.getByRole('heading', {name: 'Experiments', level: 1}).waitFor();
  }
  return page;
}

async function close_clean(page) {
  await page.context().close();
  assert.deepEqual(page.problems, []);
}

async function discover() {
  const headers = {'Content-Type': 'application/json'};
  const session = await fetch(`${base}/rest/v1/session`, {method: 'POST', headers, body: JSON.stringify({token})});
  assert.equal(session.status, 200, 'the token signs in');
  const cookie = session.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ');
  const get = async (path) => (await fetch(`${base}/rest/v1${path}`, {headers: {cookie}})).json();
  const experiments = (await get('/experiments')).items;
  assert.ok(experiments.length > 0, 'the server has an experiment to look at');
  const experiment = mock ? experiments.find((e) => e.name === 'digits-xgboost')
    : experiments.toSorted((a, b) => b.counts.total - a.counts.total)[0];
  const trials = (await get(`/namespaces/${experiment.namespace}/experiments/${experiment.name}/trials`)).items;
  assert.ok(trials.length > 0, 'the experiment has a trial to look at');
  const failed = mock ? [...mock.model.find('default', 'wide-net').trials.values()].find((t) => t.state === 'Failed')
    : trials.find((t) => t.state === 'Failed');
  return {experiment, trial: trials.find((t) => t.state === 'Succeeded') ?? trials[0], failed};
}

const experiment_path = (tab = '') => `/experiments/${known.experiment.namespace}/${known.experiment.name}${tab}`;
const trial_path = () => experiment_path(`/trials/${known.trial.name}`);

async function axe_violations(page) {
  // Injected by the debugger, so the page's policy does not apply to it.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const {violations} = await globalThis.axe.run(document, {resultTypes: ['violations']});
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).slice(0, 3).join(' | ')}`);
  });
}

const PAGES = [
  ['experiments', () => '/', (page) => page.getByRole('table', {name: 'Experiments'}).waitFor()],
  ['overview', () => experiment_path(), (page) => page.locator('.chart canvas').first().waitFor()],
  ['trials', () => experiment_path('/trials'), (page) => page.getByRole('table', {name: 'Trials'}).waitFor()],
  ['YAML', () => experiment_path('/yaml'), (page) => page.locator('pre.yaml').waitFor()],
  ['events', () => experiment_path('/events'), (page) => page.getByRole('region', {name: 'Events'}).waitFor()],
  ['trial', trial_path, (page) => page.getByRole('region', {name: 'Log'}).waitFor()],
  ['missing', () => '/experiments/default/there-is-no-such-experiment', (page) => page.getByText('There is no experiment').waitFor()],
];

describe('every page', () => {
  for (const scheme of ['light', 'dark']) {
    test(`is accessible in the ${scheme} theme`, async () => {
      const page = await open_page({scheme});
      for (const [name, path, ready] of PAGES) {
        await page.goto(base + path());
        await ready(page);
        assert.deepEqual(await axe_violations(page), [], name);
      }
      page.problems = page.problems.filter((p) => !/status of 404/.test(p));
      await close_clean(page);
    });
  }

  test('fits a phone of 360 px without sideways scrolling', async () => {
    const page = await open_page({width: 360, height: 740});
    for (const [name, path, ready] of PAGES) {
      await page.goto(base + path());
      await ready(page);
      const surplus = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(surplus <= 0, `${name} is ${surplus} px too wide`);
      assert.deepEqual(await axe_violations(page), [], name);
    }
    await page.context().close();
  });
});

describe('signing in', () => {
  test('a token in the link signs in and leaves the address bar', async () => {
    const page = await open_page({signed_in: false});
    await page.goto(`${base}${experiment_path()}#token=${token}`);
    await page.getByRole('heading', {name: known.experiment.name, level: 1}).waitFor();
    assert.equal(new URL(page.url()).hash, '');
    await close_clean(page);
  });

  test('without a session every address shows the login, and keeps its place', async () => {
    const page = await open_page({signed_in: false});
    await page.goto(base + experiment_path());
    const field = page.getByLabel('Access token');
    await field.fill('wrong');
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.getByRole('alert').getByText('not valid').waitFor();
    assert.deepEqual(await axe_violations(page), []);
    await field.fill(token);
    await field.press('Enter');
    await page.getByRole('heading', {name: known.experiment.name, level: 1}).waitFor();
    await page.reload();
    await page.getByRole('heading', {name: known.experiment.name, level: 1}).waitFor();
    await page.getByRole('button', {name: 'Sign out'}).click();
    await field.waitFor();
    await page.context().close();
  });
});

describe('finding the way', () => {
  test('from the list to an experiment to a trial and back, by keyboard', async () => {
    const page = await open_page();
    await page.getByRole('searchbox').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(known.experiment.name);
    const link = page.getByRole('link', {name: known.experiment.name, exact: true}).first();
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: known.experiment.name, level: 1}).waitFor();
    await page.getByRole('link', {name: /^Trials/}).press('Enter');
    const row = page.getByRole('table', {name: 'Trials'}).getByRole('link').first();
    await row.press('Enter');
    await page.getByRole('region', {name: 'Parameters and metrics'}).waitFor();
    await page.goBack();
    await page.getByRole('table', {name: 'Trials'}).waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('heading', {name: 'Experiments', level: 1}).waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), known.experiment.name);
    await close_clean(page);
  });

  test('filter, order and columns are in the address', async () => {
    const page = await open_page();
    await page.goto(`${base}${experiment_path('/trials')}?filter=index%3E0&sort=index&columns=index,state`);
    const table = page.getByRole('table', {name: 'Trials'});
    await table.waitFor();
    assert.deepEqual(await table.getByRole('columnheader').allTextContents(), ['#', 'Trial', 'State']);
    assert.equal(await table.getByRole('columnheader').first().getAttribute('aria-sort'), 'ascending');
    await table.getByRole('button', {name: '#'}).click();
    assert.match(page.url(), /sort=-index/);
    await page.getByRole('searchbox').fill('nothing<1');
    await page.getByText('There is no column "nothing"').waitFor();
    await close_clean(page);
  });

  test('an unknown address says so', async () => {
    const page = await open_page();
    await page.goto(`${base}/nowhere`);
    await page.getByText('There is no such page').waitFor();
    await close_clean(page);
  });

  test('the theme that was chosen stays', async () => {
    const page = await open_page();
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole('button', {name: /^Theme/}).click();
    await page.getByRole('button', {name: /^Theme/}).click();
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await page.getByRole('heading', {name: 'Experiments', level: 1}).waitFor();
    assert.equal(await background(), dark);
    await close_clean(page);
  });
});

describe('a trial', () => {
  test('shows its parameters, its metrics and its log', async () => {
    const page = await open_page();
    await page.goto(base + trial_path());
    const values = page.getByRole('region', {name: 'Parameters and metrics'});
    for (const name of Object.keys(known.trial.assignments)) await values.getByText(name, {exact: true}).waitFor();
    await page.locator('.plot canvas').or(page.getByText('This trial reported no metric')).first().waitFor();
    await page.getByRole('region', {name: 'Log'}).locator('pre, .placeholder').first().waitFor();
    await close_clean(page);
  });

  test('says why at the top, above all when it failed', async () => {
    const trial = known.failed ?? known.trial;
    assert.ok(trial.why.length > 0);
    const page = await open_page();
    await page.goto(`${base}/experiments/${trial.namespace}/${trial.experiment}/trials/${trial.name}`);
    await page.locator('header p.why').getByText(trial.why).waitFor();
    await close_clean(page);
  });
});

function add_trial() {
  const trial = mock.model.add_trial(mock.model.find('default', 'digits-xgboost'));
  mock.model.publish('trial', {type: 'ADDED', summary: trial});
  return trial;
}

/** Waits until the trials table has so many rows below its head. */
async function rows_are(page, count) {
  await page.waitForFunction(
    (n) => document.querySelector('[role=table]')?.getAttribute('aria-rowcount') === String(n), count + 1);
}

/** A request to the running server as an API client sends it, not as the page does. */
async function call(method, path, body) {
  const answer = await fetch(`${base}${path}`, {
    method, headers: {'Content-Type': 'application/json', Authorization: `Bearer ${token}`}, body: body && JSON.stringify(body)});
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

describe('live, with the running server', {skip: real ? false : 'needs MIZAN_URL'}, () => {
  test('an experiment, its trial and its best value appear without a reload', async () => {
    const name = `seen-live-${Date.now()}`;
    const experiments = '/rest/v1/namespaces/default/experiments';
    const page = await open_page();
    await call('POST', experiments, {
      apiVersion: 'kubeflow.org/v1beta1', kind: 'Experiment', metadata: {name},
      spec: {objective: {type: 'minimize', objectiveMetricName: 'loss'}, algorithm: {algorithmName: 'random'},
        parameters: [{name: 'lr', parameterType: 'double', feasibleSpace: {min: '0.001', max: '0.1'}}],
        trialTemplate: {client: {}}}});
    await page.getByRole('link', {name}).click();
    await page.getByRole('heading', {name, level: 1}).waitFor();
    const {trials: [trial]} = await call('POST', `${experiments}/${name}:ask`, {count: 1, waitSeconds: 30});
    await page.getByRole('link', {name: /^Trials\s*1/}).waitFor();
    await call('POST', `${experiments}/${name}/trials/${trial.name}:tell`, {metrics: {loss: 0.271828}});
    await page.getByText('0.27183').first().waitFor();
    await call('DELETE', `/apis/kubeflow.org/v1beta1/namespaces/default/experiments/${name}`);
    await close_clean(page);
  });
});

describe('live', only_mock, () => {
  test('the list, the trials, the curve and the log move without a reload, over one stream per page', async () => {
    const page = await open_page();
    const streams = [];
    page.on('request', (request) => { if (request.url().includes('/rest/v1/events')) streams.push(request); });
    await page.goto(base + experiment_path('/trials'));
    const table = page.getByRole('table', {name: 'Trials'});
    await table.waitFor();
    add_trial();
    await rows_are(page, mock.model.find('default', 'digits-xgboost').trials.size);
    assert.equal(streams.length, 1);
    const running = [...mock.model.find('default', 'digits-xgboost').trials.values()].find((t) => t.state === 'Running');
    await page.goto(base + experiment_path(`/trials/${running.name}`));
    const log = page.locator('pre.log');
    await log.waitFor();
    const length = (await log.textContent()).length;
    await page.waitForFunction((n) => document.querySelector('pre.log').textContent.length > n, length);
    const caption = () => page.locator('figure figcaption').first().textContent();
    const first = await caption();
    await page.waitForFunction((text) => document.querySelector('figure figcaption').textContent !== text, first);
    await close_clean(page);
  });

  test('a lost connection is said, and nothing is missed or doubled after it', async () => {
    const page = await open_page();
    await page.goto(base + experiment_path('/trials'));
    const table = page.getByRole('table', {name: 'Trials'});
    await table.waitFor();
    await page.getByRole('status').getByText('Live').waitFor();
    const experiment = mock.model.find('default', 'digits-xgboost');
    mock.http.closeAllConnections();
    await page.getByRole('status').getByText('Reconnecting').waitFor();
    const late = add_trial();
    await page.getByRole('status').getByText('Live').waitFor();
    await rows_are(page, experiment.trials.size);
    await page.getByRole('searchbox').fill(late.name.slice(-8)); // the table draws only the rows in sight
    await table.getByText(late.name.slice(-8)).waitFor();
    page.problems = page.problems.filter((p) => !/ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION/.test(p));
    await close_clean(page);
  });

  test('a deleted experiment leaves the list and its page says so', async () => {
    const watcher = await open_page();
    const page = await open_page();
    await page.goto(`${base}/experiments/research/rag-chunks`);
    await page.getByRole('button', {name: 'Delete', exact: true}).click();
    assert.deepEqual(await axe_violations(page), []);
    await page.getByRole('button', {name: 'Delete experiment'}).click();
    await page.getByRole('heading', {name: 'Experiments', level: 1}).waitFor();
    await watcher.getByRole('link', {name: 'rag-chunks', exact: true}).waitFor({state: 'detached'});
    await close_clean(watcher);
    await close_clean(page);
  });

  test('a viewer is offered no deletion', async () => {
    const page = await open_page({signed_in: false});
    await page.goto(`${base}${experiment_path()}#token=viewer-token`);
    await page.getByRole('heading', {name: known.experiment.name, level: 1}).waitFor();
    assert.equal(await page.getByRole('button', {name: 'Delete', exact: true}).count(), 0);
    await close_clean(page);
  });

  test('a thousand changes in a burst end in the last one, and the page answers meanwhile', async () => {
    const page = await open_page();
    await page.goto(base + experiment_path('/trials'));
    const table = page.getByRole('table', {name: 'Trials'});
    await table.waitFor();
    const trial = add_trial();
    const row = table.getByRole('row').filter({hasText: trial.name.slice(-8)});
    for (let i = 0; i < 1000; i++) {
      Object.assign(trial, {resourceVersion: mock.model.next(), state: i % 2 === 0 ? 'Running' : 'Pending'});
      mock.model.publish('trial', {type: 'MODIFIED', summary: trial});
      if (i === 500) await page.getByRole('searchbox').fill(trial.name.slice(-8));
    }
    mock.model.finish(mock.model.find('default', 'digits-xgboost'), trial, ['Killed', 'Burst', 'The burst is over.']);
    mock.model.publish('trial', {type: 'MODIFIED', summary: trial});
    await row.getByText('Killed').waitFor();
    await page.getByText(/^1 of /).waitFor();
    await close_clean(page);
  });
});

describe('ten thousand trials', only_mock, () => {
  test('are a table of few rows that sorts, filters and reaches its end', async () => {
    const page = await open_page();
    await page.goto(`${base}/experiments/research/ten-thousand/trials`);
    const table = page.getByRole('table', {name: 'Trials'});
    await table.waitFor();
    assert.equal(await table.getAttribute('aria-rowcount'), '10001');
    assert.ok(await table.getByRole('row').count() < 80);
    await table.getByRole('button', {name: 'error'}).click();
    await page.locator('.trials').evaluate((e) => { e.scrollTop = e.scrollHeight; });
    await page.locator('[aria-rowindex="10001"]').waitFor();
    assert.ok(await table.getByRole('row').count() < 80);
    await page.getByRole('searchbox').fill('eta<0.02 state=Succeeded');
    await page.getByText(/ of 10.000 trials/).waitFor();
    await close_clean(page);
  });

  test('are drawn as history and as parallel coordinates', async () => {
    const page = await open_page();
    await page.goto(`${base}/experiments/research/ten-thousand`);
    await page.locator('.chart canvas').first().waitFor();
    await page.getByRole('button', {name: 'Best 1 %', exact: true}).click();
    await page.getByText(/of .* finished trials within what is chosen/).waitFor();
    const slider = page.getByRole('slider', {name: 'eta from'});
    await slider.focus();
    await slider.press('ArrowUp');
    assert.equal(await slider.getAttribute('aria-valuenow'), '5');
    await close_clean(page);
  });
});

test('the script before the first paint stays below 60 kB compressed', only_dist, () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map((m) => m[1]);
  assert.ok(first.length > 0);
  const size = first.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), {level: 6}).length, 0);
  assert.ok(size < 60_000, `${first.join(', ')}: ${size} bytes`);
});

test('no built file holds inline script or style, or points elsewhere', only_dist, () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  assert.doesNotMatch(html, /<style|style=|<script(?![^>]*\ssrc=)|https?:/);
  const css = readdirSync(join(dist, 'assets')).filter((f) => f.endsWith('.css'));
  for (const file of css) assert.doesNotMatch(readFileSync(join(dist, 'assets', file), 'utf8'), /url\((?!["']?\/assets\/)/);
});
