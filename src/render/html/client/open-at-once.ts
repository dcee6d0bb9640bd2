// How much was open at the same time, along the axis and at most. Pure.

import type { SpanItem, TimelineLane } from './lanes.ts';
import type { TimeWindow } from './time-scale.ts';

type Edge = { readonly at: number; readonly change: number };

function spansOf(lanes: readonly TimelineLane[]): readonly SpanItem[] {
  return lanes.flatMap(({ rows }) =>
    rows.flatMap(({ items }) => items.filter((item) => item.kind === 'span')),
  );
}

/** Openings and closings in order of their places, closings first where both share one. */
function edgesOf(
  spans: readonly SpanItem[],
  startOf: (ms: number) => number,
  endOf: (ms: number) => number,
): readonly Edge[] {
  const edges: Edge[] = [];
  for (const { startMs, endMs, count } of spans) {
    edges.push({ at: startOf(startMs), change: count });
    if (endMs !== null) edges.push({ at: endOf(endMs), change: -count });
  }
  return edges.toSorted((left, right) => left.at - right.at || left.change - right.change);
}

function itself(ms: number): number {
  return ms;
}

/** The most exposures that stood open at one instant. */
export function mostAtOnce(lanes: readonly TimelineLane[]): number {
  let open = 0;
  let most = 0;
  for (const { change } of edgesOf(spansOf(lanes), itself, itself)) {
    open += change;
    most = Math.max(most, open);
  }
  return most;
}

/**
 * For each pixel of an axis, how many exposures were open within it, were it for an instant: however
 * short, none is lost.
 */
export function openPerPixel(
  lanes: readonly TimelineLane[],
  bounds: TimeWindow,
  width: number,
): readonly number[] {
  const scale = width / (bounds.toMs - bounds.fromMs);
  const pixelOf = (ms: number): number => Math.floor((ms - bounds.fromMs) * scale);
  const edges = edgesOf(spansOf(lanes), pixelOf, (ms) => pixelOf(ms) + 1);
  const counts: number[] = [];
  let open = 0;
  let next = 0;
  for (let pixel = 0; pixel < width; pixel += 1) {
    for (let edge = edges[next]; edge !== undefined && edge.at <= pixel; edge = edges[next]) {
      open += edge.change;
      next += 1;
    }
    counts.push(open);
  }
  return counts;
}
