// Small pieces that table, details and sections share: severities, times, states, people.

import { html, logText, svg } from './dom.ts';
import type { ActorView, FindingView, SeverityName } from './report-data.ts';
import { stillText } from './still-text.ts';
import { readableTime } from './time-scale.ts';

// The more severe, the more of the sign is filled, so that it reads without color.
const severityLevels: { readonly [severity in SeverityName]: number } = {
  critical: 4,
  high: 3,
  medium: 2,
  low: 1,
  info: 0,
};

export function severityBadge(severity: SeverityName): HTMLElement {
  const level = severityLevels[severity];
  const bars = [1, 2, 3, 4].map((step) =>
    svg('rect', {
      class: step <= level ? 'on' : 'off',
      x: (step - 1) * 4,
      y: 12 - step * 3,
      width: 3,
      height: step * 3,
    }),
  );
  return html(
    'span',
    { class: `severity severity-${severity}` },
    svg('svg', { width: 15, height: 12, 'aria-hidden': 'true' }, ...bars),
    severity,
  );
}

/** A time of the report, to be read in UTC. */
export function timeText(eventTime: string): HTMLElement {
  return html('time', { datetime: eventTime, class: 'time' }, readableTime(eventTime));
}

export function openMark(kind: FindingView['kind']): HTMLElement {
  return html('span', { class: 'open-mark' }, stillText(kind));
}

/** How long it lasted, or that it still does. */
export function durationOf(finding: FindingView): Node {
  if (finding.closedAt === null) return openMark(finding.kind);
  return html('span', {}, finding.duration ?? '0s');
}

function familyBar(family: string, share: number, y: number): readonly SVGElement[] {
  return [
    svg('text', { x: 0, y: y + 6 }, family),
    svg('rect', { class: 'meter-track', x: 14, y, width: 46, height: 6 }),
    svg('rect', {
      class: 'meter-fill',
      x: 14,
      y,
      width: Math.max(share > 0 ? 1 : 0, 46 * share),
      height: 6,
    }),
  ];
}

/** Two bars: the shares of IPv4 and IPv6 that were let in. */
export function coverageMeter(finding: FindingView): SVGSVGElement {
  return svg(
    'svg',
    { class: 'meter', width: 60, height: 18, 'aria-hidden': 'true' },
    ...familyBar('v4', finding.ipv4Coverage, 1),
    ...familyBar('v6', finding.ipv6Coverage, 11),
  );
}

/** Who it was and from where, in two lines. */
export function actorLines(actor: ActorView): readonly HTMLElement[] {
  const from = actor.sourceIp ?? actor.invokedBy;
  return [
    logText(actor.name, 'strong-line'),
    ...(from === null || from === actor.name ? [] : [logText(from, 'sub-line mono')]),
  ];
}
