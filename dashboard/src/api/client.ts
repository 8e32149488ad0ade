// Talks to /rest/v1. Every failure becomes a Problem: one sentence for people, the status for code.

export interface ProblemField {
  pointer?: string;
  detail: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fields: ProblemField[] = [],
  ) {
    super(detail ? `${title}: ${detail}` : title);
    this.name = 'Problem';
  }
}

let on_signed_out: () => void = () => {};

/** Called whenever the server answers 401: the session is over. */
export function set_signed_out_handler(handler: () => void): void {
  on_signed_out = handler;
}

const UNREACHABLE = 'The server does not answer';

export async function problem_of(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  try {
    const body = JSON.parse(text) as {title?: string; detail?: string; errors?: ProblemField[]};
    return new Problem(response.status, body.title ?? response.statusText, body.detail ?? '', body.errors ?? []);
  } catch {
    return new Problem(response.status, response.statusText || `HTTP ${response.status}`, text.slice(0, 300));
  }
}

/** The response if it is 2xx; throws a Problem otherwise. */
export async function open(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {credentials: 'same-origin', ...init});
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, UNREACHABLE, 'Check that "mizan serve" is running at this address.');
  }
  if (response.ok) return response;
  if (response.status === 401) on_signed_out();
  throw await problem_of(response);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await open(path, {headers: {Accept: 'application/json'}, ...(signal ? {signal} : {})});
  return (await response.json()) as T;
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await open(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', Accept: 'application/json'},
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await open(path, {method: 'DELETE'});
}

const segment = encodeURIComponent;

export const paths = {
  session: '/rest/v1/session',
  version: '/rest/v1/version',
  namespaces: '/rest/v1/namespaces',
  experiments: '/rest/v1/experiments',
  experiment: (ns: string, name: string) => `/rest/v1/namespaces/${segment(ns)}/experiments/${segment(name)}`,
  trials: (ns: string, name: string) => `${paths.experiment(ns, name)}/trials`,
  trial: (ns: string, name: string, trial: string) => `${paths.trials(ns, name)}/${segment(trial)}`,
  observations: (ns: string, name: string, trial: string) => `${paths.trial(ns, name, trial)}/observations`,
  log: (ns: string, name: string, trial: string) => `${paths.trial(ns, name, trial)}/log?follow=true`,
};

/** What a person reads when something went wrong. */
export function sentence_of(error: unknown): string {
  if (error instanceof Problem) {
    const fields = error.fields.map((f) => (f.pointer ? `${f.pointer}: ${f.detail}` : f.detail)).join('; ');
    return [error.message, fields].filter(Boolean).join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}
