// Follows a trial's log over one streaming request and hands its text on, batched by the reader of the body.
import {open, paths, Problem} from '../api/client';

export type TailEnd = 'ended' | 'missing';

/** Resolves when the log has ended or isn't there; throws a Problem, or an AbortError when aborted. */
export async function tail_log(
  trial: {namespace: string; experiment: string; name: string}, signal: AbortSignal, on_text: (text: string) => void,
): Promise<TailEnd> {
  let response: Response;
  try {
    response = await open(paths.log(trial.namespace, trial.experiment, trial.name), {signal});
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return 'missing';
    throw error;
  }
  const reader = response.body?.getReader();
  if (!reader) return 'ended';
  const decoder = new TextDecoder();
  for (;;) {
    const {done, value} = await reader.read();
    if (done) break;
    on_text(decoder.decode(value, {stream: true}));
  }
  on_text(decoder.decode());
  return 'ended';
}
