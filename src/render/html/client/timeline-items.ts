// Draws the items of one row. A bar is as long as its exposure lasted, but never too short to see
// or to hit; what still lasts ends in an arrow at the right edge. Color is never the only sign: each
// severity has its own hatching.

import { svg } from './dom.ts';
import { rowHeight } from './lane-layout.ts';
import type { MomentItem, SpanItem, TimelineItem, TimelineRow } from './lanes.ts';
import { severityNames } from './report-data.ts';
import type { SeverityName } from './report-data.ts';
import type { TimeWindow } from './time-scale.ts';

const barHeight = 18;
const barTop = (rowHeight - barHeight) / 2;
const shortestBar = 6;
const arrowLength = 9;
const hitWidth = 24;
const labelGap = 6;
const characterWidth = 6.3;
// Bars are cut this far outside the picture, so that no stroke of the cut shows.
const overhang = 20;

/** The hatchings of the severities, to stand once in each drawing. */
export function hatchings(): SVGDefsElement {
  const strokes: { readonly [severity in SeverityName]: string } = {
    critical: 'M0 8L8 0M-2 2L2 -2M6 10L10 6M0 0L8 8M-2 6L2 10M6 -2L10 2',
    high: 'M0 8L8 0M-2 2L2 -2M6 10L10 6',
    medium: 'M4 0V8',
    low: 'M0 4H8',
    info: 'M4 3V5',
  };
  const patterns = severityNames.map((severity) =>
    svg(
      'pattern',
      { id: `hatch-${severity}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
      svg('path', { class: 'hatch-stroke', d: strokes[severity] }),
    ),
  );
  return svg('defs', {}, ...patterns);
}

/** The sign of a severity as it stands in the legend. */
export function swatch(severity: SeverityName): SVGSVGElement {
  const box = { x: 0, y: 0, width: 22, height: 12, rx: 2 };
  return svg(
    'svg',
    { class: `swatch severity-${severity}`, width: 22, height: 12, 'aria-hidden': 'true' },
    svg('rect', { ...box, class: 'bar-fill' }),
    svg('rect', { ...box, fill: `url(#hatch-${severity})` }),
  );
}

type Place = { readonly start: number; readonly end: number };
type LabelPlace = Place & { readonly side: 'inside' | 'after' | 'before'; readonly x: number };

function placeOf(item: TimelineItem, window: TimeWindow, width: number): Place | null {
  const scale = width / (window.toMs - window.fromMs);
  const start = (item.startMs - window.fromMs) * scale;
  if (item.kind === 'moment') {
    return start < -shortestBar || start > width + shortestBar ? null : { start, end: start };
  }
  const end = item.endMs === null ? width : (item.endMs - window.fromMs) * scale;
  if (start > width || end < 0) return null;
  return {
    start: Math.max(-overhang, start),
    end: Math.min(width + overhang, Math.max(end, start + shortestBar)),
  };
}

function outline(item: SpanItem, { start, end }: Place): string {
  const bottom = barTop + barHeight;
  if (item.endMs === null) {
    const neck = Math.max(start, end - arrowLength);
    const middle = rowHeight / 2;
    return `M${start} ${barTop}H${neck}L${end} ${middle}L${neck} ${bottom}H${start}Z`;
  }
  return `M${start} ${barTop}H${end}V${bottom}H${start}Z`;
}

/** The label's place: inside the bar, on its right, or on its left; null where none has room. */
function labelPlace(item: SpanItem, bar: Place, freeUntil: number): LabelPlace | null {
  const width = item.label.length * characterWidth;
  const from = Math.max(0, bar.start);
  if (bar.end - from > width + 2 * arrowLength) {
    return { side: 'inside', x: from + labelGap, start: from, end: from + width + 2 * labelGap };
  }
  if (item.endMs !== null && freeUntil - bar.end > width + 2 * labelGap) {
    return {
      side: 'after',
      x: bar.end + labelGap,
      start: bar.end,
      end: bar.end + width + labelGap,
    };
  }
  // An arrow at the right edge leaves room on its left only.
  if (item.endMs === null && bar.start > width + 2 * labelGap) {
    const x = bar.start - labelGap;
    return { side: 'before', x, start: x - width, end: bar.start };
  }
  return null;
}

function drawLabel(text: string, { side, x, start, end }: LabelPlace): SVGGElement {
  const label = svg('text', { class: `bar-label ${side}`, x, y: rowHeight / 2 }, text);
  if (side !== 'inside') return svg('g', {}, label);
  // Text is not laid over hatching.
  const ground = { x: start, y: barTop, width: end - start, height: barHeight };
  return svg('g', {}, svg('rect', { class: 'bar-fill label-ground', ...ground }), label);
}

/** What can be pointed at: the bar with its label, at least as wide as a finger needs. */
function hitArea(bar: Place, label: Place | null): SVGRectElement {
  const start = Math.min(bar.start, label?.start ?? Infinity);
  const end = Math.max(bar.end, label?.end ?? -Infinity);
  const width = Math.max(hitWidth, end - start);
  const x = (start + end - width) / 2;
  return svg('rect', { class: 'hit', x, y: 0, width, height: rowHeight });
}

function drawSpan(item: SpanItem, place: Place, freeUntil: number): SVGGElement {
  const d = outline(item, place);
  const label = labelPlace(item, place, freeUntil);
  return svg(
    'g',
    {
      class: `item span severity-${item.severity}`,
      role: 'button',
      tabindex: -1,
      'aria-label': item.lines.join('. '),
      'data-key': item.key,
      'data-signal': item.signalId,
    },
    hitArea(place, label),
    svg('path', { class: 'bar-fill', d }),
    svg('path', { class: 'bar-hatch', d, fill: `url(#hatch-${item.severity})` }),
    label === null ? null : drawLabel(item.label, label),
  );
}

function drawMoment(item: MomentItem, place: Place): SVGGElement {
  const middle = rowHeight / 2;
  const size = 7;
  const d = `M${place.start} ${middle - size}l${size} ${size}l-${size} ${size}l-${size} -${size}Z`;
  return svg(
    'g',
    {
      class: 'item moment',
      role: 'button',
      tabindex: -1,
      'aria-label': item.lines.join('. '),
      'data-key': item.key,
    },
    hitArea(place, null),
    svg('path', { class: 'moment-mark', d }),
    svg('text', { class: 'moment-sign', x: place.start, y: middle }, '?'),
  );
}

/** The row's items that reach into the window. */
export function drawRow(row: TimelineRow, window: TimeWindow, width: number): SVGGElement[] {
  const places = row.items.map((item) => ({ item, place: placeOf(item, window, width) }));
  return places.flatMap(({ item, place }, index) => {
    if (place === null) return [];
    const freeUntil = places.slice(index + 1).find((next) => next.place !== null)?.place?.start;
    return item.kind === 'span'
      ? [drawSpan(item, place, freeUntil ?? width)]
      : [drawMoment(item, place)];
  });
}
