// The picture itself: lanes with their items below one another, drawn only where they are in sight,
// however many there are. One item is a tab stop; arrow keys lead from it to all the others.

import { html, svg } from './dom.ts';
import { lanesBetween, layoutLanes, rowHeight } from './lane-layout.ts';
import type { Layout, PlacedLane } from './lane-layout.ts';
import type { TimelineItem, TimelineLane } from './lanes.ts';
import { drawRow } from './timeline-items.ts';
import { ticks } from './time-scale.ts';
import type { TimeWindow } from './time-scale.ts';
import type { Tip } from './tip.ts';

export type PlotHandlers = {
  activate(item: TimelineItem): void;
  zoom(window: TimeWindow): void;
};

export type Plot = {
  readonly node: HTMLElement;
  show(lanes: readonly TimelineLane[], window: TimeWindow): void;
  /** Whether to draw every lane up to a limit, as for paper, or only those in sight. */
  drawWhole(whole: boolean): void;
};

type ItemPlace = { readonly item: TimelineItem; readonly row: number; readonly position: number };
type FlatRow = { readonly items: readonly TimelineItem[]; readonly top: number };

const stackedBelow = 720;
const pixelsPerTick = 72;
const overscan = 200;
const dragThreshold = 5;
/** How many lanes paper has at most. */
export const lanesOnPaper = 300;

function laneLabel({ lane, top, height, rows }: PlacedLane): HTMLElement {
  const label = html(
    'div',
    { class: 'lane' },
    html(
      'div',
      { class: 'lane-title', title: `${lane.title}\n${lane.detail}` },
      html('bdi', { class: 'lane-name' }, lane.title),
      html('bdi', { class: 'lane-detail' }, lane.detail),
    ),
    ...rows.map((placed) => {
      const row = html(
        'div',
        { class: 'lane-row', title: placed.row.label },
        html('bdi', {}, placed.row.label),
      );
      row.style.top = `${placed.top}px`;
      return row;
    }),
  );
  label.style.top = `${top}px`;
  label.style.height = `${height}px`;
  return label;
}

/** The nearest in time of some items, or undefined for none. */
function nearest(items: readonly TimelineItem[], ms: number): TimelineItem | undefined {
  return items.toSorted(
    (left, right) => Math.abs(left.startMs - ms) - Math.abs(right.startMs - ms),
  )[0];
}

