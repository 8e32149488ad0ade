// Ties a store and its live stream to the life of a page.
import {useEffect, useMemo} from 'preact/hooks';
import {LiveStream, type Scope, type Sink} from '../live/stream';

export function useLiveStore<T extends Sink & {dispose(): void}>(create: () => T, scope: Scope): T {
  const store = useMemo(create, [scope.namespace, scope.experiment]);
  useEffect(() => {
    const stream = new LiveStream(scope, store);
    return () => {
      stream.close();
      store.dispose();
    };
  }, [store]);
  return store;
}
