// The strip above the plot: how much was open at once over the whole period, and which part of it
// the plot shows. The part can be dragged, resized at both ends, or drawn anew, also by keyboard.

import { html, svg } from './dom.ts';
import type { TimelineLane } from './lanes.ts';
import { mostAtOnce, openPerPixel } from './open-at-once.ts';
import { windowText } from './time-scale.ts';
import type { TimeWindow } from './time-scale.ts';

export type Overview = {
  readonly node: HTMLElement;
  show(lanes: readonly TimelineLane[], bounds: TimeWindow, window: TimeWindow): void;
  /** Draws again at the width that the strip has now. */
  redraw(): void;
};

const height = 44;
const top = 6;
const dragThreshold = 5;

function areaPath(counts: readonly number[], most: number): string {
  const y = (count: number): number => height - (count / Math.max(1, most)) * (height - top);
  let path = `M0 ${height}`;
  let last: number | null = null;
  counts.forEach((count, x) => {
    if (count !== last) path += `H${x}V${y(count)}`;
    last = count;
  });
  return `${path}H${counts.length}V${height}Z`;
}

function percentOf({ fromMs, toMs }: TimeWindow, ms: number): string {
  return String(Math.round(((ms - fromMs) / (toMs - fromMs)) * 100));
}

type Drag = {
  readonly kind: 'from' | 'to' | 'move' | 'new';
  readonly startX: number;
  readonly window: TimeWindow;
  moved: boolean;
};

export function createOverview(zoom: (window: TimeWindow) => void): Overview {
  const area = svg('path', { class: 'overview-area' });
  const picture = svg('svg', { class: 'overview-picture', height, 'aria-hidden': 'true' }, area);
  const most = html('span', { class: 'overview-most', 'aria-hidden': 'true' });
  const handles = {
    from: html('div', {
      class: 'handle',
      role: 'slider',
      tabindex: 0,
      'aria-label': 'Start of the part shown',
    }),
    to: html('div', {
      class: 'handle',
      role: 'slider',
      tabindex: 0,
      'aria-label': 'End of the part shown',
    }),
  };
  const brush = html('div', { class: 'brush' });
  const shades = [html('div', { class: 'shade' }), html('div', { class: 'shade' })] as const;
  const node = html(
    'div',
    { class: 'overview' },
    picture,
    most,
    ...shades,
    brush,
    handles.from,
    handles.to,
  );

  let lanes: readonly TimelineLane[] = [];
  let bounds: TimeWindow = { fromMs: 0, toMs: 1 };
  let window: TimeWindow = bounds;
  let drag: Drag | null = null;

  function width(): number {
    return Math.max(1, node.clientWidth);
  }
  function xOf(ms: number): number {
    return ((ms - bounds.fromMs) / (bounds.toMs - bounds.fromMs)) * width();
  }
  function msOf(x: number): number {
    return bounds.fromMs + (x / width()) * (bounds.toMs - bounds.fromMs);
  }
  /** The window from one instant to another, in whichever order, cut at the bounds. */
  function between(first: number, second: number): TimeWindow {
    return {
      fromMs: Math.max(bounds.fromMs, Math.min(first, second)),
      toMs: Math.min(bounds.toMs, Math.max(first, second)),
    };
  }

  function drawArea(): void {
    const counts = openPerPixel(lanes, bounds, Math.floor(width()));
    const peak = counts.reduce((left, right) => Math.max(left, right), 0);
    area.setAttribute('d', areaPath(counts, peak));
    most.textContent = `At most ${mostAtOnce(lanes).toLocaleString('en-US')} open at once`;
  }

  function drawWindow(): void {
    const from = xOf(window.fromMs);
    const to = xOf(window.toMs);
    brush.style.left = `${from}px`;
    brush.style.width = `${to - from}px`;
    shades[0].style.width = `${from}px`;
    shades[1].style.left = `${to}px`;
    shades[1].style.width = `${width() - to}px`;
    handles.from.style.left = `${from}px`;
    handles.to.style.left = `${to}px`;
    for (const [handle, ms] of [
      [handles.from, window.fromMs],
      [handles.to, window.toMs],
    ] as const) {
      handle.setAttribute('aria-valuemin', '0');
      handle.setAttribute('aria-valuemax', '100');
      handle.setAttribute('aria-valuenow', percentOf(bounds, ms));
      handle.setAttribute('aria-valuetext', windowText(window));
    }
  }

  function dragged(current: Drag, x: number): TimeWindow {
    const shift = msOf(x) - msOf(current.startX);
    switch (current.kind) {
      case 'from':
        return between(current.window.fromMs + shift, current.window.toMs);
      case 'to':
        return between(current.window.fromMs, current.window.toMs + shift);
      case 'move':
        return {
          fromMs: current.window.fromMs + shift,
          toMs: current.window.toMs + shift,
        };
      case 'new':
        return between(msOf(current.startX), msOf(x));
      default:
        return current.kind satisfies never;
    }
  }

  function kindAt(target: EventTarget | null): Drag['kind'] {
    if (target === handles.from) return 'from';
    if (target === handles.to) return 'to';
    const zoomed = window.fromMs > bounds.fromMs || window.toMs < bounds.toMs;
    return target === brush && zoomed ? 'move' : 'new';
  }

  function xAt(event: PointerEvent): number {
    return event.clientX - node.getBoundingClientRect().left;
  }

  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    drag = { kind: kindAt(event.target), startX: xAt(event), window, moved: false };
  });
  node.addEventListener('pointermove', (event) => {
    if (drag === null) return;
    const x = xAt(event);
    drag.moved ||= Math.abs(x - drag.startX) >= dragThreshold;
    if (drag.moved) zoom(dragged(drag, x));
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    node.addEventListener(type, () => {
      drag = null;
    });
  }

  function moveByKey(end: 'from' | 'to', event: KeyboardEvent): void {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    const share = event.shiftKey ? 0.1 : 0.01;
    const step = (bounds.toMs - bounds.fromMs) * share * (direction ?? 0);
    const { fromMs, toMs } = window;
    if (direction !== undefined) {
      zoom(end === 'from' ? between(fromMs + step, toMs) : between(fromMs, toMs + step));
    } else if (event.key === 'Home' && end === 'from') zoom({ fromMs: bounds.fromMs, toMs });
    else if (event.key === 'End' && end === 'to') zoom({ fromMs, toMs: bounds.toMs });
    else return;
    event.preventDefault();
  }
  handles.from.addEventListener('keydown', (event) => moveByKey('from', event));
  handles.to.addEventListener('keydown', (event) => moveByKey('to', event));

  function redraw(): void {
    drawArea();
    drawWindow();
  }
  new ResizeObserver(redraw).observe(node);

  return {
    redraw,
    node,
    show(nextLanes, nextBounds, nextWindow) {
      const changed = nextLanes !== lanes || nextBounds !== bounds;
      lanes = nextLanes;
      bounds = nextBounds;
      window = nextWindow;
      if (changed) drawArea();
      drawWindow();
    },
  };
}
