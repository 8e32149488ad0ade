// The part of a page's view that lives in its address (filter, order, tab), so that a link shows what you see.
import {useLocation} from 'preact-iso';

/** Reads query values and sets several at once; empty values leave the address. Typing replaces, it adds no history. */
export function useQuery(): [Record<string, string>, (changes: Record<string, string>) => void] {
  const {query, path, route} = useLocation();
  const change = (changes: Record<string, string>) => {
    const next = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(changes)) {
      if (value === '') next.delete(key);
      else next.set(key, value);
    }
    const text = next.toString().replaceAll('%2C', ',');
    route(path + (text ? `?${text}` : ''), true);
  };
  return [query, change];
}

export const links = {
  experiments: '/',
  experiment: (ns: string, name: string, tab = '') =>
    `/experiments/${encodeURIComponent(ns)}/${encodeURIComponent(name)}${tab ? `/${tab}` : ''}`,
  trial: (ns: string, name: string, trial: string) =>
    `${links.experiment(ns, name)}/trials/${encodeURIComponent(trial)}`,
};
