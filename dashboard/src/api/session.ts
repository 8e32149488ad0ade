// Who is signed in. The token travels once, to POST /session; afterwards a cookie that scripts can't read does the work.
import {signal} from '@preact/signals';
import {get, paths, post, Problem, remove, sentence_of, set_signed_out_handler} from './client';
import type {User} from './types';

export type Session =
  | {state: 'unknown'}
  | {state: 'out'; reason: string}
  | {state: 'unreachable'; reason: string}
  | {state: 'in'; user: string; role: string};

export const session = signal<Session>({state: 'unknown'});

/** The token in a link such as http://127.0.0.1:8080/#token=..., or null. */
export function token_in_fragment(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token ? token : null;
}

/** Signs in with the token of the link, else with the cookie of an earlier visit. */
export async function start_session(): Promise<void> {
  set_signed_out_handler(() => {
    if (session.value.state === 'in') session.value = {state: 'out', reason: 'Your session has ended. Sign in again.'};
  });
  const token = token_in_fragment(location.hash);
  if (token) {
    // The token must not stay in the address bar, in bookmarks or in a copied link.
    history.replaceState(history.state, '', location.pathname + location.search);
    await sign_in(token);
    return;
  }
  try {
    session.value = {state: 'in', ...(await get<User>(paths.session))};
  } catch (error) {
    session.value = error instanceof Problem && error.status === 401
      ? {state: 'out', reason: ''}
      : {state: 'unreachable', reason: sentence_of(error)};
  }
}

export async function sign_in(token: string): Promise<void> {
  try {
    session.value = {state: 'in', ...(await post<User>(paths.session, {token: token.trim()}))};
  } catch (error) {
    const refused = error instanceof Problem && (error.status === 401 || error.status === 403);
    session.value = {state: 'out', reason: refused ? 'This token is not valid on this server.' : sentence_of(error)};
  }
}

export async function sign_out(): Promise<void> {
  await remove(paths.session).catch(() => {});
  session.value = {state: 'out', reason: ''};
}

export function may_write(current: Session): boolean {
  return current.state === 'in' && current.role !== 'viewer';
}
