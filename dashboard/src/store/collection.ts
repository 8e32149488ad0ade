// Objects by name that a snapshot fills and a stream changes. Older versions never overwrite newer ones, so snapshot
// and stream may overlap. Readers see a new array per batch, not per change.
import {signal, type ReadonlySignal} from '@preact/signals';
import type {ChangeType} from '../api/types';

export interface Versioned {
  uid: string;
  resourceVersion: string;
}

function is_older(a: Versioned, b: Versioned): boolean {
  return Number(a.resourceVersion) < Number(b.resourceVersion);
}

export class Collection<T extends Versioned> {
  private readonly by_key = new Map<string, T>();
  private readonly list = signal<readonly T[]>([]);
  private snapshot_version = 0;

  constructor(private readonly key: (item: T) => string) {}

  get items(): ReadonlySignal<readonly T[]> {
    return this.list;
  }

  get(key: string): T | undefined {
    return this.by_key.get(key);
  }

  replace(items: readonly T[], version: string): void {
    this.snapshot_version = Number(version) || 0;
    this.by_key.clear();
    for (const item of items) this.by_key.set(this.key(item), item);
    this.list.value = [...this.by_key.values()];
  }

  /** Applies changes in their order; readers are told once. */
  apply(changes: ReadonlyArray<{type: ChangeType; item: T}>): void {
    let changed = false;
    for (const {type, item} of changes) {
      const key = this.key(item);
      const known = this.by_key.get(key);
      if (type === 'DELETED') {
        if (known?.uid === item.uid) changed = this.by_key.delete(key) || changed;
        continue;
      }
      // Without a known object, a version that the snapshot already covers speaks of something deleted since.
      if (known ? is_older(item, known) : Number(item.resourceVersion) <= this.snapshot_version) continue;
      this.by_key.set(key, item);
      changed = true;
    }
    if (changed) this.list.value = [...this.by_key.values()];
  }
}
