// The object as YAML, as kubectl would print it, without the bookkeeping of field managers.
import {useSignal} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect} from 'preact/hooks';
import type {ClusterObject} from '../api/types';
import {Icon} from '../ui/icon';
import {Skeleton} from '../ui/notice';

export function YamlTab({object}: {object: ClusterObject | null}): JSX.Element {
  const text = useSignal<string | null>(null);
  const copied = useSignal(false);
  useEffect(() => {
    if (!object) return;
    let alive = true;
    void import('yaml').then(({stringify}) => {
      if (alive) text.value = stringify(without_managed_fields(object), {lineWidth: 0});
    });
    return () => { alive = false; };
  }, [object]);
  if (text.value === null) return <Skeleton rows={10} />;
  const copy = async () => {
    await navigator.clipboard.writeText(text.value ?? '');
    copied.value = true;
    setTimeout(() => { copied.value = false; }, 2000);
  };
  return (
    <section class="card" aria-label="YAML">
      <div class="card-head">
        <h2>YAML</h2>
        <button type="button" class="chip" onClick={() => void copy()}>
          <Icon name={copied.value ? 'check' : 'copy'} size={14} />{copied.value ? 'Copied' : 'Copy'}
        </button>
      </div>
      <pre class="yaml" tabIndex={0}><code>{text.value}</code></pre>
    </section>
  );
}

function without_managed_fields(object: ClusterObject): ClusterObject {
  const {managedFields: _, ...metadata} = object.metadata ?? {};
  return {...object, metadata};
}
