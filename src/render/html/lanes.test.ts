import { describe, expect, it } from 'vitest';

import {
  aContext,
  aFullResult,
  aLogSignal,
  allAdminPorts,
  anExposure,
  aScanResult,
  anUndetermined,
} from '../../../test/support/scan-results.ts';
import type { Stories } from '../../../test/support/scan-results.ts';
import { buildReportData } from './build-report-data.ts';
import { lanesBetween, layoutLanes, rowHeight } from './client/lane-layout.ts';
import { instantsOf, lanesOf, matchingUndetermined } from './client/lanes.ts';
import type { TimelineLane } from './client/lanes.ts';
import { mostAtOnce, openPerPixel } from './client/open-at-once.ts';
import { initialView, rowsOf } from './client/view.ts';

function lanesFor(stories: Stories, ownLanes = true): readonly TimelineLane[] {
  const data = buildReportData(aScanResult(stories), aContext());
  return lanesOf(rowsOf(data), data.undetermined, ownLanes);
}

const short = anExposure({ openedAt: '2026-03-01T08:00:00Z', closedAt: '2026-03-01T08:01:49Z' });
const again = anExposure({ openedAt: '2026-03-01T09:00:00Z', closedAt: '2026-03-01T10:00:00Z' });

describe('lanes of the timeline', () => {
  it('hold the exposures of a port of a group in one row, in time order', () => {
    const [lane, ...others] = lanesFor({
      signals: [{ exposures: [again] }, { exposures: [short] }],
    });
    expect(others).toEqual([]);
    expect(lane?.rows.map(({ label }) => label)).toEqual(['22 SSH']);
    expect(lane?.rows[0]?.items.map(({ startMs }) => startMs)).toEqual([
      Date.UTC(2026, 2, 1, 8),
      Date.UTC(2026, 2, 1, 9),
    ]);
  });

  it('show an opening of many ports as one bar that counts for all', () => {
    const [lane] = lanesFor({ signals: [{ exposures: allAdminPorts() }] });
    expect(lane?.rows.map(({ label }) => label)).toEqual(['9 ports']);
    expect(lane?.rows[0]?.items).toMatchObject([{ kind: 'span', count: 9, endMs: null }]);
  });

  it('keep groups of the same id in other accounts and regions apart', () => {
    const lanes = lanesFor({
      signals: [
        { exposures: [short] },
        { exposures: [anExposure({ id: 'b', accountId: '999999999999' })] },
        { exposures: [anExposure({ id: 'c', region: 'eu-west-1' })] },
      ],
    });
    expect(lanes).toHaveLength(3);
  });

  it('mark an undetermined change in the lane of its group', () => {
    const [lane] = lanesFor({
      signals: [{ exposures: [short] }],
      undetermined: [anUndetermined()],
    });
    expect(lane?.rows.map(({ label }) => label)).toEqual(['22 SSH', 'Undetermined']);
    expect(lane?.rows[1]?.items).toMatchObject([{ kind: 'moment' }]);
  });

  it('give an undetermined change a lane of its own only when nothing narrows the exposures', () => {
    const stories = { undetermined: [anUndetermined({ groupId: null })] };
    expect(lanesFor(stories).map(({ title }) => title)).toEqual(['Group unknown']);
    expect(lanesFor(stories, false)).toEqual([]);
  });

  it('apply the filters on account and text to undetermined changes', () => {
    const data = buildReportData(aFullResult(), aContext());
    expect(matchingUndetermined(data, initialView)).toHaveLength(3);
    expect(matchingUndetermined(data, { ...initialView, text: 'too large' })).toHaveLength(1);
    expect(matchingUndetermined(data, { ...initialView, accountId: '444455556666' })).toEqual([]);
  });

  it('put the records of a log rule in a lane of the rule, a row for what they have in common', () => {
    const result = { ...aScanResult(), signals: [aLogSignal()] };
    const data = buildReportData(result, aContext());
    const [lane] = lanesOf(rowsOf(data), [], true);
    expect(lane).toMatchObject({ title: 'access-keys-made', detail: '111122223333 · us-east-1' });
    expect(lane?.rows.map(({ label }) => label)).toEqual(['arn:aws:iam::111122223333:user/alice']);
    expect(mostAtOnce(lane === undefined ? [] : [lane])).toBe(0);
  });

  it('leave out what has no place in time', () => {
    expect(lanesFor({ signals: [{ exposures: [anExposure({ openedAt: 'never' })] }] })).toEqual([]);
  });

  it('know all their instants', () => {
    expect(instantsOf(lanesFor({ signals: [{ exposures: [short] }] }))).toEqual([
      Date.UTC(2026, 2, 1, 8),
      Date.UTC(2026, 2, 1, 8, 1, 49),
    ]);
  });
});

describe('what was open at once', () => {
  const bounds = { fromMs: Date.UTC(2026, 2, 1), toMs: Date.UTC(2026, 2, 11) };

  it('counts exposures, not bars', () => {
    expect(mostAtOnce(lanesFor({ signals: [{ exposures: allAdminPorts() }] }))).toBe(9);
  });

  it('does not add up what came one after the other', () => {
    const lanes = lanesFor({ signals: [{ exposures: [short] }, { exposures: [again] }] });
    expect(mostAtOnce(lanes)).toBe(1);
  });

  it('shows an opening of seconds in its pixel of days', () => {
    const counts = openPerPixel(lanesFor({ signals: [{ exposures: [short] }] }), bounds, 10);
    expect(counts).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('goes on to the right edge for what is still open', () => {
    const open = anExposure({ openedAt: '2026-03-08T12:00:00Z' });
    const counts = openPerPixel(lanesFor({ signals: [{ exposures: [open] }] }), bounds, 10);
    expect(counts).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  });
});

describe('where lanes stand', () => {
  const lanes = lanesFor({
    signals: Array.from({ length: 50 }, (_, index) => ({
      exposures: [anExposure({ id: `e${index}`, groupId: `sg-${index}` })] as const,
    })),
  });

  it.each([true, false])('one below the other, rows inside their lane (stacked: %s)', (stacked) => {
    const layout = layoutLanes(lanes, stacked);
    let bottom = 0;
    for (const { top, height, rows } of layout.lanes) {
      expect(top).toBe(bottom);
      bottom = top + height;
      for (const row of rows) expect(row.top + rowHeight).toBeLessThanOrEqual(height);
    }
    expect(layout.height).toBe(bottom);
  });

  it('finds those that reach into a stretch', () => {
    const layout = layoutLanes(lanes, false);
    const all = layout.lanes;
    const third = all[2];
    if (third === undefined) throw new Error('There are fifty lanes.');
    expect(lanesBetween(layout, third.top + 1, third.top + 2)).toEqual([third]);
    expect(lanesBetween(layout, 0, layout.height)).toEqual(all);
    expect(lanesBetween(layout, layout.height, layout.height + 100)).toEqual([]);
  });
});
