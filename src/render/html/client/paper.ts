// Before printing, the page puts everything on paper that the filters let through: every lane, every
// row, and the details of each signal. With the details of one signal open, it prints that signal.

import { byId, html, logText } from './dom.ts';
import { rulePart, signalParts } from './details.ts';
import type { ReportData, SignalView } from './report-data.ts';

export type PaperParts = {
  /** Draws the whole timeline at a width in pixels; null returns to the screen. */
  drawTimeline(width: number | null): void;
  showAllRows(): void;
  /** The signals that the filters let through, in the order of the table. */
  signals(): readonly SignalView[];
};

// Fits between the margins of Letter and A4, both across.
const paperWidth = 960;
const printedSignals = 100;

export function startPaper(data: ReportData, parts: PaperParts): void {
  const appendix = byId('appendix', HTMLElement);

  let folded: readonly HTMLDetailsElement[] = [];

  function prepare(): void {
    parts.drawTimeline(paperWidth);
    parts.showAllRows();
    folded = [...document.querySelectorAll<HTMLDetailsElement>('#problems details:not([open])')];
    for (const fold of folded) fold.open = true;
    const signals = parts.signals();
    const rest = signals.length - printedSignals;
    appendix.replaceChildren(
      html('h2', {}, 'Signals in detail'),
      ...signals
        .slice(0, printedSignals)
        .map((signal) =>
          html(
            'article',
            {},
            html('h2', { class: 'signal-title' }, logText(signal.title)),
            ...signalParts(data, signal),
          ),
        ),
      rest > 0
        ? html('p', {}, `${rest} more signals are in the table; filter to print their details.`)
        : '',
      ...data.rules
        .filter((_, index) => signals.some(({ rule }) => rule === index))
        .map((rule) => rulePart(data, rule)),
    );
  }
  function restore(): void {
    for (const fold of folded) fold.open = false;
    parts.drawTimeline(null);
    appendix.replaceChildren();
  }
  globalThis.addEventListener('beforeprint', prepare);
  globalThis.addEventListener('afterprint', restore);
  byId('print', HTMLButtonElement).addEventListener('click', () => globalThis.print());
}
