// Markdown as a tree of the few elements that the report may show. HTML in the source is text, an
// image is text, a link leads to http or https or nowhere: there is no way to anything else.

import MarkdownIt, { type Token } from 'markdown-it';

import type { RichElement, RichNode, RichTag } from './client/report-data.ts';

const parser = new MarkdownIt({ html: false, linkify: false, typographer: false });
parser.disable('image');
parser.validateLink = isWebAddress;

const plainTags: ReadonlySet<string> = new Set<RichTag>([
  ...(['p', 'ul', 'ol', 'li', 'blockquote', 'strong', 'em', 's', 'br', 'hr'] as const),
  ...(['table', 'thead', 'tbody', 'tr', 'th', 'td'] as const),
]);

function isPlainTag(tag: string): tag is RichTag {
  return plainTags.has(tag);
}

/** Whether the text is an address that the page may link to. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

// The report's own headings end at the third level.
function headingTag(tag: string): RichTag {
  return tag === 'h1' || tag === 'h2' || tag === 'h3' ? 'h4' : 'h5';
}

type OpenElement = { tag: RichTag | null; children: RichNode[]; href?: string; start?: number };

function closed(element: OpenElement): RichNode[] {
  if (element.tag === null) return element.children;
  const node: RichElement = {
    tag: element.tag,
    ...(element.children.length > 0 && { children: element.children }),
    ...(element.href !== undefined && { href: element.href }),
    ...(element.start !== undefined && { start: element.start }),
  };
  return [node];
}

function opened(token: Token): OpenElement {
  if (token.hidden) return { tag: null, children: [] };
  if (token.type === 'heading_open') return { tag: headingTag(token.tag), children: [] };
  if (token.type === 'link_open') {
    const href = attribute(token, 'href') ?? '';
    return isWebAddress(href) ? { tag: 'a', children: [], href } : { tag: null, children: [] };
  }
  const start = Number(attribute(token, 'start') ?? 1);
  return {
    tag: isPlainTag(token.tag) ? token.tag : null,
    children: [],
    ...(token.tag === 'ol' && start !== 1 && { start }),
  };
}

function attribute(token: Token, name: string): string | undefined {
  const value = token.attrs?.find(([key]) => key === name)?.[1];
  return value === undefined ? undefined : String(value);
}

function leaf(token: Token): RichNode[] {
  switch (token.type) {
    case 'inline':
      return tree(token.children ?? []);
    case 'softbreak':
      return [' '];
    case 'hardbreak':
      return [{ tag: 'br' }];
    case 'hr':
      return [{ tag: 'hr' }];
    case 'code_inline':
      return [{ tag: 'code', children: [token.content] }];
    case 'fence':
    case 'code_block':
      return [{ tag: 'pre', children: [token.content.replace(/\n$/, '')] }];
    default:
      return token.content === '' ? [] : [token.content];
  }
}

function tree(tokens: readonly Token[]): RichNode[] {
  const root: OpenElement = { tag: null, children: [] };
  const path: OpenElement[] = [root];
  for (const token of tokens) {
    const parent = path.at(-1) ?? root;
    if (token.nesting === 1) path.push(opened(token));
    else if (token.nesting === 0) parent.children.push(...leaf(token));
    else {
      path.pop();
      (path.at(-1) ?? root).children.push(...closed(parent));
    }
  }
  return root.children;
}

/** The blocks of a Markdown text, in order. */
export function markdownBlocks(markdown: string): readonly RichNode[] {
  return tree(parser.parse(markdown, {}));
}
