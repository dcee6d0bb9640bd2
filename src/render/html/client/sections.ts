// What follows the exposures: changes that could not be told in full, problems in reading, and the
// scan's numbers.

import { byId, html, logText } from './dom.ts';
import { timeText } from './labels.ts';
import type { ProblemView, ReportData, RuleView, UndeterminedView } from './report-data.ts';

const portion = 200;
// More places than these are folded away.
const openPlaces = 3;

/** Fills the list in portions, with a button for the next one. */
function fillList<T>(
  list: HTMLElement,
  values: readonly T[],
  item: (value: T) => HTMLElement,
): void {
  let shown = 0;
  const more = html('button', { type: 'button', class: 'more' });
  function append(): void {
    list.append(...values.slice(shown, shown + portion).map(item));
    shown = Math.min(values.length, shown + portion);
    more.textContent = `Show more (${(values.length - shown).toLocaleString('en-US')} left)`;
    more.hidden = shown >= values.length;
  }
  more.addEventListener('click', append);
  list.replaceChildren();
  list.after(more);
  append();
}

function undeterminedItem(change: UndeterminedView): HTMLElement {
  return html(
    'li',
    { class: 'entry' },
    html(
      'p',
      { class: 'entry-head' },
      logText(change.eventName, 'strong-line'),
      timeText(change.eventTime),
      logText(change.groupId ?? 'group unknown', 'mono'),
      html('span', {}, logText(change.accountId, 'mono'), ', ', logText(change.region)),
    ),
    html('p', {}, logText(change.reason)),
    html('p', { class: 'sub-line' }, 'Event ', logText(change.eventId, 'mono')),
  );
}

/** Problems of one kind with one message: said once, with every place. */
type ProblemGroup = { readonly first: ProblemView; readonly all: ProblemView[] };

function grouped(problems: readonly ProblemView[]): readonly ProblemGroup[] {
  const groups = new Map<string, ProblemGroup>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.code, problem.message]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: problem, all: [problem] });
    else group.all.push(problem);
  }
  return [...groups.values()];
}

function problemPlace(problem: ProblemView): HTMLElement {
  const place = problem.place === '' ? null : html('span', {}, `, ${problem.place}`);
  return html('li', {}, logText(problem.file, 'mono'), place);
}

function problemItem({ first, all }: ProblemGroup): HTMLElement {
  const places = html('ul', { class: 'places' });
  const list =
    all.length <= openPlaces
      ? places
      : html(
          'details',
          {},
          html('summary', {}, `${all.length.toLocaleString('en-US')} places`),
          places,
        );
  const item = html(
    'li',
    { class: 'entry' },
    html('p', { class: 'strong-line' }, logText(first.message)),
    html('p', {}, first.nextStep),
    html('p', { class: 'sub-line mono' }, first.code),
    list,
  );
  fillList(places, all, problemPlace);
  return item;
}

function ruleItem({ id, name, version }: RuleView): HTMLElement {
  return html(
    'li',
    {},
    logText(name, 'strong-line'),
    logText(version === null ? id : `${id} ${version}`, 'sub-line mono'),
  );
}

export function showSections(data: ReportData): void {
  byId('undetermined', HTMLElement).hidden = data.undetermined.length === 0;
  fillList(byId('undetermined-list', HTMLElement), data.undetermined, undeterminedItem);
  byId('problems', HTMLElement).hidden = data.problems.length === 0;
  fillList(byId('problem-list', HTMLElement), grouped(data.problems), problemItem);
  byId('stats', HTMLElement).replaceChildren(
    ...data.stats.map(({ label, value }) =>
      html('div', { class: 'stat' }, html('dt', {}, label), html('dd', {}, value)),
    ),
  );
  byId('rules', HTMLElement).replaceChildren(...data.rules.map(ruleItem));
  byId('not-run', HTMLElement).hidden = data.notRun.length === 0;
  byId('not-run-list', HTMLElement).replaceChildren(
    ...data.notRun.map(({ name, value }) =>
      html('li', {}, logText(name, 'mono'), html('span', { class: 'sub-line' }, logText(value))),
    ),
  );
  byId('suppressed', HTMLElement).hidden = data.suppressed === null;
  byId('suppressed-count', HTMLElement).textContent = data.suppressed;
  byId('suppressed-list', HTMLElement).replaceChildren(
    ...data.hidden.map(({ name, value }) =>
      html('li', {}, logText(name), html('span', { class: 'sub-line' }, logText(value))),
    ),
  );
}
