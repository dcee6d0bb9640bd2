// Renders a scan result, opens the file in a browser, and keeps a record of everything that must
// not happen on the page.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import type { ScanResult } from '../../src/model/scan-result.ts';
import { renderHtml } from '../../src/render/html.ts';
import { aContext } from '../support/scan-results.ts';

export type OpenReport = {
  readonly page: Page;
  /** Console messages, script errors, policy violations and requests, in order. */
  readonly incidents: readonly string[];
};

export type OpenOptions = BrowserContextOptions & {
  /** The address after `#`. */
  readonly hash?: string;
};

const folder = mkdtempSync(join(tmpdir(), 'portcullis-html-'));
let files = 0;

/** Writes the report of the result to a file of its own and gives the file's address. */
export function writeReport(result: ScanResult): string {
  files += 1;
  const path = join(folder, `report-${files}.html`);
  writeFileSync(path, [...renderHtml(result, aContext())].join(''));
  return pathToFileURL(path).href;
}

export function removeReports(): void {
  rmSync(folder, { recursive: true, force: true });
}

export async function openAddress(
  browser: Browser,
  address: string,
  { hash = '', ...options }: OpenOptions = {},
): Promise<OpenReport> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const incidents: string[] = [];
  page.on('console', (message) => incidents.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address) incidents.push(`request: ${request.url()}`);
  });
  await page.exposeFunction('reportViolation', (what: string) => incidents.push(`policy: ${what}`));
  await page.addInitScript(`
    addEventListener('securitypolicyviolation', (event) => {
      reportViolation(event.violatedDirective + ' ' + event.blockedURI);
    });
  `);
  await page.goto(hash === '' ? address : `${address}#${hash}`);
  return { page, incidents };
}

export function openReport(
  browser: Browser,
  result: ScanResult,
  options: OpenOptions = {},
): Promise<OpenReport> {
  return openAddress(browser, writeReport(result), options);
}
