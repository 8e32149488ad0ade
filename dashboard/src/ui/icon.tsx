// All icons, as strokes on a 16-unit grid. They are decoration beside a word, so screen readers skip them.
import type {JSX} from 'preact';
import type {StateIcon} from '../logic/states';

export type IconName = StateIcon | 'search' | 'sun' | 'moon' | 'auto' | 'up' | 'down' | 'right' | 'left' | 'columns'
  | 'live' | 'alert' | 'star' | 'trash' | 'exit' | 'copy' | 'close';

const PATHS: Record<IconName, string> = {
  check: 'M3.500 8.500l3 3 6-7',
  play: 'M5 3.500v9l7-4.500z',
  cross: 'M4.500 4.500l7 7M11.500 4.500l-7 7',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.200l2 1.300',
  pause: 'M5.500 4v8M10.500 4v8',
  stop: 'M4.500 4.500h7v7h-7z',
  skip: 'M4 4l5 4-5 4zM11.500 4v8',
  question: 'M5.800 6.200A2.200 2.200 0 1 1 8 8.500v1M8 12.200v.1',
  ban: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM3.900 3.900l8.200 8.200',
  redo: 'M12.500 8A4.500 4.500 0 1 1 8 3.500h3M9.200 1.500l2 2-2 2',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.300 10.300l3.200 3.200',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z',
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M10.500 3.200v9.600M12.500 5v6',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4L6 8l4 4',
  columns: 'M2.500 3.500h11v9h-11zM6.200 3.500v9M9.800 3.500v9',
  live: 'M8 6.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zM4.800 11.200a4.500 4.500 0 0 1 0-6.400M11.200 4.800a4.500 4.500 0 0 1 0 6.400M2.700 13.300a7.500 7.500 0 0 1 0-10.600M13.300 2.700a7.500 7.500 0 0 1 0 10.600',
  alert: 'M8 2.200l6.300 11.300H1.700zM8 6.500v3.200M8 11.600v.1',
  star: 'M8 2l1.800 3.800 4.200.5-3.100 2.900.8 4.100L8 11.300l-3.700 2 .8-4.100L2 6.300l4.200-.5z',
  trash: 'M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.800l.6-9',
  exit: 'M6.500 2.500h-4v11h4M6 8h7.500M10.500 5l3 3-3 3',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  close: 'M4 4l8 8M12 4l-8 8',
};

export function Icon({name, size = 16}: {name: IconName; size?: number}): JSX.Element {
  return (
    <svg class={`icon icon-${name}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
