// Parallel coordinates: one line per trial across all parameters to the objective. Each axis has two handles that
// bound the range of interest; they are sliders for the keyboard and for screen readers too.
import {useSignal} from '@preact/signals';
import type {JSX, TargetedPointerEvent} from 'preact';
import {useEffect, useMemo, useRef} from 'preact/hooks';
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {format_count, plural} from '../logic/format';
import {full_ranges, is_within, label_at, parallel_of, type Axis, type Line, type Ranges} from '../logic/parallel';
import {theme, token} from '../ui/theme';
import {ChartFigure} from './chart_figure';
import {axis_x, axis_y, draw_parallel, type Box} from './parallel_canvas';

const HEIGHT = 320;
const AXIS_SPACE = 92;
const MANY = 50;
const SHARES = [['All', 1], ['Best 10 %', 0.1], ['Best 1 %', 0.01]] as const;

export function ParallelChart({experiment, trials}: {
  experiment: ExperimentSummary; trials: readonly TrialSummary[];
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useSignal(0);
  const data = useMemo(() => parallel_of(experiment, trials), [trials, experiment.uid, experiment.objective?.metric]);
  const count = data.axes.length;
  const chosen = useSignal<Ranges>(full_ranges(count));
  const ranges = chosen.value.length === count ? chosen.value : full_ranges(count);
  const box: Box = {width: Math.max(width.value, count * AXIS_SPACE), height: HEIGHT, top: 44, bottom: 26, side: 56};
  const share = useSignal(1);
  const is_shown = (line: Line) => is_within(line, ranges, share.value);
  const inside = useMemo(() => data.lines.filter(is_shown).length, [data, ranges, share.value]);
  const is_limited = share.value < 1 || ranges.some(([low, high]) => low > 0 || high < 1);

  useEffect(() => {
    const observer = new ResizeObserver(() => { width.value = place.current?.clientWidth ?? 0; });
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (!canvas.current || width.value === 0) return;
    draw_parallel(canvas.current, box, data, is_shown, experiment.best?.trial ?? null, {
      ramp: [token('ramp-0'), token('ramp-1'), token('ramp-2')], best: token('text'), faded: token('quiet'),
    });
  }, [data, ranges, share.value, width.value, theme.value, experiment.best?.trial]);

  const set_range = (index: number, low: number, high: number) => {
    chosen.value = ranges.map((r, i) => (i === index ? [Math.max(0, Math.min(low, high)), Math.min(1, Math.max(low, high))] as const : r));
  };
  const summary = is_limited
    ? `${format_count(inside)} of ${plural(data.lines.length, 'finished trial')} within what is chosen.`
    : `${plural(data.lines.length, 'finished trial')}; the better, the stronger the line, the best one bold. Drag along an axis to choose a range.`;

  return (
    <ChartFigure title="Parallel coordinates" summary={data.lines.length > 0 ? summary : 'No finished trial has a value yet.'}
      controls={
        <div class="chips" role="group" aria-label="Share of the trials">
          {data.lines.length >= MANY && SHARES.map(([title, value]) => (
            <button key={title} type="button" class="chip" aria-pressed={share.value === value}
              onClick={() => { share.value = value; }}>{title}</button>
          ))}
          {ranges.some(([low, high]) => low > 0 || high < 1) && (
            <button type="button" class="chip" onClick={() => { chosen.value = full_ranges(count); }}>Clear the ranges</button>
          )}
        </div>
      }>
      <div class="parallel-scroll" tabIndex={0} role="group" aria-label="Parallel coordinates, ranges per axis">
        <div ref={place} class="parallel" style={{minWidth: `${count * AXIS_SPACE}px`, height: `${HEIGHT}px`}}>
          <canvas ref={canvas} style={{width: `${box.width}px`, height: `${HEIGHT}px`}} aria-hidden="true" />
          {width.value > 0 && data.axes.map((axis, i) => (
            <AxisControl key={axis.title} axis={axis} box={box} x={axis_x(box, i, count)} range={ranges[i] ?? [0, 1]}
              set_range={(low, high) => set_range(i, low, high)} />
          ))}
        </div>
      </div>
    </ChartFigure>
  );
}

function AxisControl({axis, box, x, range, set_range}: {
  axis: Axis; box: Box; x: number; range: readonly [number, number]; set_range: (low: number, high: number) => void;
}): JSX.Element {
  const [low, high] = range;
  const start = useRef<number | null>(null);
  const height = box.height - box.top - box.bottom;
  const at_pointer = (event: TargetedPointerEvent<HTMLElement>) => {
    const rect = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - rect.top) / rect.height));
  };
  // Dragging along an axis draws a new range from where it began; a click clears it.
  const on_down = (event: TargetedPointerEvent<HTMLElement>) => {
    start.current = at_pointer(event);
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const on_move = (event: TargetedPointerEvent<HTMLElement>) => {
    if (start.current === null) return;
    const at = at_pointer(event);
    if (Math.abs(at - start.current) > 0.02) set_range(start.current, at);
  };
  const on_up = (event: TargetedPointerEvent<HTMLElement>) => {
    if (start.current !== null && Math.abs(at_pointer(event) - start.current) <= 0.02) set_range(0, 1);
    start.current = null;
  };
  const labels = axis.scale === 'ordinal' ? ordinal_labels(axis) : [0, 1].map((at) => ({at, text: label_at(axis, at)}));
  return (
    <div class="axis" style={{left: `${x}px`}}>
      <span class="axis-title" title={axis.title}>{axis.title}{axis.scale === 'log' && <span class="muted"> log</span>}</span>
      <div class="axis-line" style={{top: `${box.top}px`, height: `${height}px`}}
        onPointerDown={on_down} onPointerMove={on_move} onPointerUp={on_up}>
        {(low > 0 || high < 1) && <span class="axis-range" style={{top: `${(1 - high) * 100}%`, height: `${(high - low) * 100}%`}} />}
      </div>
      {labels.map(({at, text}) => (
        <span key={at} class={`axis-label${at === 1 && axis.scale !== 'ordinal' ? ' axis-label-top' : at === 0 && axis.scale !== 'ordinal' ? ' axis-label-bottom' : ''}`}
          style={{top: `${axis_y(box, at)}px`}}>{text}</span>
      ))}
      <Handle end="from" axis={axis} box={box} at={low} set={(at) => set_range(Math.min(at, high), high)} />
      <Handle end="to" axis={axis} box={box} at={high} set={(at) => set_range(low, Math.max(at, low))} />
    </div>
  );
}

