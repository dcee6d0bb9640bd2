// The timeline: overview, plot, and the buttons and keys that zoom.

import { byId, html, svg } from './dom.ts';
import type { TimelineItem, TimelineLane } from './lanes.ts';
import type { SeverityName } from './report-data.ts';
import { createOverview } from './timeline-overview.ts';
import { createPlot, lanesOnPaper } from './timeline-plot.ts';
import { hatchings, swatch } from './timeline-items.ts';
import { clampWindow, windowText, zoomWindow } from './time-scale.ts';
import type { TimeWindow } from './time-scale.ts';
import { createTip } from './tip.ts';

export type TimelineHandlers = {
  activate(item: TimelineItem): void;
  /** Null is the whole period. */
  zoom(window: TimeWindow | null): void;
};

export type Timeline = {
  /** A window of null shows the whole period. */
  show(lanes: readonly TimelineLane[], window: TimeWindow | null): void;
  /** Draws every lane at a width in pixels, for paper; null returns to the screen. */
  drawWhole(width: number | null): void;
};

const zoomStep = 0.5;

/** Which signs the timeline may show. */
export type Legend = {
  readonly severities: readonly SeverityName[];
  readonly open: boolean;
  readonly undetermined: boolean;
};

function legendItems(legend: Legend): readonly HTMLElement[] {
  const open = svg(
    'svg',
    { class: 'swatch', width: 22, height: 12, 'aria-hidden': 'true' },
    svg('path', { class: 'legend-mark', d: 'M0 0H14L22 6L14 12H0Z' }),
  );
  const mark = svg(
    'svg',
    { class: 'swatch', width: 14, height: 14, 'aria-hidden': 'true' },
    svg('path', { class: 'moment-mark', d: 'M7 0L14 7L7 14L0 7Z' }),
    svg('text', { class: 'moment-sign', x: 7, y: 7 }, '?'),
  );
  return [
    ...legend.severities.map((severity) => html('li', {}, swatch(severity), severity)),
    ...(legend.open ? [html('li', {}, open, 'still open')] : []),
    ...(legend.undetermined ? [html('li', {}, mark, 'undetermined change')] : []),
  ];
}

/** Fills the timeline's section. `bounds` is the whole period, the same whatever is filtered. */
export function createTimeline(
  bounds: TimeWindow,
  legend: Legend,
  handlers: TimelineHandlers,
): Timeline {
  const host = byId('timeline', HTMLElement);
  const range = byId('timeline-range', HTMLElement);
  const whole = byId('zoom-whole', HTMLButtonElement);
  let window = bounds;
  let laneCount = 0;

  function zoom(next: TimeWindow): void {
    const clamped = clampWindow(next, bounds);
    const isWhole = clamped.toMs - clamped.fromMs >= (bounds.toMs - bounds.fromMs) * 0.999;
    handlers.zoom(isWhole ? null : clamped);
  }
  function zoomBy(factor: number): void {
    zoom(zoomWindow(window, factor, (window.fromMs + window.toMs) / 2));
  }

  const plot = createPlot(createTip(), { activate: (item) => handlers.activate(item), zoom });
  const overview = createOverview(zoom);
  const empty = html('p', { class: 'empty', hidden: true }, 'No exposure matches the filters.');
  const rest = html('p', { class: 'empty', hidden: true });
  const defs = svg('svg', { class: 'definitions', 'aria-hidden': 'true' }, hatchings());
  host.replaceChildren(defs, overview.node, plot.node, empty, rest);
  byId('legend', HTMLElement).replaceChildren(...legendItems(legend));

  byId('zoom-in', HTMLButtonElement).addEventListener('click', () => zoomBy(zoomStep));
  byId('zoom-out', HTMLButtonElement).addEventListener('click', () => zoomBy(1 / zoomStep));
  whole.addEventListener('click', () => handlers.zoom(null));
  host.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') zoomBy(zoomStep);
    else if (event.key === '-') zoomBy(1 / zoomStep);
    else if (event.key === '0') handlers.zoom(null);
  });

  return {
    show(lanes, nextWindow) {
      window = nextWindow === null ? bounds : clampWindow(nextWindow, bounds);
      range.textContent = windowText(window);
      whole.disabled = nextWindow === null;
      laneCount = lanes.length;
      empty.hidden = laneCount > 0;
      plot.node.hidden = laneCount === 0;
      overview.show(lanes, bounds, window);
      plot.show(lanes, window);
    },
    drawWhole(width) {
      host.classList.toggle('whole', width !== null);
      host.style.width = width === null ? '' : `${width}px`;
      rest.hidden = width === null || laneCount <= lanesOnPaper;
      rest.textContent = `The first ${lanesOnPaper} of ${laneCount} groups. The table has them all.`;
      plot.drawWhole(width !== null);
      overview.redraw();
    },
  };
}
