// The table of findings. Rows come in portions as the reader scrolls, so that thousands of them
// cost nothing; printing shows them all. Arrow keys lead from row to row, Enter opens the details.

import { byId, html, logText } from './dom.ts';
import { foldsOf, shortPorts, somePorts } from './folds.ts';
import type { Fold } from './folds.ts';
import { actorLines, durationOf, severityBadge, timeText } from './labels.ts';
import type { FindingView } from './report-data.ts';
import type { Row, SortKey, View } from './view.ts';

export type TableHandlers = {
  open(row: Row): void;
  orderBy(key: SortKey): void;
};

export type ExposureTable = {
  show(rows: readonly Row[], view: View): void;
  /** Puts every row on the page. */
  showAll(): void;
};

type Column = {
  readonly key: SortKey;
  readonly title: string;
  readonly cell: (row: Row, ports: readonly string[]) => readonly (Node | string)[];
};

const portion = 80;
const shownSources = 2;

function sourcesText({ sources }: FindingView): string {
  const rest = sources.length - shownSources;
  return sources.slice(0, shownSources).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

const columns: readonly Column[] = [
  {
    key: 'severity',
    title: 'Severity',
    cell: ({ finding }) => [severityBadge(finding.severity)],
  },
  {
    key: 'port',
    title: 'What',
    cell: ({ signal }, ports) => {
      const label = `${shortPorts(ports)} on ${signal.subject}: details`;
      return [
        html(
          'button',
          {
            type: 'button',
            class: 'row-button strong-line',
            tabindex: -1,
            'aria-label': label,
          },
          shortPorts(ports),
        ),
        ...(ports.length > 2 ? [logText(somePorts(ports), 'sub-line')] : []),
      ];
    },
  },
  {
    key: 'group',
    title: 'Security group',
    cell: ({ signal: { group, subject } }) => [
      logText(subject, group !== null && group.name === null ? 'strong-line mono' : 'strong-line'),
      ...(group === null || group.name === null ? [] : [logText(group.id, 'sub-line mono')]),
    ],
  },
  {
    key: 'account',
    title: 'Account',
    cell: ({ signal }) => [logText(signal.accountId, 'mono'), logText(signal.region, 'sub-line')],
  },
  {
    key: 'width',
    title: 'Open to',
    cell: ({ finding }) => [
      finding.extent,
      ...(finding.sources.length === 0 ? [] : [logText(sourcesText(finding), 'sub-line mono')]),
    ],
  },
  { key: 'who', title: 'Opened by', cell: ({ finding }) => actorLines(finding.openedBy) },
  { key: 'opened', title: 'Opened (UTC)', cell: ({ finding }) => [timeText(finding.openedAt)] },
  {
    key: 'duration',
    title: 'Open for',
    cell: ({ finding }) => [
      durationOf(finding),
      ...(finding.closedAt === null
        ? []
        : [html('span', { class: 'sub-line' }, 'until ', timeText(finding.closedAt))]),
    ],
  },
];

function bodyRow(fold: Fold<Row>, previous: Fold<Row> | undefined): HTMLTableRowElement {
  const [row] = fold;
  const ports = fold.map(({ finding }) => finding.label);
  const same = previous?.[0].finding.signal === row.finding.signal;
  return html(
    'tr',
    { role: 'row', class: same ? 'same-signal' : null, 'data-index': row.index },
    ...columns.map(({ key, title, cell }) =>
      html('td', { role: 'cell', class: `cell-${key}`, 'data-title': title }, ...cell(row, ports)),
    ),
  );
}

export function createExposureTable(handlers: TableHandlers): ExposureTable {
  const host = byId('exposure-table', HTMLElement);
  const more = byId('more-rows', HTMLButtonElement);
  const empty = byId('no-rows', HTMLElement);
  const sortButtons = columns.map(({ key, title }) => {
    const button = html('button', { type: 'button', class: 'sort' }, title);
    button.addEventListener('click', () => handlers.orderBy(key));
    return {
      key,
      cell: html('th', { role: 'columnheader', scope: 'col', class: `cell-${key}` }, button),
    };
  });
  const body = html('tbody', { role: 'rowgroup' });
  const table = html(
    'table',
    { role: 'table', class: 'exposures', 'aria-labelledby': 'exposures-title' },
    html(
      'thead',
      { role: 'rowgroup' },
      html('tr', { role: 'row' }, ...sortButtons.map(({ cell }) => cell)),
    ),
    body,
  );
  host.replaceChildren(table);

  let folds: readonly Fold<Row>[] = [];
  let shown = 0;

  function append(count: number): void {
    const next = folds.slice(shown, shown + count);
    body.append(...next.map((fold, position) => bodyRow(fold, folds[shown + position - 1])));
    shown += next.length;
    more.hidden = shown >= folds.length;
    more.textContent = `Show more (${(folds.length - shown).toLocaleString('en-US')} left)`;
  }

  function buttons(): HTMLButtonElement[] {
    return [...body.querySelectorAll<HTMLButtonElement>('.row-button')];
  }
  function setTabStop(stop: HTMLButtonElement | undefined): void {
    for (const button of body.querySelectorAll('.row-button[tabindex="0"]')) {
      button.setAttribute('tabindex', '-1');
    }
    stop?.setAttribute('tabindex', '0');
  }
  function rowAt(target: EventTarget | null): Row | undefined {
    const node = target instanceof Element ? target.closest('tr') : null;
    const index = node?.getAttribute('data-index');
    return index === null || index === undefined
      ? undefined
      : folds.find(([row]) => row.index === Number(index))?.[0];
  }

  body.addEventListener('click', (event) => {
    // Selecting text in a row is not a wish to open it.
    if (document.getSelection()?.type === 'Range') return;
    const row = rowAt(event.target);
    if (row !== undefined) handlers.open(row);
  });
  body.addEventListener('focusin', (event) => {
    if (event.target instanceof HTMLButtonElement) setTabStop(event.target);
  });
  body.addEventListener('keydown', (event) => {
    if (!(event.target instanceof HTMLButtonElement)) return;
    const current = buttons().indexOf(event.target);
    const last = folds.length - 1;
    const wanted = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + 10,
      PageUp: current - 10,
      Home: 0,
      End: last,
    }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const position = Math.max(0, Math.min(last, wanted));
    if (position >= shown) append(position - shown + portion);
    buttons()[position]?.focus();
  });
  more.addEventListener('click', () => append(portion));
  new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) append(portion);
    },
    { rootMargin: '600px' },
  ).observe(more);

  return {
    show(rows, view) {
      folds = foldsOf(rows, ({ finding }) => finding);
      shown = 0;
      body.replaceChildren();
      append(portion);
      setTabStop(buttons()[0]);
      table.hidden = rows.length === 0;
      empty.hidden = rows.length > 0;
      for (const { key, cell } of sortButtons) {
        const direction = view.descending ? 'descending' : 'ascending';
        if (key === view.sort) cell.setAttribute('aria-sort', direction);
        else cell.removeAttribute('aria-sort');
      }
    },
    showAll() {
      append(folds.length);
    },
  };
}
