// The objective of each trial and the best so far, live. Points are reached with the pointer or with the arrow keys.
import {useSignal} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect, useMemo, useRef} from 'preact/hooks';
import {useLocation} from 'preact-iso';
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {format_count, format_number, plural, words_of} from '../logic/format';
import {history_of, suits_log_axis, type History, type HistoryPoint} from '../logic/history';
import {links} from '../ui/address';
import {Notice} from '../ui/notice';
import {theme, token} from '../ui/theme';
import {ChartFigure} from './chart_figure';
import type {EChartsType} from './echarts';
import {goal_in_sight, history_option, mark_of, type HistoryColors} from './history_option';
import {MarkSign} from './mark_sign';

export function HistoryChart({experiment, trials}: {
  experiment: ExperimentSummary; trials: readonly TrialSummary[];
}): JSX.Element {
  const {route} = useLocation();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const is_log = useSignal(false);
  const ready = useSignal(false);
  const focused = useSignal<HistoryPoint | null>(null);
  const metric = experiment.objective?.metric ?? 'objective';
  const history = useMemo(() => history_of(trials, experiment.objective), [trials, experiment.objective?.type]);
  const values = history.points.flatMap((p) => (p.value === null ? [] : [p.value]));
  const goal = goal_in_sight(history, experiment.objective?.goal);
  const offers_log = suits_log_axis(values);

  useEffect(() => {
    let alive = true;
    let observer: ResizeObserver | null = null;
    void import('./echarts').then(({init}) => {
      if (!alive || !place.current) return;
      const made = init(place.current);
      chart.current = made;
      observer = new ResizeObserver(() => made.resize());
      observer.observe(place.current);
      made.on('click', (event) => {
        const trial = (event.value as [number, number, string] | undefined)?.[2];
        if (trial) route(links.trial(experiment.namespace, experiment.name, trial));
      });
      ready.value = true;
    });
    return () => {
      alive = false;
      observer?.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption(history_option(history, {metric, goal}, chart_colors(), is_log.value && offers_log),
      {replaceMerge: ['series']});
  }, [history, metric, goal, theme.value, is_log.value, offers_log, ready.value]);

  const reachable = history.points.filter((p) => p.value !== null);
  const on_key = (event: KeyboardEvent) => {
    const at = reachable.findIndex((p) => p.trial === focused.value?.trial);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (event.key === 'Enter' && focused.value) {
      route(links.trial(experiment.namespace, experiment.name, focused.value.trial));
    } else if (step !== 0 && reachable.length > 0) {
      event.preventDefault();
      const next = at < 0 ? (step > 0 ? 0 : reachable.length - 1) : Math.min(reachable.length - 1, Math.max(0, at + step));
      focused.value = reachable[next] ?? null;
      if (focused.value) show_tip(chart.current, history, focused.value);
    }
  };

  return (
    <ChartFigure title="Objective history" summary={summary_of(history, metric)} controls={
      offers_log && (
        <button type="button" class="chip" aria-pressed={is_log.value} onClick={() => { is_log.value = !is_log.value; }}>
          Log axis
        </button>
      )
    }>
      <Legend history={history} goal={goal} />
      <div class="chart-place">
        <div ref={place} class="chart" tabIndex={0} role="application" onKeyDown={on_key}
          aria-label={`Objective history. ${summary_of(history, metric)} Arrow keys walk through the trials, Enter opens one.`} />
        {values.length === 0 && (
          <div class="chart-empty"><Notice title="No trial has reported a value yet" /></div>
        )}
      </div>
      <p class="visually-hidden" aria-live="polite">
        {focused.value && `Trial ${focused.value.index}, ${words_of(focused.value.state)}, ${metric} ${format_number(focused.value.value)}`}
      </p>
    </ChartFigure>
  );
}

function Legend({history, goal}: {history: History; goal: number | null}): JSX.Element {
  const counts = new Map<string, number>();
  for (const point of history.points) counts.set(point.state, (counts.get(point.state) ?? 0) + 1);
  return (
    <ul class="legend" aria-label="Legend">
      <li><span class="legend-line" />Best so far</li>
      {goal !== null && <li><span class="legend-dash" />Goal <span class="muted number">{format_number(goal)}</span></li>}
      {[...counts].map(([state, count]) => (
        <li key={state}>
          <MarkSign symbol={mark_of(state).symbol} tone={mark_of(state).tone} />
          {words_of(state)} <span class="muted number">{format_count(count)}</span>
        </li>
      ))}
    </ul>
  );
}

function summary_of(history: History, metric: string): string {
  const best = history.best[history.best.length - 1];
  if (!best) return `${plural(history.points.length, 'trial')}, none with a value of ${metric} yet.`;
  const improvements = new Set(history.best.map(([, value]) => value)).size;
  return `${plural(history.points.length, 'trial')}; best ${metric} ${format_number(best[1])} after ${plural(improvements - 1, 'improvement')}.`;
}

function show_tip(chart: EChartsType | null, history: History, point: HistoryPoint): void {
  if (!chart) return;
  const of_state = history.points.filter((p) => p.state === point.state && p.value !== null);
  const dataIndex = of_state.findIndex((p) => p.trial === point.trial);
  // showTip knows series by their index only.
  const series = chart.getOption()['series'] as Array<{id?: string}>;
  const seriesIndex = series.findIndex((s) => s.id === `${point.state}:value`);
  chart.dispatchAction({type: 'showTip', seriesIndex, dataIndex});
}

function chart_colors(): HistoryColors {
  const by_tone: Record<string, string> = {};
  for (const tone of ['good', 'active', 'bad', 'warn', 'quiet', 'other']) by_tone[tone] = token(tone);
  return {text: token('muted'), grid: token('border'), surface: token('surface'), best: token('text'), by_tone};
}
