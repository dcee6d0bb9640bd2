import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { visibleLines, visibleText } from './visible-text.ts';

describe('text of a log on a page', () => {
  it('leaves letters, signs and emoji alone', () => {
    expect(visibleText('bastion-temp 測定 📈 <b>&')).toBe('bastion-temp 測定 📈 <b>&');
  });

  it('shows characters that turn the direction of writing', () => {
    expect(visibleText('invoice\u202Egpj.exe')).toBe('invoice⟦U+202E⟧gpj.exe');
  });

  it('shows zero-width and tag characters, control characters and line breaks', () => {
    expect(visibleText('ad\u200Bmin\u{E0041}')).toBe('ad⟦U+200B⟧min⟦U+E0041⟧');
    expect(visibleText('\u001B[31m\n\u2028')).toBe('⟦U+001B⟧[31m⟦U+000A⟧⟦U+2028⟧');
  });

  it('shows half of a surrogate pair', () => {
    expect(visibleText('a\uD83D')).toBe('a⟦U+D83D⟧');
  });

  it('keeps the lines of a text that may have lines', () => {
    expect(visibleLines('a\r\n\tb\u0007\n')).toBe('a\n\tb⟦U+0007⟧\n');
  });

  it('leaves nothing invisible, whatever comes in', () => {
    const unit = fc.integer({ min: 0, max: 0x10_ff_ff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
