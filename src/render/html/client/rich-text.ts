// Rendered Markdown as elements. Only tags of `RichTag` come to be; code blocks get a copy button.

import { copyButton } from './copy.ts';
import { html } from './dom.ts';
import type { BlockIndexes, ReportData, RichElement, RichNode } from './report-data.ts';

function plainText(nodes: readonly RichNode[]): string {
  return nodes
    .map((node) => (typeof node === 'string' ? node : plainText(node.children ?? [])))
    .join('');
}

function codeBlock(element: RichElement): HTMLElement {
  const text = plainText(element.children ?? []);
  const code = html('code', {}, text);
  return html(
    'div',
    { class: 'code-block' },
    html('pre', { tabindex: 0, role: 'region', 'aria-label': 'Code' }, code),
    copyButton(text, code, 'code'),
  );
}

function richElement(element: RichElement): HTMLElement {
  if (element.tag === 'pre') return codeBlock(element);
  const children = richNodes(element.children ?? []);
  if (element.tag === 'a') {
    const link = { href: element.href ?? null, target: '_blank', rel: 'noopener noreferrer' };
    return html('a', link, ...children);
  }
  if (element.tag === 'table') {
    return html('div', { class: 'table-scroller', tabindex: 0 }, html('table', {}, ...children));
  }
  return html(element.tag, { start: element.start ?? null }, ...children);
}

function richNodes(nodes: readonly RichNode[]): (Node | string)[] {
  return nodes.map((node) => (typeof node === 'string' ? node : richElement(node)));
}

/** The blocks as one piece of rich text; null where there are none. */
export function richText(data: ReportData, blocks: BlockIndexes): HTMLElement | null {
  const nodes = blocks.flatMap((index) => data.blocks[index] ?? []);
  return nodes.length === 0 ? null : html('div', { class: 'rich' }, ...richNodes(nodes));
}
