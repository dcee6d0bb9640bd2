// Takes the README's pictures from the real thing: the table as a terminal shows it, and the HTML
// report in a browser, both of the example estate. Needs Chromium; run it when either changes looks.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { version } from '../src/cli/version.ts';
import { loadRenderer } from '../src/render/formats.ts';
import type { RenderContext } from '../src/render/render-context.ts';
import { builtInRulesDirectory, loadRules } from '../src/rules/load-rules.ts';
import { scan } from '../src/scan.ts';
import { escapeHtml } from '../src/template/escape.ts';
import { launchChromium } from '../test/support/chromium.ts';

const root = resolve(import.meta.dirname, '..');
const images = join(root, 'docs/images');

/** Terminal styles that the table uses, as CSS. */
const styles: Readonly<Record<string, string>> = {
  1: 'font-weight:bold',
  2: 'opacity:.65',
  3: 'font-style:italic',
  31: 'color:#ff6b6b',
  32: 'color:#69db7c',
  33: 'color:#ffd43b',
  34: 'color:#74c0fc',
  35: 'color:#e599f7',
  36: 'color:#66d9e8',
  90: 'color:#868e96',
  91: 'color:#ff8787',
  93: 'color:#ffe066',
};

/** One "select graphic rendition" sequence; what it selects is captured. */
const sgr = new RegExp(`${String.fromCodePoint(0x1b)}\\[([\\d;]*)m`);

/** Text with SGR sequences as HTML; any sequence that ends a style ends all of them. */
function terminalHtml(text: string): string {
  const active = new Set<string>();
  const parts = text.split(sgr);
  return parts
    .map((part, index) => {
      if (index % 2 === 0) {
        const css = [...active].map((code) => styles[code] ?? '').join(';');
        return part === '' ? '' : `<span style="${css}">${escapeHtml(part)}</span>`;
      }
      for (const code of part.split(';')) {
        if (styles[code] === undefined) active.clear();
        else active.add(code);
      }
      return '';
    })
    .join('');
}

function terminalPage(command: string, output: string): string {
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 24px; background: #e9ecef; display: inline-block }
    main { background: #16191d; color: #dee2e6; border-radius: 10px; padding: 18px 22px;
      font: 14px/1.35 'DejaVu Sans Mono', 'Liberation Mono', monospace; white-space: pre }
    b { color: #69db7c }
  </style><main><b>$</b> ${escapeHtml(command)}\n\n${terminalHtml(output)}</main>`;
}

async function shoot(page: Page, html: string, folder: string, selector: string): Promise<Buffer> {
  const file = join(folder, 'page.html');
  await writeFile(file, html);
  await page.goto(pathToFileURL(file).href);
  return page.locator(selector).first().screenshot();
}

await mkdir(images, { recursive: true });
const rules = await loadRules([builtInRulesDirectory()]);
const result = await scan([join(root, 'examples/cloudtrail')], { rules });
const context: RenderContext = {
  rules: rules.filter((rule) => rule.enabled),
  columns: 96,
  color: true,
  now: new Date('2026-11-16T09:00:00Z'),
  version,
};
const table = [...(await loadRenderer('table'))(result, context)].join('');
const lines = table.split('\n');
const report = [...(await loadRenderer('html'))(result, context)].join('');

const browser = await launchChromium();
const folder = await mkdtemp(join(tmpdir(), 'portcullis-pictures-'));
try {
  const page = await browser.newPage({ deviceScaleFactor: 1 });
  await page.setViewportSize({ width: 1_000, height: 900 });
  // Whole blocks only: to the last gap before line 36, then from the undetermined changes on.
  const cut = lines.lastIndexOf('', 36);
  const rest = lines.findIndex((line) => line.includes('UNDETERMINED'));
  const shown = [...lines.slice(0, cut), '', '  ⋮', '', ...lines.slice(rest)].join('\n').trimEnd();
  const terminal = terminalPage('portcullis scan examples/cloudtrail', shown);
  await writeFile(join(images, 'table.png'), await shoot(page, terminal, folder, 'body'));
  await page.setViewportSize({ width: 1_280, height: 900 });
  const file = join(folder, 'report.html');
  await writeFile(file, report);
  await page.goto(pathToFileURL(file).href);
  await writeFile(join(images, 'report.png'), await page.screenshot());
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
