// The curve of one metric over steps or time, live: uPlot redraws thousands of points within a frame.
import {useSignal} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import type UPlot from 'uplot';
import type {Curve} from '../logic/curves';
import {format_duration, format_number, plural} from '../logic/format';
import {theme, token} from '../ui/theme';
import {ChartFigure} from './chart_figure';

const HEIGHT = 260;

export function CurveChart({curves, objective, is_live}: {
  curves: Curve[]; objective: string | null; is_live: boolean;
}): JSX.Element {
  const chosen = useSignal<string | null>(null);
  const as_table = useSignal(false);
  const curve = curves.find((c) => c.metric === chosen.value) ?? curves[0];
  return (
    <ChartFigure title="Metric curve" summary={curve ? summary_of(curve, objective) : 'No values yet.'} controls={
      curve && (
        <button type="button" class="chip" aria-pressed={as_table.value}
          onClick={() => { as_table.value = !as_table.value; }}>As table</button>
      )
    }>
      {curves.length > 1 && (
        <div class="chips" role="group" aria-label="Metric">
          {curves.map((c) => (
            <button key={c.metric} type="button" class="chip" aria-pressed={c === curve}
              onClick={() => { chosen.value = c.metric; }}>{c.metric}</button>
          ))}
        </div>
      )}
      {!curve && (
        <p class="placeholder">
          {is_live ? 'Waiting for the first metric. Lines such as "loss=0.41" in the log become points here.'
            : 'This trial reported no metric.'}
        </p>
      )}
      {curve && !as_table.value && <Plot key={`${curve.metric}${curve.axis}`} curve={curve} />}
      {curve && as_table.value && <CurveTable curve={curve} />}
    </ChartFigure>
  );
}

function Plot({curve}: {curve: Curve}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const ready = useSignal(0);
  const is_dark = theme.value;

  useEffect(() => {
    let alive = true;
    const observer = new ResizeObserver(() => {
      if (place.current) plot.current?.setSize({width: place.current.clientWidth, height: HEIGHT});
    });
    void import('./uplot').then(({default: UPlotClass}) => {
      if (!alive || !place.current) return;
      plot.current = new UPlotClass(options(curve, place.current.clientWidth), [curve.x, curve.y], place.current);
      observer.observe(place.current);
      ready.value += 1;
    });
    return () => {
      alive = false;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [is_dark]);

  useEffect(() => { plot.current?.setData([curve.x, curve.y]); }, [curve, ready.value]);

  return <div ref={place} class="plot" role="img" aria-label={`Curve of ${curve.metric}. ${summary_of(curve, null)}`} />;
}

function options(curve: Curve, width: number): UPlot.Options {
  const muted = token('muted');
  const axis: UPlot.Axis = {
    stroke: muted, font: '11px "Inter Variable"', labelFont: '11px "Inter Variable"',
    grid: {stroke: token('border'), width: 1}, ticks: {show: false},
  };
  const is_seconds = curve.axis === 'seconds';
  return {
    width, height: HEIGHT,
    scales: {x: {time: false}},
    cursor: {y: false, points: {size: 7}},
    legend: {live: true, markers: {show: false}},
    axes: [
      {...axis, label: is_seconds ? 'since the first value' : 'step', labelSize: 18, size: 34,
        values: (_, ticks) => ticks.map((t) => (is_seconds ? format_duration(t * 1000) : format_number(t)))},
      {...axis, size: 58, values: (_, ticks) => ticks.map((t) => format_number(t))},
    ],
    series: [
      {label: is_seconds ? 'time' : 'step',
        value: (_, v) => (v === null ? '–' : is_seconds ? format_duration(v * 1000) : format_number(v))},
      {label: curve.metric, stroke: token('accent'), width: 2, points: {show: curve.x.length < 40, size: 5},
        value: (_, v) => format_number(v)},
    ],
  };
}

const TABLE_ROWS = 500;

function CurveTable({curve}: {curve: Curve}): JSX.Element {
  const first = Math.max(0, curve.x.length - TABLE_ROWS);
  return (
    <div class="curve-table" tabIndex={0} role="region" aria-label={`Values of ${curve.metric}`}>
      <table class="plain">
        <thead>
          <tr><th scope="col">{curve.axis === 'step' ? 'Step' : 'Time'}</th><th scope="col">{curve.metric}</th></tr>
        </thead>
        <tbody>
          {curve.x.slice(first).map((x, i) => (
            <tr key={first + i}>
              <td class="number">{curve.axis === 'step' ? x : format_duration(x * 1000)}</td>
              <td class="number">{format_number(curve.y[first + i])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {first > 0 && <p class="muted small">The last {TABLE_ROWS} of {curve.x.length} values.</p>}
    </div>
  );
}

function summary_of(curve: Curve, objective: string | null): string {
  if (curve.y.length === 0) return `No value of ${curve.metric} is a number.`;
  let low = Infinity;
  let high = -Infinity;
  for (const y of curve.y) {
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  const skipped = curve.skipped > 0 ? ` ${plural(curve.skipped, 'value')} not shown: not a finite number.` : '';
  const role = curve.metric === objective ? ' (the objective)' : '';
  return `${curve.metric}${role}: ${plural(curve.y.length, 'value')} from ${format_number(low)} to ${format_number(high)}, latest ${format_number(curve.y.at(-1))}.${skipped}`;
}
