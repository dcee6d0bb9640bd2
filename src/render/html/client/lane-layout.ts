// Where lanes and rows stand on the timeline, in CSS pixels from its top. Pure.

import type { TimelineLane, TimelineRow } from './lanes.ts';

export type PlacedRow = { readonly row: TimelineRow; readonly top: number };

export type PlacedLane = {
  readonly lane: TimelineLane;
  readonly top: number;
  readonly height: number;
  readonly rows: readonly PlacedRow[];
};

export type Layout = { readonly lanes: readonly PlacedLane[]; readonly height: number };

export const rowHeight = 26;

const lanePadding = 6;
// Room for a title of two lines beside the rows, or of one line above them.
const narrowestLane = 46;
const titleHeight = 26;

/** One lane below the other; `stacked` puts a lane's title above its rows instead of beside them. */
export function layoutLanes(lanes: readonly TimelineLane[], stacked: boolean): Layout {
  let top = 0;
  const placed = lanes.map((lane) => {
    const rowsHeight = lane.rows.length * rowHeight;
    const above = stacked
      ? titleHeight + lanePadding / 2
      : Math.max(lanePadding, (narrowestLane - rowsHeight) / 2);
    const height = above + rowsHeight + (stacked ? lanePadding : above);
    const rows = lane.rows.map((row, index) => ({ row, top: above + index * rowHeight }));
    const place = { lane, top, height, rows };
    top += height;
    return place;
  });
  return { lanes: placed, height: top };
}

/** The lanes that reach into the stretch from `top` to `bottom`. */
export function lanesBetween(layout: Layout, top: number, bottom: number): readonly PlacedLane[] {
  let low = 0;
  let high = layout.lanes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const lane = layout.lanes[middle];
    if (lane !== undefined && lane.top + lane.height <= top) low = middle + 1;
    else high = middle;
  }
  const found: PlacedLane[] = [];
  for (let index = low; index < layout.lanes.length; index += 1) {
    const lane = layout.lanes[index];
    if (lane === undefined || lane.top >= bottom) break;
    found.push(lane);
  }
  return found;
}
