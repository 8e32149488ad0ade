// The door: a token, typed once per browser.
import {useSignal} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import {session, sign_in, start_session} from '../api/session';
import {Icon} from '../ui/icon';
import {Logo, ThemeButton} from '../ui/shell';

export function LoginPage(): JSX.Element {
  const current = session.value;
  const token = useSignal('');
  const busy = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => { document.title = 'Sign in · mizan'; input.current?.focus(); }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    await sign_in(token.value);
    busy.value = false;
  };
  const reason = current.state === 'out' || current.state === 'unreachable' ? current.reason : '';
  return (
    <main class="login" id="main">
      <div class="login-card">
        <div class="login-head"><Logo /><h1>mizan</h1><ThemeButton /></div>
        {current.state === 'unreachable'
          ? (
            <div role="alert" class="message message-bad">
              <Icon name="alert" /><span>{reason}</span>
              <button type="button" class="button" onClick={() => void start_session()}>Try again</button>
            </div>
          )
          : (
            <form onSubmit={(e) => void submit(e)}>
              <label for="token">Access token</label>
              <input ref={input} id="token" type="password" autocomplete="current-password" spellcheck={false} required
                value={token.value} aria-describedby="token-help" aria-invalid={reason !== ''}
                onInput={(e) => { token.value = e.currentTarget.value; }} />
              {reason && <p role="alert" class="message message-bad"><Icon name="alert" /><span>{reason}</span></p>}
              <button type="submit" class="button button-main" disabled={busy.value || token.value.trim() === ''}>
                {busy.value ? 'Signing in…' : 'Sign in'}
              </button>
              <p id="token-help" class="muted small">
                <code>mizan serve</code> prints a link that signs you in, and keeps the token as <code>admin.token</code> in
                its data directory.
              </p>
            </form>
          )}
      </div>
    </main>
  );
}
