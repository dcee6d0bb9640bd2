// The page's start: reads the embedded data and the address, and keeps timeline, table and details
// in step with the view. Nothing here asks the network for anything.

import { byId } from './dom.ts';
import { createDetails } from './details.ts';
import { createExposureTable } from './exposure-table.ts';
import { createFilters } from './filters.ts';
import { instantsOf, lanesOf, matchingUndetermined } from './lanes.ts';
import { startPaper } from './paper.ts';
import { severityNames } from './report-data.ts';
import type { ReportData, SeverityName, SignalView } from './report-data.ts';
import { showSections } from './sections.ts';
import { counted, showSummary } from './summary.ts';
import { startTheme } from './theme.ts';
import { createTimeline } from './timeline.ts';
import { windowAround } from './time-scale.ts';
import { matches, matchesButSeverity, rowsOf, sorted, viewFromHash, viewToHash } from './view.ts';
import type { Row, SortKey, View } from './view.ts';

function isReportData(value: unknown): value is ReportData {
  return typeof value === 'object' && value !== null && 'findings' in value && 'blocks' in value;
}

function readData(): ReportData {
  const value: unknown = JSON.parse(byId('data', HTMLScriptElement).textContent);
  if (isReportData(value)) return value;
  throw new Error('The page does not hold the data of a report.');
}

const data = readData();
const rows = rowsOf(data);
// Log rules find records, which are no exposures.
const noun = data.findings.every(({ kind }) => kind === 'exposure') ? 'exposure' : 'finding';
const wholeLanes = lanesOf(rows, data.undetermined, true);
const bounds = windowAround(instantsOf(wholeLanes));

let view: View = viewFromHash(location.hash);
let shownRows: readonly Row[] = [];

function shownSignals(): readonly SignalView[] {
  return [...new Set(shownRows.map(({ signal }) => signal))];
}

function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  const id = link?.getAttribute('href')?.slice(1);
  if (id === undefined) return;
  // The address holds the view, so a link within the page moves the focus only.
  event.preventDefault();
  focusSection(id);
}

function focusSection(id: string): void {
  const target = byId(id, HTMLElement);
  target.focus({ preventScroll: true });
  target.scrollIntoView();
}

function remember(push: boolean): void {
  const hash = viewToHash(view);
  const address = hash === '' ? location.pathname + location.search : `#${hash}`;
  if (push) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

function change(part: Partial<View>): void {
  const before = view;
  view = { ...view, ...part };
  remember(view.signalId !== null && before.signalId === null);
  show(before);
}

function orderBy(key: SortKey): void {
  const largestFirst =
    key === 'severity' || key === 'width' || key === 'opened' || key === 'duration';
  change({ sort: key, descending: key === view.sort ? !view.descending : largestFirst });
}

function step(direction: -1 | 1): void {
  const signals = shownSignals();
  const next = signals[signals.findIndex(({ id }) => id === view.signalId) + direction];
  if (next !== undefined) change({ signalId: next.id });
}

function close(): void {
  if (view.signalId !== null) change({ signalId: null });
}

const timeline =
  bounds === null
    ? null
    : createTimeline(
        bounds,
        {
          severities: severityNames.filter((name) =>
            data.signals.some(({ severity }) => severity === name),
          ),
          open: data.signals.some(({ open }) => open),
          undetermined: data.undetermined.length > 0,
        },
        {
          activate: (item) => {
            if (item.kind === 'span') change({ signalId: item.signalId });
            else focusSection('undetermined');
          },
          zoom: (window) => change({ window }),
        },
      );
const table = createExposureTable({
  open: ({ signal }) => change({ signalId: signal.id }),
  orderBy,
});
const details = createDetails(data, { close, step });
const filters = createFilters(data, () => view, change);
let lanes = wholeLanes;

function showRows(): void {
  const candidates = rows.filter((row) => matchesButSeverity(row, view));
  const counts = new Map<SeverityName, number>();
  for (const { finding } of candidates) {
    counts.set(finding.severity, (counts.get(finding.severity) ?? 0) + 1);
  }
  shownRows = sorted(
    candidates.filter((row) => matches(row, view)),
    view,
  );
  const narrowed = view.severities.length > 0 || view.status !== 'all' || view.ruleId !== '';
  lanes = lanesOf(shownRows, matchingUndetermined(data, view), !narrowed);
  filters.show(view, counts);
  table.show(shownRows, view);
  byId('count', HTMLElement).textContent =
    `${shownRows.length.toLocaleString('en-US')} of ${counted(rows.length, noun)}, ` +
    `${shownSignals().length.toLocaleString('en-US')} of ${counted(data.signals.length, 'signal')}`;
}

function showDetails(): void {
  const signals = shownSignals();
  const signal = data.signals.find(({ id }) => id === view.signalId);
  if (signal === undefined) details.hide();
  else details.show(signal, signals.indexOf(signal), signals.length);
}

/** Brings the page in step with the view, as far as it differs from the one before. */
function show(before: View | null): void {
  const { window: windowBefore, signalId: signalBefore, ...restBefore } = before ?? view;
  const { window, signalId, ...rest } = view;
  const rowsChange =
    before === null ||
    JSON.stringify(rest) !== JSON.stringify(restBefore) ||
    (view.inWindow && window !== windowBefore);
  if (rowsChange) showRows();
  if (rowsChange || window !== windowBefore) timeline?.show(lanes, window);
  if (before === null || signalId !== signalBefore) showDetails();
}

startTheme();
showSummary(data);
showSections(data);
byId('timeline-panel', HTMLElement).hidden = timeline === null;
byId('filters', HTMLElement).hidden = rows.length === 0;
if (noun === 'finding') byId('exposures-title', HTMLElement).textContent = 'Findings';
byId('exposures', HTMLElement).hidden = rows.length === 0;
startPaper(data, {
  drawTimeline: (width) => timeline?.drawWhole(width),
  showAllRows: () => table.showAll(),
  signals: shownSignals,
});
document.addEventListener('click', followLink);
globalThis.addEventListener('popstate', () => {
  const before = view;
  view = viewFromHash(location.hash);
  show(before);
});
show(null);
