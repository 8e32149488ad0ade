// A stand-in for `mizan serve` that the browser test and people at work on the dashboard use: it serves the built
// files under the real Content-Security-Policy and answers /rest/v1 from the mock model.
//   node tests/mock/server.mjs [--port 8090] [--dist DIR] [--tick 400]     (token: mock-token; viewer: viewer-token)
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {make_model, Simulation} from './model.mjs';

export const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
  + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.md': 'text/markdown; charset=utf-8'};
const ROLES = {'mock-token': 'admin', 'viewer-token': 'viewer'};

export class MockServer {
  constructor({dist, tick_ms = 400, simulation = {}}) {
    this.dist = dist;
    this.model = make_model();
    this.simulation = new Simulation(this.model, this.model.find('default', 'digits-xgboost'), simulation);
    this.http = createServer((request, response) => void this.answer(request, response));
    this.timer = tick_ms > 0 ? setInterval(() => this.simulation.tick(), tick_ms) : null;
    this.sse_opened = 0;
  }

  async listen(port = 0) {
    await new Promise((resolve) => this.http.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.http.address().port}`;
  }

  async close() {
    if (this.timer) clearInterval(this.timer);
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  async answer(request, response) {
    const url = new URL(request.url, 'http://localhost');
    try {
      if (!url.pathname.startsWith('/rest/')) return await this.file(url.pathname, response);
      return await this.rest(request, response, url);
    } catch (error) {
      return problem(response, 500, 'Internal error', String(error));
    }
  }

  async file(path, response) {
    const safe = normalize(path).replace(/^(\.\.[/\\])+/, '');
    const wanted = extname(safe) === '' ? '/index.html' : safe;
    const bytes = await readFile(join(this.dist, wanted)).catch(() => null);
    if (bytes === null) return problem(response, 404, 'Not found', path);
    response.writeHead(200, {
      'Content-Type': TYPES[extname(wanted)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP,
      'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer',
      'Cache-Control': wanted.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(bytes);
  }

  async rest(request, response, url) {
    const path = url.pathname.slice('/rest/v1'.length);
    if (path === '/session' && request.method === 'POST') return this.sign_in(request, response);
    const token = /mizan_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    const role = ROLES[token];
    if (!role) return problem(response, 401, 'Not signed in', 'Send a token to /rest/v1/session.');
    if (path === '/session') {
      if (request.method === 'DELETE') {
        response.writeHead(204, {'Set-Cookie': 'mizan_session=; Path=/; Max-Age=0'});
        return response.end();
      }
      return json(response, {user: role, role});
    }
    if (path === '/version') return json(response, {version: '0.1.0-mock'});
    if (path === '/events') return this.events(request, response, url);
    const all = [...this.model.experiments.values()];
    if (path === '/namespaces') return json(response, {namespaces: [...new Set(all.map((e) => e.summary.namespace))]});
    if (path === '/experiments') return json(response, this.list(all.map((e) => e.summary)));
    const [, , ns, , name, trials, trial, leaf] = path.split('/').map(decodeURIComponent);
    const experiment = this.model.find(ns, name);
    if (!experiment) return problem(response, 404, 'Not found', `experiments "${name}" not found in namespace "${ns}".`);
    if (request.method === 'DELETE') return this.delete(response, role, experiment);
    if (!trials) return json(response, {summary: experiment.summary, object: this.model.object_of(experiment), events: experiment.events});
    if (!trial) return json(response, this.list([...experiment.trials.values()]));
    return this.trial(request, response, url, experiment, trial, leaf);
  }

  trial(request, response, url, experiment, name, leaf) {
    const trial = experiment.trials.get(name);
    if (!trial) return problem(response, 404, 'Not found', `trials "${name}" not found.`);
    if (leaf === 'observations') return json(response, {items: experiment.observations.get(name)});
    if (leaf === 'log') return this.log(request, response, url, experiment, trial);
    return json(response, {summary: trial, object: this.model.trial_object_of(trial),
      events: this.model.trial_events_of(trial), pods: trial.started ? [`${name}-0`] : []});
  }

  list(items) {
    return {resourceVersion: String(this.model.version), items};
  }

  async sign_in(request, response) {
    let body = '';
    for await (const chunk of request) body += chunk;
    const {token} = JSON.parse(body);
    if (!ROLES[token]) return problem(response, 401, 'Not signed in', 'The token is not valid.');
    return json(response, {user: ROLES[token], role: ROLES[token]}, {
      'Set-Cookie': `mizan_session=${token}; Path=/; HttpOnly; SameSite=Strict`,
    });
  }

  delete(response, role, experiment) {
    if (role !== 'admin') return problem(response, 403, 'Forbidden', 'A viewer may not delete.');
    const {summary} = experiment;
    this.model.experiments.delete(this.model.key(summary.namespace, summary.name));
    this.model.next();
    this.model.publish('experiment', {type: 'DELETED', summary});
    return json(response, {});
  }

  events(request, response, url) {
    this.sse_opened += 1;
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store'});
    response.write('retry: 500\n\n');
    const namespace = url.searchParams.get('namespace');
    const name = url.searchParams.get('experiment');
    const listener = (version, kind, data) => {
      const of = data.summary ?? data;
      const experiment = kind === 'experiment' ? of.name : of.experiment;
      if ((namespace && of.namespace !== namespace) || (name && experiment !== name)) return;
      if (!name && kind === 'observations') return;
      response.write(`id: ${version}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const last = request.headers['last-event-id'];
    if (last) for (const [version, kind, data] of this.model.past) if (version > Number(last)) listener(version, kind, data);
    this.model.listeners.add(listener);
    const comment = setInterval(() => response.write(': still here\n\n'), 15_000);
    request.on('close', () => {
      this.model.listeners.delete(listener);
      clearInterval(comment);
    });
  }

  log(request, response, url, experiment, trial) {
    if (!trial.started) return problem(response, 404, 'Not found', 'The pod has not started.');
    response.writeHead(200, {'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store'});
    const lines = experiment.logs.get(trial.name);
    let sent = 0;
    const send = () => {
      if (sent < lines.length) response.write(lines.slice(sent).map((l) => `${l}\n`).join(''));
      sent = lines.length;
      if (!trial.completed && url.searchParams.get('follow') === 'true') return;
      clearInterval(timer);
      response.end();
    };
    const timer = setInterval(send, 150);
    request.on('close', () => clearInterval(timer));
    send();
  }
}

function json(response, body, headers = {}) {
  response.writeHead(200, {'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers});
  response.end(JSON.stringify(body));
}

function problem(response, status, title, detail) {
  response.writeHead(status, {'Content-Type': 'application/problem+json'});
  response.end(JSON.stringify({type: 'about:blank', title, status, detail, errors: []}));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {values} = parseArgs({options: {
    port: {type: 'string', default: '8090'}, tick: {type: 'string', default: '400'},
    dist: {type: 'string', default: fileURLToPath(new URL('../../../build/dashboard/dist', import.meta.url))},
  }});
  const server = new MockServer({dist: values.dist, tick_ms: Number(values.tick)});
  console.log(`${await server.listen(Number(values.port))}/#token=mock-token`);
}
