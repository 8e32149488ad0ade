// The legend's small copy of a chart mark.
import type {JSX} from 'preact';

const SHAPES: Record<string, string> = {
  circle: 'M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  emptyCircle: 'M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM8 5.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z',
  diamond: 'M8 3l5 5-5 5-5-5z',
  triangle: 'M8 3.500l5 9H3z',
  rect: 'M4.500 4.500h7v7h-7z',
};

export function MarkSign({symbol, tone}: {symbol: string; tone: string}): JSX.Element {
  const path = symbol.startsWith('path://') ? symbol.slice('path://'.length) : SHAPES[symbol] ?? SHAPES['circle'];
  const box = symbol.startsWith('path://') ? '-2 -2 20 20' : '0 0 16 16';
  return (
    <svg class={`mark text-${tone}`} width="14" height="14" viewBox={box} aria-hidden="true">
      <path d={path} fill-rule="evenodd" />
    </svg>
  );
}
