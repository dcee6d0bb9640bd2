// The details of one signal: what was opened, by whom, the rule's message, and the evidence. Shown
// in a dialog on the screen and one below the other on paper.

import { copyButton } from './copy.ts';
import { byId, html, logText } from './dom.ts';
import type { Child } from './dom.ts';
import { foldsOf } from './folds.ts';
import type { Fold } from './folds.ts';
import { coverageMeter, durationOf, openMark, severityBadge, timeText } from './labels.ts';
import type { ActorView, ExposureView, ReportData, RuleView, SignalView } from './report-data.ts';
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

function openingItem(fold: Fold<ExposureView>): HTMLElement {
  const [first] = fold;
  const ports = fold.map(({ portText }) => logText(portText, 'port'));
  return html(
    'li',
    { class: 'opening' },
    html('p', { class: 'ports' }, ...ports),
    html(
      'p',
      { class: 'opening-time' },
      html('span', {}, 'From ', timeText(first.openedAt)),
      ...(first.closedAt === null
        ? [openMark()]
        : [html('span', {}, 'until ', timeText(first.closedAt), ', ', durationOf(first))]),
    ),
    html(
      'div',
      { class: 'opening-width' },
      coverageMeter(first),
      html('span', {}, first.width),
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
function eventFacts(exposures: readonly ExposureView[]): ReadonlyMap<string, EventFacts> {
  const events = new Map<string, EventFacts>();
  function factsOf(eventId: string, time: string, name: string | null): EventFacts {
    const known = events.get(eventId) ?? { name, time, opened: [], closed: [] };
    events.set(eventId, known);
    return known;
  }
  for (const exposure of exposures) {
    const { openedByEventId, openedAt, closedByEventId, closedAt, portText } = exposure;
    factsOf(openedByEventId, openedAt, exposure.openedByEventName).opened.push(portText);
    if (closedByEventId === null || closedAt === null) continue;
    factsOf(closedByEventId, closedAt, null).closed.push(portText);
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

function evidenceList(signal: SignalView, exposures: readonly ExposureView[]): HTMLElement {
  const events = eventFacts(exposures);
  const items = signal.eventIds.map((eventId) => {
    const event = events.get(eventId);
    const shown = logText(eventId, 'mono');
    return html(
      'li',
      {},
      html('span', { class: 'event-id' }, shown, copyButton(eventId, shown, 'event id')),
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
      { class: 'rule-name' },
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
    logText(signal.groupName ?? signal.groupId, 'strong-line'),
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
    signal.open ? openMark() : html('span', {}, `Closed after ${signal.duration ?? '0s'}`),
  );
}

/** Everything about a signal below its title, but for its rule. */
export function signalParts(data: ReportData, signal: SignalView): readonly HTMLElement[] {
  const exposures = signal.exposures.flatMap((index) => data.exposures[index] ?? []);
  const message = richText(data, signal.message);
  const samePerson =
    signal.closedBy !== null &&
    signal.closedBy.name === signal.actor.name &&
    signal.closedBy.arn === signal.actor.arn;
  return [
    status(signal),
    place(signal),
    part(
      'What was open',
      html(
        'ul',
        { class: 'openings' },
        ...foldsOf(exposures, (exposure) => exposure).map(openingItem),
      ),
    ),
    part('Who opened it', actorFacts(signal.actor)),
    ...(signal.closedBy === null
      ? []
      : [
          samePerson
            ? part(
                'Who closed it',
                html('p', {}, 'The same: ', logText(signal.closedBy.name, 'strong-line'), '.'),
              )
            : part('Who closed it', actorFacts(signal.closedBy)),
        ]),
    ...(message === null ? [] : [part('What happened and what to do', message)]),
    part(
      'Evidence',
      html(
        'dl',
        { class: 'facts' },
        copyFact('Group', signal.groupId),
        copyFact('VPC', signal.vpcId),
        fact('First seen', timeText(signal.firstSeen)),
        fact('Last change', timeText(signal.lastSeen)),
        copyFact('Signal', signal.id),
      ),
      html('h4', {}, 'CloudTrail events'),
      evidenceList(signal, exposures),
    ),
  ];
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