export function createPlot(tip: Tip, handlers: PlotHandlers): Plot {
  const axis = svg('svg', { class: 'axis', 'aria-hidden': 'true' });
  const grid = svg('g', { class: 'grid', 'aria-hidden': 'true' });
  const drawing = svg('g');
  const canvas = svg(
    'svg',
    { class: 'canvas', role: 'group', 'aria-label': 'Exposures over time' },
    grid,
    drawing,
  );
  const labels = html('div', { class: 'lane-labels' });
  const selection = html('div', { class: 'selection', hidden: true });
  const body = html('div', { class: 'plot-body' }, labels, canvas, selection);
  const scroller = html('div', { class: 'plot-scroller' }, body);
  const node = html('div', { class: 'plot' }, html('div', { class: 'axis-strip' }, axis), scroller);

  let lanes: readonly TimelineLane[] = [];
  let layout: Layout = { lanes: [], height: 0 };
  let window: TimeWindow = { fromMs: 0, toMs: 1 };
  let width = 0;
  let whole = false;
  let flatRows: readonly FlatRow[] = [];
  let places = new Map<string, ItemPlace>();
  let tabStop: string | null = null;
  const drawn = new Map<PlacedLane, { readonly items: SVGGElement; readonly label: HTMLElement }>();

  function msAt(x: number): number {
    return window.fromMs + (x / width) * (window.toMs - window.fromMs);
  }

  function elementOf(key: string): SVGGElement | null {
    return drawing.querySelector<SVGGElement>(`[data-key="${CSS.escape(key)}"]`);
  }

  function itemAt(target: EventTarget | null): TimelineItem | undefined {
    const key =
      target instanceof Element ? target.closest('.item')?.getAttribute('data-key') : null;
    return key === null || key === undefined ? undefined : places.get(key)?.item;
  }

  function arrange(): void {
    const stacked = node.clientWidth < stackedBelow;
    node.classList.toggle('stacked', stacked);
    layout = layoutLanes(lanes, stacked);
    const shown = whole ? layout.lanes.slice(0, lanesOnPaper) : layout.lanes;
    const last = shown.at(-1);
    const height = last === undefined ? 0 : last.top + last.height;
    body.style.height = `${height}px`;
    canvas.setAttribute('height', String(height));
    // The axis and the overview end where the plot ends, left of a scroll bar.
    const scrollBar = scroller.offsetWidth - scroller.clientWidth;
    node.parentElement?.style.setProperty('--scroll-bar', `${scrollBar}px`);
    flatRows = layout.lanes.flatMap((lane) =>
      lane.rows.map(({ row, top }) => ({ items: row.items, top: lane.top + top })),
    );
    places = new Map(
      flatRows.flatMap(({ items }, row) =>
        items.map((item, position) => [item.key, { item, row, position }] as const),
      ),
    );
  }

  function drawAxis(): void {
    const marks = ticks(window, width / pixelsPerTick).map(({ ms, label, major }) => {
      const x = ((ms - window.fromMs) / (window.toMs - window.fromMs)) * width;
      return { x, label, name: major ? 'tick major' : 'tick' };
    });
    axis.replaceChildren(
      ...marks.flatMap(({ x, label, name }) => [
        svg('line', { class: name, x1: x, x2: x, y1: 18, y2: 24 }),
        svg('text', { class: name, x, y: 12 }, label),
      ]),
    );
    grid.replaceChildren(
      ...marks.map(({ x, name }) =>
        svg('line', { class: name, x1: x, x2: x, y1: 0, y2: layout.height }),
      ),
    );
  }

  function drawLane(placed: PlacedLane): void {
    const rows = placed.rows.map(({ row, top }) =>
      svg('g', { transform: `translate(0 ${top})` }, ...drawRow(row, window, width)),
    );
    const items = svg('g', { transform: `translate(0 ${placed.top})` }, ...rows);
    const label = laneLabel(placed);
    drawing.append(items);
    labels.append(label);
    drawn.set(placed, { items, label });
  }

  function setTabStop(): void {
    const wanted = tabStop === null ? null : elementOf(tabStop);
    const stop = wanted ?? drawing.querySelector<SVGGElement>('.item');
    for (const other of drawing.querySelectorAll('.item[tabindex="0"]')) {
      other.setAttribute('tabindex', '-1');
    }
    stop?.setAttribute('tabindex', '0');
  }

  function drawVisible(): void {
    const top = scroller.scrollTop - overscan;
    const wanted = new Set(
      whole
        ? layout.lanes.slice(0, lanesOnPaper)
        : lanesBetween(layout, top, top + scroller.clientHeight + 2 * overscan),
    );
    for (const [placed, nodes] of drawn) {
      if (wanted.has(placed)) continue;
      nodes.items.remove();
      nodes.label.remove();
      drawn.delete(placed);
    }
    for (const placed of wanted) if (!drawn.has(placed)) drawLane(placed);
    setTabStop();
  }

  function redraw(): void {
    const focused = drawing.contains(document.activeElement)
      ? (document.activeElement?.getAttribute('data-key') ?? null)
      : null;
    drawing.replaceChildren();
    labels.replaceChildren();
    drawn.clear();
    arrange();
    width = Math.max(1, canvas.clientWidth);
    drawAxis();
    drawVisible();
    if (focused !== null) elementOf(focused)?.focus({ preventScroll: true });
  }

  function reveal(place: ItemPlace): void {
    const top = flatRows[place.row]?.top ?? 0;
    if (top < scroller.scrollTop || top + rowHeight > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = top - scroller.clientHeight / 2;
      drawVisible();
    }
    const { item } = place;
    const endMs = item.kind === 'span' ? (item.endMs ?? Infinity) : item.startMs;
    if (item.startMs > window.toMs || endMs < window.fromMs) {
      const half = (window.toMs - window.fromMs) / 2;
      handlers.zoom({ fromMs: item.startMs - half, toMs: item.startMs + half });
    }
  }

  function focusItem(item: TimelineItem | undefined): void {
    const place = item && places.get(item.key);
    if (place === undefined) return;
    tabStop = place.item.key;
    reveal(place);
    setTabStop();
    elementOf(place.item.key)?.focus({ preventScroll: true });
    scroller.scrollIntoView({ block: 'nearest' });
  }

  function neighbor(place: ItemPlace, key: string): TimelineItem | undefined {
    const { row, position, item } = place;
    switch (key) {
      case 'ArrowLeft':
        return flatRows[row]?.items[position - 1];
      case 'ArrowRight':
        return flatRows[row]?.items[position + 1];
      case 'ArrowUp':
        return nearest(flatRows[row - 1]?.items ?? [], item.startMs);
      case 'ArrowDown':
        return nearest(flatRows[row + 1]?.items ?? [], item.startMs);
      case 'Home':
        return flatRows[0]?.items[0];
      case 'End':
        return flatRows.at(-1)?.items[0];
      default:
        return undefined;
    }
  }

  function markKin(item: TimelineItem | undefined): void {
    const signalId = item?.kind === 'span' ? item.signalId : null;
    for (const other of drawing.querySelectorAll('.span')) {
      other.classList.toggle('kin', other.getAttribute('data-signal') === signalId);
    }
  }

  canvas.addEventListener('keydown', (event) => {
    const item = itemAt(event.target);
    const place = item && places.get(item.key);
    if (place === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      handlers.activate(place.item);
    } else if (/^(Arrow.+|Home|End)$/.test(event.key)) {
      event.preventDefault();
      focusItem(neighbor(place, event.key));
    }
  });

  canvas.addEventListener('focusin', (event) => {
    const item = itemAt(event.target);
    markKin(item);
    if (item === undefined || !(event.target instanceof Element)) return;
    tabStop = item.key;
    setTabStop();
    if (!event.target.matches(':focus-visible')) return;
    const box = event.target.getBoundingClientRect();
    const left = Math.max(box.left, canvas.getBoundingClientRect().left);
    tip.show(item.lines, left, box.bottom - 8);
  });
  canvas.addEventListener('focusout', () => {
    markKin(undefined);
    tip.hide();
  });

  let dragFrom: number | null = null;

  function xOf(event: PointerEvent): number {
    const box = canvas.getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - box.left));
  }
  function endDrag(): void {
    dragFrom = null;
    selection.hidden = true;
  }
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button === 0) dragFrom = xOf(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    const x = xOf(event);
    if (dragFrom === null) {
      const item = itemAt(event.target);
      markKin(item);
      if (item === undefined) tip.hide();
      else tip.show(item.lines, event.clientX, event.clientY);
      return;
    }
    if (selection.hidden && Math.abs(x - dragFrom) < dragThreshold) return;
    tip.hide();
    canvas.setPointerCapture(event.pointerId);
    selection.hidden = false;
    selection.style.left = `${canvas.getBoundingClientRect().left - body.getBoundingClientRect().left + Math.min(x, dragFrom)}px`;
    selection.style.width = `${Math.abs(x - dragFrom)}px`;
  });
  canvas.addEventListener('pointerup', (event) => {
    const from = dragFrom;
    const x = xOf(event);
    const dragged = !selection.hidden;
    endDrag();
    if (from === null || !dragged) return;
    handlers.zoom({ fromMs: msAt(Math.min(from, x)), toMs: msAt(Math.max(from, x)) });
  });
  canvas.addEventListener('pointercancel', endDrag);
  canvas.addEventListener('pointerleave', () => {
    tip.hide();
    markKin(undefined);
  });
  canvas.addEventListener('click', (event) => {
    const item = itemAt(event.target);
    if (item !== undefined) handlers.activate(item);
  });
  canvas.addEventListener(
    'wheel',
    (event) => {
      const about = msAt(event.clientX - canvas.getBoundingClientRect().left);
      const { fromMs, toMs } = window;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const factor = Math.exp(event.deltaY / 300);
        handlers.zoom({
          fromMs: about - (about - fromMs) * factor,
          toMs: about + (toMs - about) * factor,
        });
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const shift = (event.deltaX / width) * (toMs - fromMs);
        handlers.zoom({ fromMs: fromMs + shift, toMs: toMs + shift });
      }
    },
    { passive: false },
  );

  scroller.addEventListener('scroll', () => {
    tip.hide();
    drawVisible();
  });
  new ResizeObserver(() => {
    if (canvas.clientWidth !== width) redraw();
  }).observe(canvas);

  return {
    node,
    show(nextLanes, nextWindow) {
      if (nextLanes !== lanes) scroller.scrollTop = 0;
      lanes = nextLanes;
      window = nextWindow;
      redraw();
    },
    drawWhole(nextWhole) {
      whole = nextWhole;
      redraw();
    },
  };
}
