// The output formats by name. Each is loaded when it is asked for, so that starting stays fast.

import type { Renderer } from './render-context.ts';

export const formatNames = ['table', 'json', 'ndjson', 'csv', 'markdown', 'ocsf', 'html'] as const;

export type FormatName = (typeof formatNames)[number];

const loaders: Readonly<Record<FormatName, () => Promise<Renderer>>> = {
  table: async () => (await import('./table.ts')).renderTable,
  json: async () => (await import('./json.ts')).renderJson,
  ndjson: async () => (await import('./ndjson.ts')).renderNdjson,
  csv: async () => (await import('./csv.ts')).renderCsv,
  markdown: async () => (await import('./markdown.ts')).renderMarkdown,
  ocsf: async () => (await import('./ocsf.ts')).renderOcsf,
  html: async () => (await import('./html.ts')).renderHtml,
};

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(loaders, name);
}

export function loadRenderer(format: FormatName): Promise<Renderer> {
  return loaders[format]();
}
