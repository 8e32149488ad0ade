// A state as icon and word.
import type {JSX} from 'preact';
import {look_of} from '../logic/states';
import {Icon} from './icon';

export function StateBadge({state, large = false}: {state: string; large?: boolean}): JSX.Element {
  const look = look_of(state);
  return (
    <span class={`badge tone-${look.tone}${large ? ' badge-large' : ''}`}>
      <Icon name={look.icon} size={large ? 16 : 14} />
      {look.word}
    </span>
  );
}
