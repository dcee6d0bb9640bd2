// The details of one signal: what was opened, by whom, the rule's message, and the evidence. Shown
// in a dialog on the screen and one below the other on paper.

import { copyButton } from './copy.ts';
import { byId, html, logText } from './dom.ts';
import type { Child } from './dom.ts';
import { foldsOf } from './folds.ts';
import type { Fold } from './folds.ts';
import { coverageMeter, durationOf, openMark, severityBadge, timeText } from './labels.ts';
import type { ActorView, FindingView, ReportData, RuleView, SignalView } from './report-data.ts';
import { richText } from './rich-text.ts';

export type DetailsHandlers = {
  close(): void;
  /** The signal before (-1) or after (1) the one shown, in the order of the table. */
  step(direction: -1 | 1): void;
};

export type Details = {
  show(signal: SignalView, position: number, count: number): void;
  hide(): void;
};

function fact(name: string, ...values: Child[]): HTMLElement {
  return html('div', { class: 'fact' }, html('dt', {}, name), html('dd', {}, ...values));
}

/** A fact whose value can be copied; null where there is no value. */
function copyFact(name: string, value: string | null): HTMLElement | null {
  if (value === null) return null;
  const shown = logText(value, 'mono');
  return fact(name, shown, copyButton(value, shown, name.toLowerCase()));
}

function textFact(name: string, value: string | null): HTMLElement | null {
  return value === null ? null : fact(name, logText(value));
}

function part(title: string, ...children: Child[]): HTMLElement {
  return html(
    'section',
    { class: 'part' },
    html('h3', { class: 'part-title' }, title),
    ...children,
  );
}

function actorFacts(actor: ActorView): HTMLElement {
  return html(
    'dl',
    { class: 'facts' },
    fact('Name', logText(actor.name, 'strong-line')),
    textFact('Identity type', actor.type),
    copyFact('Source address', actor.sourceIp),
    textFact('Through', actor.invokedBy),
    copyFact('ARN', actor.arn),
    copyFact('Access key', actor.accessKeyId),
    textFact('User agent', actor.userAgent),
  );
}

function openingItem(fold: Fold<FindingView>): HTMLElement {
  const [first] = fold;
  const ports = fold.map(({ label }) => logText(label, 'port'));
  return html(
    'li',
    { class: 'opening' },
    html('p', { class: 'ports' }, ...ports),
    html(
      'p',
      { class: 'opening-time' },
      html('span', {}, 'From ', timeText(first.openedAt)),
      ...(first.closedAt === null
        ? [openMark(first.kind)]
        : [html('span', {}, 'until ', timeText(first.closedAt), ', ', durationOf(first))]),
    ),
    html(
      'div',
      { class: 'opening-width' },
      coverageMeter(first),
      html('span', {}, first.extent),
      ...first.sources.map((source) => logText(source, 'mono chip')),
    ),
  );
}

type EventFacts = {
  readonly name: string | null;
  readonly time: string;
  readonly opened: string[];
  readonly closed: string[];
};

/** For each event, when it was and which ports it opened or closed. */
function eventFacts(findings: readonly FindingView[]): ReadonlyMap<string, EventFacts> {
  const events = new Map<string, EventFacts>();
  function factsOf(eventId: string, time: string, name: string | null): EventFacts {
    const known = events.get(eventId) ?? { name, time, opened: [], closed: [] };
    events.set(eventId, known);
    return known;
  }
  for (const finding of findings) {
    const { openedByEventId, openedAt, closedByEventId, closedAt, label } = finding;
    if (openedByEventId === null) continue;
    factsOf(openedByEventId, openedAt, finding.openedByEventName).opened.push(label);
    if (closedByEventId === null || closedAt === null) continue;
    factsOf(closedByEventId, closedAt, null).closed.push(label);
  }
  return events;
}

function roleText({ name, opened, closed }: EventFacts): string {
  const parts = [
    ...(name === null ? [] : [name]),
    ...(opened.length > 0 ? [`opened ${opened.join(', ')}`] : []),
    ...(closed.length > 0 ? [`closed ${closed.join(', ')}`] : []),
  ];
  return parts.join('; ');
}

function evidenceList(signal: SignalView, findings: readonly FindingView[]): HTMLElement {
  const events = eventFacts(findings);
  const items = signal.eventIds.map((eventId) => {
    const event = events.get(eventId);
    const shown = logText(eventId, 'mono');
    return html(
      'li',
      {},
      html('span', {}, shown, copyButton(eventId, shown, 'event id')),
      event === undefined ? null : timeText(event.time),
      event === undefined ? null : html('span', { class: 'event-role' }, roleText(event)),
    );
  });
  return html('ol', { class: 'events' }, ...items);
}