const MAX_LABELS = 6;

function ordinal_labels(axis: Axis): Array<{at: number; text: string}> {
  const last = axis.labels.length - 1;
  if (last <= 0) return axis.labels.map((text) => ({at: 0.5, text}));
  const every = Math.ceil(axis.labels.length / MAX_LABELS);
  return axis.labels.map((text, i) => ({at: i / last, text: text === '' ? '–' : text})).filter((_, i) => i % every === 0);
}

function Handle({end, axis, box, at, set}: {
  end: 'from' | 'to'; axis: Axis; box: Box; at: number; set: (at: number) => void;
}): JSX.Element {
  const step = axis.scale === 'ordinal' && axis.labels.length > 1 ? 1 / (axis.labels.length - 1) : 0.05;
  const on_key = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowUp: at + step, ArrowRight: at + step, ArrowDown: at - step, ArrowLeft: at - step, Home: 0, End: 1,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set(Math.min(1, Math.max(0, next)));
  };
  return (
    <span class={`axis-handle axis-handle-${end}`} role="slider" tabIndex={0} style={{top: `${axis_y(box, at)}px`}}
      aria-label={`${axis.title} ${end}`} aria-orientation="vertical" aria-valuemin={0} aria-valuemax={100}
      aria-valuenow={Math.round(at * 100)} aria-valuetext={label_at(axis, at)} onKeyDown={on_key} />
  );
}
