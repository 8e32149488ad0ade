// Light, dark, or as the system has it. Charts draw on canvas and need to know which one is in force.
import {computed, signal} from '@preact/signals';

export type ThemeChoice = 'auto' | 'light' | 'dark';

const KEY = 'mizan.theme';
const system_is_dark = signal(false);

export const theme_choice = signal<ThemeChoice>('auto');
export const theme = computed(() =>
  theme_choice.value === 'auto' ? (system_is_dark.value ? 'dark' : 'light') : theme_choice.value);

export function start_theme(): void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  system_is_dark.value = query.matches;
  query.addEventListener('change', (e) => { system_is_dark.value = e.matches; });
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') theme_choice.value = chosen;
}

export function choose_theme(choice: ThemeChoice): void {
  theme_choice.value = choice;
  if (choice === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
  try {
    if (choice === 'auto') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Refused storage: the choice lasts as long as the page.
  }
}

/** The value of a colour token now; reading `theme` makes the caller follow changes. */
export function token(name: string): string {
  void theme.value;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
