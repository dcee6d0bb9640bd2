import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RichElement, RichNode } from './client/report-data.ts';
import { markdownBlocks } from './markdown.ts';

function elements(nodes: readonly RichNode[]): RichElement[] {
  return nodes.flatMap((node) =>
    typeof node === 'string' ? [] : [node, ...elements(node.children ?? [])],
  );
}

function text(nodes: readonly RichNode[]): string {
  return nodes
    .map((node) => (typeof node === 'string' ? node : text(node.children ?? [])))
    .join('');
}

describe('Markdown as elements', () => {
  it('knows headings, lists, code and emphasis', () => {
    expect(markdownBlocks('### Triage\n\n1. Ask **Alice**\n2. Run `id`\n')).toEqual([
      { tag: 'h4', children: ['Triage'] },
      {
        tag: 'ol',
        children: [
          { tag: 'li', children: ['Ask ', { tag: 'strong', children: ['Alice'] }] },
          { tag: 'li', children: ['Run ', { tag: 'code', children: ['id'] }] },
        ],
      },
    ]);
  });

  it('keeps the number that a list begins with', () => {
    expect(markdownBlocks('3. c')).toEqual([
      { tag: 'ol', children: [{ tag: 'li', children: ['c'] }], start: 3 },
    ]);
  });

  it('keeps the lines and blanks of a code block', () => {
    expect(markdownBlocks('```sh\naws ec2 \\\n  --region x\n```\n')).toEqual([
      { tag: 'pre', children: ['aws ec2 \\\n  --region x'] },
    ]);
  });

  it('decodes what was escaped for Markdown', () => {
    expect(markdownBlocks(String.raw`\*x\* &lt;b&gt;`)).toEqual([
      { tag: 'p', children: ['*x* <b>'] },
    ]);
  });

  it('takes HTML for text', () => {
    const blocks = markdownBlocks('<script>alert(1)</script> and <img src=x onerror=alert(1)>');
    expect(elements(blocks).map(({ tag }) => tag)).toEqual(['p']);
    expect(text(blocks)).toBe('<script>alert(1)</script> and <img src=x onerror=alert(1)>');
  });

  it('links to web addresses only', () => {
    const source =
      '[a](https://example.com/) [b](javascript:alert(1)) [c](data:text/html,x) [d](//x)';
    const links = elements(markdownBlocks(source)).filter(({ tag }) => tag === 'a');
    expect(links.map(({ href }) => href)).toEqual(['https://example.com/']);
  });

  it('loads no image', () => {
    expect(
      elements(markdownBlocks('![x](https://example.com/x.png)')).map(({ tag }) => tag),
    ).toEqual(['p', 'a']);
  });

  it('gives known elements only, whatever comes in', () => {
    const known =
      'p h4 h5 ul ol li blockquote pre code strong em s a br hr table thead tbody tr th td';
    const tags = new Set(known.split(' '));
    const unit = fc.constantFrom(
      ...'#*_-`[]()!<>|:/ \n\t1.a&;~'.split(''),
      'https://a.b',
      '<script>',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 80 }), (source) => {
        for (const { tag, href } of elements(markdownBlocks(source))) {
          expect(tags).toContain(tag);
          expect(href ?? 'https:').toMatch(/^https?:/);
        }
      }),
    );
  });
});
