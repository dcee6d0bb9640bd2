import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { embedJson } from './embed-json.ts';

const text = fc.string({
  unit: fc.constantFrom('<', '/', '!', '-', '"', '\\', 'script', '\u2028'),
});

describe('JSON inside a script element', () => {
  it('reads back as what went in, and holds nothing that ends the element', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.jsonValue()), (value) => {
        const json = [...embedJson(value)].join('');
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value));
        expect(json).not.toContain('<');
      }),
    );
  });

  it('escapes the element and comment marks and the line separators', () => {
    const hostile = '</script><!--\u2028\u2029';
    const json = [...embedJson({ a: [hostile], b: hostile })].join('');
    expect(json).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(json)).toEqual({ a: [hostile], b: hostile });
  });

  it('comes item by item', () => {
    expect([...embedJson({ list: [1, 2], empty: [] })]).toHaveLength(9);
  });
});
