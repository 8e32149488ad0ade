// Draws the lines of the parallel coordinates. Ten thousand lines take one frame: they are drawn in few strokes,
// grouped by colour, worst first, so that good trials lie on top.
import type {Line, Parallel} from '../logic/parallel';

export interface ParallelColors {
  /** From the worst to the best trial. */
  ramp: [string, string, string];
  best: string;
  faded: string;
}

export interface Box {
  width: number;
  height: number;
  /** Space above and below the axes, for titles and labels. */
  top: number;
  bottom: number;
  side: number;
}

const STEPS = 24;
const CROWD = 400;
/** Lines within one stroke don't add up where they cross; strokes do, and so show where many lines run. */
const LINES_PER_STROKE = 12;

export function axis_x(box: Box, index: number, count: number): number {
  return count === 1 ? box.width / 2 : box.side + (index * (box.width - 2 * box.side)) / (count - 1);
}

export function axis_y(box: Box, at: number): number {
  return box.top + (1 - at) * (box.height - box.top - box.bottom);
}

export function draw_parallel(
  canvas: HTMLCanvasElement, box: Box, data: Parallel, is_shown: (line: Line) => boolean,
  best: string | null, colors: ParallelColors,
): void {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  context.lineJoin = 'round';
  const count = data.axes.length;
  const shown: Path2D[][] = Array.from({length: STEPS}, () => []);
  let in_stroke = LINES_PER_STROKE;
  const faded = new Path2D();
  let best_path: Path2D | null = null;
  let shown_count = 0;
  for (const line of data.lines) {
    const inside = is_shown(line);
    const step = Math.min(STEPS - 1, Math.floor((line.quality ?? 0) * STEPS));
    let path: Path2D;
    if (line.trial === best && inside) {
      path = best_path = new Path2D();
    } else if (!inside) {
      path = faded;
    } else {
      const strokes = shown[step] ?? [];
      if (strokes.length === 0 || in_stroke >= LINES_PER_STROKE) {
        strokes.push(new Path2D());
        in_stroke = 0;
      }
      in_stroke += 1;
      path = strokes[strokes.length - 1] ?? faded;
    }
    if (inside) shown_count += 1;
    trace(path, line.at, box, count);
  }
  context.lineWidth = 1;
  context.globalAlpha = data.lines.length > CROWD ? 0.06 : 0.22;
  context.strokeStyle = colors.faded;
  context.stroke(faded);
  shown.forEach((strokes, step) => {
    // In a crowd the middle would paint over everything: only the best few per cent keep their strength.
    const quality = step / (STEPS - 1);
    context.globalAlpha = shown_count > CROWD ? 0.09 + 0.3 * quality ** 16 : 0.45 + 0.45 * quality;
    context.lineWidth = shown_count > CROWD ? 0.75 : 1.25;
    context.strokeStyle = blend(colors.ramp, step / (STEPS - 1));
    for (const path of strokes) context.stroke(path);
  });
  if (best_path) {
    context.globalAlpha = 1;
    context.lineWidth = 2.5;
    context.strokeStyle = colors.best;
    context.stroke(best_path);
  }
}

function trace(path: Path2D, at: ReadonlyArray<number | null>, box: Box, count: number): void {
  let is_open = false;
  at.forEach((value, i) => {
    if (value === null) {
      is_open = false;
      return;
    }
    const x = axis_x(box, i, count);
    const y = axis_y(box, value);
    if (is_open) path.lineTo(x, y);
    else path.moveTo(x, y);
    is_open = true;
  });
}

/** A colour between three, given as #rrggbb. */
export function blend(ramp: readonly [string, string, string], at: number): string {
  const [from, to] = at < 0.5 ? [ramp[0], ramp[1]] : [ramp[1], ramp[2]];
  const share = at < 0.5 ? at * 2 : at * 2 - 1;
  const channel = (color: string, i: number) => Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => Math.round(channel(from, i) + share * (channel(to, i) - channel(from, i))));
  return `rgb(${mixed.join(' ')})`;
}
