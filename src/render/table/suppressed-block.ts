// Signals that suppressions hide, where they are asked for: told like any other, and marked.

import type { SuppressedSignal } from '../../model/suppression.ts';
import { countText } from '../words.ts';
import { behind, clip, type Frame, hanging } from './frame.ts';
import { type Line, together, wrap } from './layout.ts';
import { signalBlock } from './signal-block.ts';

export function suppressedHeading(signals: number, frame: Frame): Line[] {
  const head: Line = [
    { text: together('SUPPRESSED  '), style: ['gray', 'bold'] },
    { text: `${countText(signals, 'signal')} that ${signals === 1 ? 'is' : 'are'} accepted` },
  ];
  return [...hanging(wrap(head, frame.inner)), []];
}

export function suppressedBlock(
  { signal, exposures, suppressions }: SuppressedSignal,
  frame: Frame,
  now: Date,
): Line[] {
  const marks = suppressions.flatMap(({ id, reason }) =>
    hanging(
      wrap(
        [
          { text: together('SUPPRESSED '), style: ['gray', 'bold'] },
          { text: `by ${clip(id, 100)}: ${clip(reason, 300)}` },
        ],
        frame.detail,
      ),
    ),
  );
  return [
    ...marks.map(behind({ text: '▌ ', style: 'gray' })),
    ...signalBlock({ signal, exposures }, frame, now),
  ];
}
