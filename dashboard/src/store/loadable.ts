// What a page knows about its data: still loading, there, gone, or an error with the sentence to show.
import {signal} from '@preact/signals';
import {Problem, sentence_of} from '../api/client';

export type Phase = {is: 'loading'} | {is: 'ready'} | {is: 'missing'} | {is: 'error'; sentence: string};

export class Loadable {
  readonly phase = signal<Phase>({is: 'loading'});
  private disposed = false;

  dispose(): void {
    this.disposed = true;
  }

  /** Runs one load and keeps what it came to. What is already shown stays when a reload fails. */
  protected async track(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.set({is: 'ready'});
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.set({is: 'missing'});
      else if (this.phase.value.is !== 'ready') this.set({is: 'error', sentence: sentence_of(error)});
    }
  }

  protected get is_disposed(): boolean {
    return this.disposed;
  }

  protected set(phase: Phase): void {
    if (!this.disposed) this.phase.value = phase;
  }
}