/** What the rule looks for and why. */
export function rulePart(data: ReportData, rule: RuleView): HTMLElement {
  const links = rule.references.map((href) =>
    html('li', {}, html('a', { href, target: '_blank', rel: 'noopener noreferrer' }, href)),
  );
  return part(
    'The rule',
    html(
      'p',
      {},
      html('strong', {}, rule.name),
      html(
        'span',
        { class: 'sub-line mono' },
        rule.version === null ? rule.id : `${rule.id} ${rule.version}`,
      ),
    ),
    richText(data, rule.goal),
    richText(data, rule.strategy),
    rule.tags.length === 0
      ? null
      : html(
          'p',
          { class: 'chips' },
          ...rule.tags.map((tag) => html('span', { class: 'chip' }, tag)),
        ),
    links.length === 0 ? null : html('ul', { class: 'references' }, ...links),
  );
}

function place(signal: SignalView): HTMLElement {
  return html(
    'p',
    { class: 'signal-place' },
    logText(signal.subject, 'strong-line'),
    ` in account `,
    logText(signal.accountId, 'mono'),
    `, `,
    logText(signal.region),
  );
}

function status(signal: SignalView): HTMLElement {
  return html(
    'p',
    { class: 'signal-status' },
    severityBadge(signal.severity),
    signal.open
      ? openMark(signal.group === null ? 'records' : 'exposure')
      : html('span', {}, `Closed after ${signal.duration ?? '0s'}`),
  );
}

function sameActor(left: ActorView, right: ActorView): boolean {
  return left.name === right.name && left.arn === right.arn;
}

function closerPart({ actor, closedBy }: SignalView): HTMLElement | null {
  if (closedBy === null) return null;
  const who = sameActor(closedBy, actor)
    ? html('p', {}, 'The same: ', logText(closedBy.name, 'strong-line'), '.')
    : actorFacts(closedBy);
  return part('Who closed it', who);
}

function exposureParts(signal: SignalView, findings: readonly FindingView[]): Child[] {
  const openings = foldsOf(findings, (finding) => finding).map(openingItem);
  return [
    part('What was open', html('ul', {}, ...openings)),
    part('Who opened it', actorFacts(signal.actor)),
    closerPart(signal),
  ];
}

function recordParts(signal: SignalView): Child[] {
  const facts = signal.facts.map(({ name, value }) => fact(name, logText(value)));
  return [
    part('What the records say', html('dl', { class: 'facts' }, ...facts)),
    part('Who it was', actorFacts(signal.actor)),
  ];
}

function evidencePart(signal: SignalView, findings: readonly FindingView[]): HTMLElement {
  const named = signal.eventIds.length;
  const rest = signal.eventCount - named;
  return part(
    'Evidence',
    html(
      'dl',
      { class: 'facts' },
      copyFact('Group', signal.group?.id ?? null),
      copyFact('VPC', signal.group?.vpcId ?? null),
      fact('First seen', timeText(signal.firstSeen)),
      fact('Last seen', timeText(signal.lastSeen)),
      copyFact('Signal', signal.id),
    ),
    html('h4', {}, 'CloudTrail events'),
    evidenceList(signal, findings),
    rest > 0 ? html('p', {}, `And ${rest.toLocaleString('en-US')} more.`) : null,
  );
}

/** Everything about a signal below its title, but for its rule. */
export function signalParts(data: ReportData, signal: SignalView): readonly Node[] {
  const findings = signal.findings.flatMap((index) => data.findings[index] ?? []);
  const message = richText(data, signal.message);
  const parts = [
    status(signal),
    place(signal),
    ...(signal.group === null ? recordParts(signal) : exposureParts(signal, findings)),
    message === null ? null : part('What happened and what to do', message),
    evidencePart(signal, findings),
  ];
  return parts.filter((child) => child instanceof Node);
}

export function createDetails(data: ReportData, handlers: DetailsHandlers): Details {
  const dialog = byId('details', HTMLDialogElement);
  const title = byId('details-title', HTMLElement);
  const content = byId('details-content', HTMLElement);
  const where = byId('details-position', HTMLElement);
  const previous = byId('details-previous', HTMLButtonElement);
  const next = byId('details-next', HTMLButtonElement);

  previous.addEventListener('click', () => handlers.step(-1));
  next.addEventListener('click', () => handlers.step(1));
  byId('details-close', HTMLButtonElement).addEventListener('click', () => handlers.close());
  // Escape closes the dialog by itself.
  dialog.addEventListener('close', () => {
    if (!dialog.open) handlers.close();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) handlers.close();
  });

  return {
    show(signal, position, count) {
      title.replaceChildren(logText(signal.title));
      const rule = data.rules[signal.rule];
      content.replaceChildren(
        ...signalParts(data, signal),
        ...(rule === undefined ? [] : [rulePart(data, rule)]),
      );
      content.scrollTop = 0;
      where.textContent = position === -1 ? '' : `${position + 1} of ${count}`;
      previous.disabled = position <= 0;
      next.disabled = position === -1 || position >= count - 1;
      if (!dialog.open) dialog.showModal();
    },
    hide() {
      if (dialog.open) dialog.close();
    },
  };
}
