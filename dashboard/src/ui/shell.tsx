// What every page has: the bar with the way back, whether the page is live, the theme and the user.
import type {ComponentChildren, JSX} from 'preact';
import {session, sign_out} from '../api/session';
import {connection} from '../live/stream';
import {links} from './address';
import {Icon, type IconName} from './icon';
import {choose_theme, theme_choice, type ThemeChoice} from './theme';

export interface Crumb {
  text: string;
  href?: string;
}

export function Shell({crumbs, children}: {crumbs: Crumb[]; children: ComponentChildren}): JSX.Element {
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <header class="bar">
        <a class="brand" href={links.experiments} aria-label="mizan, all experiments">
          <Logo />
          <span>mizan</span>
        </a>
        <nav class="crumbs" aria-label="Breadcrumb">
          <ol>
            {crumbs.map((crumb, i) => (
              <li key={crumb.text}>
                {crumb.href && i < crumbs.length - 1
                  ? <a href={crumb.href}>{crumb.text}</a>
                  : <span aria-current="page">{crumb.text}</span>}
              </li>
            ))}
          </ol>
        </nav>
        <div class="bar-end">
          <LiveSign />
          <ThemeButton />
          <UserSign />
        </div>
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
    </>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 5v21M10 27h12M6 9.500l20-3" />
      <path class="pan" d="M6 9.500 2.500 18a4 4 0 0 0 7 0zM26 6.500 22.500 15a4 4 0 0 0 7 0z" />
    </svg>
  );
}

function LiveSign(): JSX.Element {
  const state = connection.value;
  const words = {connecting: 'Connecting', live: 'Live', reconnecting: 'Reconnecting'}[state];
  const title = state === 'live' ? 'Changes appear by themselves' : 'Changes may be missing until the server answers';
  return (
    <span class={`live live-${state}`} role="status" title={title}>
      <Icon name={state === 'live' ? 'live' : 'redo'} size={14} />
      <span class="live-word">{words}</span>
    </span>
  );
}

const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = {auto: 'light', light: 'dark', dark: 'auto'};
const THEME_ICONS: Record<ThemeChoice, IconName> = {auto: 'auto', light: 'sun', dark: 'moon'};
const THEME_WORDS: Record<ThemeChoice, string> = {auto: 'as the system', light: 'light', dark: 'dark'};

export function ThemeButton(): JSX.Element {
  const choice = theme_choice.value;
  const label = `Theme: ${THEME_WORDS[choice]}. Switch to ${THEME_WORDS[NEXT_THEME[choice]]}`;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label}
      onClick={() => choose_theme(NEXT_THEME[choice])}>
      <Icon name={THEME_ICONS[choice]} />
    </button>
  );
}

function UserSign(): JSX.Element | null {
  const current = session.value;
  if (current.state !== 'in') return null;
  return (
    <span class="user">
      <span class="user-name">{current.user}{current.role !== current.user && <span class="muted"> · {current.role}</span>}</span>
      <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick={() => void sign_out()}>
        <Icon name="exit" />
      </button>
    </span>
  );
}
