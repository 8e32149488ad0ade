// Ties @tanstack/virtual-core to a component: only the rows in view exist in the document.
import {elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualItem}
  from '@tanstack/virtual-core';
import type {RefObject} from 'preact';
import {useLayoutEffect, useReducer, useState} from 'preact/hooks';

export interface VirtualRows {
  rows: VirtualItem[];
  total_height: number;
  scroll_to(index: number): void;
}

export function useVirtualRows(scroller: RefObject<HTMLElement | null>, count: number, row_height: number): VirtualRows {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => row_height,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 8,
    onChange: () => redraw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    rows: virtualizer.getVirtualItems(),
    total_height: virtualizer.getTotalSize(),
    scroll_to: (index) => virtualizer.scrollToIndex(index, {align: 'auto'}),
  };
}
