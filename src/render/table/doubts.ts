// What stands against taking the result for the whole truth: changes that could not be judged, what
// could not be read, and rules that were not run. Grouped by cause, a few of each; the JSON lists them all.

import { catalogue } from '../../errors/catalogue.ts';
import type { Undetermined } from '../../model/change.ts';
import type { Problem } from '../../model/problem.ts';
import type { NotRun } from '../../model/scan-result.ts';
import { countText, foundText, numberText, oneLine, timeText } from '../words.ts';
import { behind, brief, clip, type Frame, hanging, indent } from './frame.ts';
import { type Line, type Span, together, truncateStart, wrap } from './layout.ts';

/** A group lists this many one by one. */
const listedPerGroup = 4;

export function undeterminedBlock(undetermined: readonly Undetermined[], frame: Frame): Line[] {
  const title = `${countText(undetermined.length, 'change')} that may have opened something`;
  const groups = Map.groupBy(undetermined, ({ reason }) => reason);
  const body = [...groups].flatMap(([reason, changes]) => {
    const heading = `${numberText(changes.length)} × ${clip(reason, 300)}`;
    return hanging(wrap([{ text: heading }], frame.detail)).concat(
      listed(changes, frame, changeSpans),
    );
  });
  return block('UNDETERMINED', title, frame, body);
}

function changeSpans({ eventTime, eventName, groupId, accountId, region }: Undetermined): Line {
  const where = [groupId ?? '', accountId, region]
    .map((part) => brief(part, 40))
    .filter((part) => part !== '');
  return [
    { text: `${brief(timeText(eventTime), 24)} ${brief(eventName, 50)}` },
    { text: ` ${where.join(' ')}`, style: 'dim' },
  ];
}

export function problemsBlock(problems: readonly Problem[], frame: Frame): Line[] {
  const files = new Set(problems.map(({ file }) => file)).size;
  const title = `${numberText(problems.length)} in ${countText(files, 'file')}`;
  const groups = Map.groupBy(problems, ({ code }) => code);
  const body = [...groups].flatMap(([code, ofCode]) => {
    const heading: Line = [
      { text: `${numberText(ofCode.length)} × ` },
      { text: code, style: 'bold' },
      { text: ` ${catalogue[code].meaning} ${catalogue[code].nextStep}` },
    ];
    return hanging(wrap(heading, frame.detail)).concat(listed(ofCode, frame, problemSpans(frame)));
  });
  return block('PROBLEMS', title, frame, body);
}

export function notRunBlock(notRun: readonly NotRun[], frame: Frame): Line[] {
  const title = `${countText(notRun.length, 'rule')} that could not be looked for`;
  const body = notRun.flatMap(({ ruleId, reason }) =>
    hanging(
      wrap(
        [{ text: `- ${brief(ruleId)}`, style: 'bold' }, { text: ` ${clip(reason, 300)}` }],
        frame.detail,
      ),
    ),
  );
  return block('NOT RUN', title, frame, body);
}

function problemSpans({ detail }: Frame) {
  return (problem: Problem, previous: Problem | undefined): Line => {
    const { file, record } = problem;
    const place = record === undefined ? '' : ` record ${numberText(record)}`;
    const path = truncateStart(oneLine(file.slice(-1000)), detail - 2 - place.length);
    const where: Span = { text: together(`${path}${place}`) };
    const found = clip(foundText(problem), 300);
    // The same words under every file would hide the files.
    if (found === '' || problem.message === previous?.message) return [where];
    return [where, { text: ` ${found}`, style: 'dim' }];
  };
}

function block(label: string, title: string, frame: Frame, body: readonly Line[]): Line[] {
  const head: Line = [{ text: together(`${label}  `), style: ['yellow', 'bold'] }, { text: title }];
  return [...hanging(wrap(head, frame.detail)), ...body].map(
    behind({ text: '▌ ', style: 'yellow' }),
  );
}

/** The first few items, indented, and how many more there are. */
function listed<T>(
  items: readonly T[],
  { detail }: Frame,
  show: (item: T, previous: T | undefined) => Line,
): Line[] {
  // "And one more" would take the line that the one more takes.
  const shown = items.length === listedPerGroup + 1 ? items : items.slice(0, listedPerGroup);
  const lines = shown.flatMap((item, index) =>
    hanging(wrap(show(item, shown[index - 1]), detail - 2)),
  );
  const more = items.length - shown.length;
  const rest = `and ${numberText(more)} more; --format json lists them all`;
  const tail = more > 0 ? wrap([{ text: rest, style: 'dim' }], detail - 2) : [];
  return [...lines, ...tail].map(behind(indent));
}
