// The controls above the timeline that narrow what is shown.

import { byId, html } from './dom.ts';
import { severityBadge } from './labels.ts';
import { severityNames } from './report-data.ts';
import type { ReportData, SeverityName } from './report-data.ts';
import { initialView } from './view.ts';
import type { Status, View } from './view.ts';

export type Filters = {
  /** Shows the view's filters; `counts` says how many findings each severity would leave. */
  show(view: View, counts: ReadonlyMap<SeverityName, number>): void;
};

const statuses: readonly { readonly status: Status; readonly title: string }[] = [
  { status: 'all', title: 'All' },
  { status: 'open', title: 'Open' },
  { status: 'closed', title: 'Closed' },
];

function options(
  select: HTMLSelectElement,
  all: string,
  choices: readonly (readonly [string, string])[],
): void {
  // A choice of one is none.
  select.hidden = choices.length < 2;
  select.replaceChildren(
    html('option', { value: '' }, all),
    ...choices.map(([value, title]) => html('option', { value }, title)),
  );
}

/** Whether the view leaves anything out. */
function isFiltered(view: View): boolean {
  return (
    view.text !== '' ||
    view.severities.length > 0 ||
    view.status !== 'all' ||
    view.ruleId !== '' ||
    view.accountId !== '' ||
    view.inWindow
  );
}

export function createFilters(
  data: ReportData,
  current: () => View,
  change: (part: Partial<View>) => void,
): Filters {
  const search = byId('search', HTMLInputElement);
  const rule = byId('rule', HTMLSelectElement);
  const account = byId('account', HTMLSelectElement);
  const inWindow = byId('in-window', HTMLInputElement);
  const reset = byId('reset', HTMLButtonElement);
  const present = severityNames.filter((name) =>
    data.signals.some(({ severity }) => severity === name),
  );

  const severityButtons = present.map((severity) => {
    const count = html('span', { class: 'count' });
    const button = html(
      'button',
      { type: 'button', class: 'toggle', 'aria-pressed': 'false' },
      severityBadge(severity),
      count,
    );
    button.addEventListener('click', () => {
      const { severities } = current();
      change({
        severities: severities.includes(severity)
          ? severities.filter((other) => other !== severity)
          : severityNames.filter((name) => name === severity || severities.includes(name)),
      });
    });
    return { severity, button, count };
  });
  const statusButtons = statuses.map(({ status, title }) => {
    const button = html(
      'button',
      { type: 'button', class: 'toggle', 'aria-pressed': 'false' },
      title,
    );
    button.addEventListener('click', () => change({ status }));
    return { status, button };
  });
  byId('severities', HTMLElement).replaceChildren(...severityButtons.map(({ button }) => button));
  byId('statuses', HTMLElement).replaceChildren(...statusButtons.map(({ button }) => button));

  const accounts = [...new Set(data.signals.map(({ accountId }) => accountId))].toSorted();
  options(
    rule,
    'All rules',
    data.rules
      .filter((_, index) => data.signals.some(({ rule: used }) => used === index))
      .map(({ id, name }) => [id, name] as const),
  );
  options(
    account,
    'All accounts',
    accounts.map((id) => [id, id] as const),
  );

  search.addEventListener('input', () => change({ text: search.value }));
  rule.addEventListener('change', () => change({ ruleId: rule.value }));
  account.addEventListener('change', () => change({ accountId: account.value }));
  inWindow.addEventListener('change', () => change({ inWindow: inWindow.checked }));
  reset.addEventListener('click', () => {
    const { text, severities, status, ruleId, accountId, inWindow: only } = initialView;
    change({ text, severities, status, ruleId, accountId, inWindow: only });
    search.focus();
  });
  document.addEventListener('keydown', (event) => {
    const typing =
      event.target instanceof Element && event.target.matches('input, select, dialog *');
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  return {
    show(view, counts) {
      if (search.value !== view.text) search.value = view.text;
      rule.value = view.ruleId;
      account.value = view.accountId;
      inWindow.checked = view.inWindow;
      reset.hidden = !isFiltered(view);
      for (const { severity, button, count } of severityButtons) {
        button.setAttribute('aria-pressed', String(view.severities.includes(severity)));
        count.textContent = (counts.get(severity) ?? 0).toLocaleString('en-US');
      }
      for (const { status, button } of statusButtons) {
        button.setAttribute('aria-pressed', String(view.status === status));
      }
    },
  };
}
