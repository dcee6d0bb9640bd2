// The page's first words: how many exposures there are, how many are still open, in which time, and
// what could not be told.

import { byId, html } from './dom.ts';
import type { ReportData } from './report-data.ts';
import { dayText, readableTime } from './time-scale.ts';
import type { TimeWindow } from './time-scale.ts';

/** A count with its noun, for example `1,204 records`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function headline(exposures: number, open: number): string {
  if (exposures === 0) return 'No exposure found';
  const all = exposures === 1 ? '' : 'all ';
  if (open === 0) return `${counted(exposures, 'exposure')}, ${all}closed`;
  if (open === exposures) return `${counted(exposures, 'exposure')}, ${all}still open`;
  return `${open.toLocaleString('en-US')} of ${counted(exposures, 'exposure')} still open`;
}

function periodText(data: ReportData): string {
  const times = data.findings.flatMap(({ openedMs, closedMs }) => [openedMs, closedMs]);
  const known = times.filter((ms) => ms !== null);
  if (known.length === 0) return '';
  const span: TimeWindow = {
    fromMs: known.reduce((left, right) => Math.min(left, right)),
    toMs: known.reduce((left, right) => Math.max(left, right)),
  };
  const first = dayText(span.fromMs);
  const last = dayText(span.toMs);
  return first === last ? first : `${first} – ${last}`;
}

export function showSummary(data: ReportData): void {
  const exposures = data.findings.filter(({ kind }) => kind === 'exposure');
  const open = exposures.filter(({ closedAt }) => closedAt === null).length;
  const accounts = new Set(data.signals.map(({ accountId }) => accountId)).size;
  const title = headline(exposures.length, open);
  const facts = [
    periodText(data),
    data.signals.length === 0
      ? ''
      : `${counted(data.signals.length, 'signal')} in ${counted(accounts, 'account')}`,
    data.extent,
  ];
  byId('headline', HTMLElement).textContent = title;
  document.title = `${title} – Portcullis`;
  byId('period', HTMLElement).replaceChildren(
    ...facts.filter((text) => text !== '').map((text) => html('span', {}, text)),
  );
  byId('generated', HTMLElement).textContent =
    `Portcullis ${data.version}, generated ${readableTime(data.generatedAt)} UTC`;

  const notes: { readonly href: string; readonly text: string }[] = [];
  if (data.undetermined.length > 0) {
    const what = counted(data.undetermined.length, 'change');
    notes.push({ href: '#undetermined', text: `${what} could not be told in full` });
  }
  if (data.problems.length > 0) {
    notes.push({
      href: '#problems',
      text: `${counted(data.problems.length, 'problem')} in reading`,
    });
  }
  if (data.notRun.length > 0) {
    notes.push({ href: '#not-run', text: `${counted(data.notRun.length, 'rule')} not run` });
  }
  if (data.suppressed !== null) notes.push({ href: '#suppressed', text: data.suppressed });
  const list = byId('notes', HTMLElement);
  list.hidden = notes.length === 0;
  list.replaceChildren(
    ...notes.map(({ href, text }) => html('li', {}, html('a', { href, class: 'note' }, text))),
  );
}
