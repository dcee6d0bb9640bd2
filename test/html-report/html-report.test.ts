// The report as a person meets it: opened from disk in a browser, read, filtered, sorted, operated by
// keyboard, printed. Whatever happens, nothing runs but its own script and nothing is requested.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { hasChromium, launchChromium } from '../support/chromium.ts';
import {
  aFullResult,
  aLogSignal,
  anActor,
  anExposure,
  aProblem,
  aScanResult,
  anUndetermined,
} from '../support/scan-results.ts';
import { openAddress, openReport, removeReports, writeReport } from './open-report.ts';
import type { OpenReport } from './open-report.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

// Thirteen exposures, of which nine were opened by one call and make one row.
const allRows = 5;

function rows(page: Page): Locator {
  return page.locator('#exposure-table tbody tr');
}
function bars(page: Page): Locator {
  return page.locator('#timeline .span');
}
function hashOf(page: Page): Promise<string> {
  return page.evaluate<string>('location.hash');
}
function focusedText(page: Page): Promise<string> {
  return page.evaluate<string>(
    'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
  );
}
async function box(
  locator: Locator,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const found = await locator.boundingBox();
  if (found === null) throw new Error('The element is not shown.');
  return found;
}

async function attributes(locator: Locator, name: string): Promise<readonly string[]> {
  const nodes = await locator.all();
  return Promise.all(nodes.map(async (node) => (await node.getAttribute(name)) ?? ''));
}

describe.skipIf(!hasChromium)('the HTML report in a browser', () => {
  let browser: Browser;
  let address: string;
  let report: OpenReport | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    address = writeReport(aFullResult());
  });
  afterEach(async () => {
    const incidents = report?.incidents ?? [];
    await report?.page.context().close();
    report = undefined;
    if (incidents.length > 0) throw new Error(`Not meant to happen:\n${incidents.join('\n')}`);
  });
  afterAll(async () => {
    await browser.close();
    removeReports();
  });

  async function open(options: Parameters<typeof openAddress>[2] = {}): Promise<Page> {
    report = await openAddress(browser, address, options);
    return report.page;
  }

  describe('read', () => {
    it('says first what is open, then in which time and in how many records', async () => {
      const page = await open();
      expect(await page.locator('h1').textContent()).toBe('10 of 13 exposures still open');
      expect(await page.title()).toBe('10 of 13 exposures still open – Portcullis');
      const period = await page.locator('#period').innerText();
      expect(period).toContain('Feb 25, 2026 – Mar 3, 2026');
      expect(period).toContain('3,412,345 records in 12 files');
    });

    it('lists every exposure, those of one opening together, with what, who, when and how long', async () => {
      const page = await open();
      expect(await rows(page).count()).toBe(allRows);
      const row = await rows(page).filter({ hasText: '5432 PostgreSQL' }).innerText();
      for (const text of [
        'Medium',
        'sg-0123456789abcdef0',
        'us-east-1',
        '::/0',
        'deploy-pipeline',
      ]) {
        expect(row).toContain(text);
      }
      expect(row).toContain('2026-02-27 03:00:00');
      expect(row).toContain('13h 45m');
    });

    it('tells of undetermined changes, problems and the numbers of the scan', async () => {
      const page = await open();
      expect(await page.locator('#undetermined-list li').count()).toBe(3);
      const problems = page.locator('#problem-list');
      expect(await problems.innerText()).toContain('Fetch the file again from its source.');
      await problems.locator('summary').click();
      expect(await problems.locator('.places li').count()).toBe(8);
      expect(await page.locator('#stats').innerText()).toContain('3,412,345');
      expect(await page.locator('footer').innerText()).toContain(
        'Portcullis 1.0.0, generated 2026-03-04 12:00:00 UTC',
      );
    });

    it('leads from the note on top to what could not be told', async () => {
      const page = await open({ hash: 'status=open' });
      await page.getByRole('link', { name: '3 changes could not be told in full' }).click();
      expect(await page.evaluate('document.activeElement.id')).toBe('undetermined');
      expect(await hashOf(page)).toBe('#status=open');
    });

    it('tells of a rule that was not run, and why', async () => {
      const reason = 'its detection method is not run';
      const notRun = [{ ruleId: 'impossible-travel', reason }];
      report = await openReport(browser, { ...aFullResult(), notRun });
      const { page } = report;
      await page.getByRole('link', { name: '1 rule not run' }).click();
      expect(await page.locator('#not-run').innerText()).toContain(reason);
    });

    it('says so when nothing was found', async () => {
      report = await openReport(browser, aScanResult());
      const { page } = report;
      expect(await page.locator('h1').textContent()).toBe('No exposure found');
      for (const id of ['filters', 'timeline-panel', 'exposures', 'undetermined', 'problems']) {
        expect(await page.locator(`#${id}`).isVisible()).toBe(false);
      }
    });
  });

  describe('the timeline', () => {
    const month = [
      anExposure({
        id: 'fortnight',
        openedAt: '2026-03-01T08:00:00Z',
        closedAt: '2026-03-15T08:00:00Z',
        groupId: 'sg-fortnight',
      }),
      anExposure({
        id: 'short',
        openedAt: '2026-03-09T08:00:00Z',
        closedAt: '2026-03-09T08:01:49Z',
        groupId: 'sg-short',
      }),
      anExposure({ id: 'open', openedAt: '2026-03-12T00:00:00Z', groupId: 'sg-open' }),
    ];
    const months = aScanResult({ signals: month.map((exposure) => ({ exposures: [exposure] })) });

    async function openMonths(): Promise<Page> {
      report = await openReport(browser, months);
      return report.page;
    }

    it('shows seconds beside weeks, both to be seen and hit', async () => {
      const page = await openMonths();
      const fortnight = await box(page.locator('.span[data-key="fortnight"] .bar-fill').first());
      const short = await box(page.locator('.span[data-key="short"] .bar-fill').first());
      expect(fortnight.width).toBeGreaterThan(500);
      expect(short.width).toBeGreaterThanOrEqual(6);
      const hit = await box(page.locator('.span[data-key="short"] .hit'));
      expect(Math.min(hit.width, hit.height)).toBeGreaterThanOrEqual(24);
      await page.mouse.click(short.x + short.width / 2, short.y + short.height / 2);
      expect(await page.locator('#details-title').innerText()).toContain('sg-short');
    });

    it('runs what is still open to the right edge, and says so', async () => {
      const page = await openMonths();
      const canvas = await box(page.locator('.canvas'));
      const bar = await box(page.locator('.span[data-key="open"] .bar-fill').first());
      expect(bar.x + bar.width).toBeCloseTo(canvas.x + canvas.width, 0);
      expect(await page.locator('.span[data-key="open"]').textContent()).toBe('still open');
    });

    it('tells severities apart by hatching', async () => {
      const page = await open();
      const fills = await attributes(page.locator('#timeline .bar-hatch'), 'fill');
      expect(new Set(fills)).toEqual(
        new Set(['critical', 'high', 'medium', 'low'].map((name) => `url(#hatch-${name})`)),
      );
    });

    it('zooms to what is dragged over, by buttons, and back to the whole', async () => {
      const page = await openMonths();
      const whole = await page.locator('#timeline-range').textContent();
      const canvas = await box(page.locator('.canvas'));
      await page.mouse.move(canvas.x + canvas.width * 0.5, canvas.y + 5);
      await page.mouse.down();
      await page.mouse.move(canvas.x + canvas.width * 0.7, canvas.y + 5, { steps: 4 });
      await page.mouse.up();
      expect(await page.locator('#timeline-range').textContent()).toContain('Mar 8, 2026');
      expect(await hashOf(page)).toMatch(/^#from=2026-03-08.*&to=2026-03-11/);
      await page.locator('#zoom-in').click();
      await page.locator('#zoom-out').click();
      await page.locator('#zoom-whole').click();
      expect(await page.locator('#timeline-range').textContent()).toBe(whole);
      expect(await hashOf(page)).toBe('');
    });

    it('moves the ends of the part shown by keyboard', async () => {
      const page = await openMonths();
      const start = page.getByRole('slider', { name: 'Start of the part shown' });
      await start.focus();
      await page.keyboard.press('Shift+ArrowRight');
      expect(await start.getAttribute('aria-valuenow')).toBe('10');
      await page.keyboard.press('Home');
      expect(await start.getAttribute('aria-valuenow')).toBe('0');
    });

    it('lets only the time shown into the table when asked to', async () => {
      const page = await openMonths();
      const start = page.getByRole('slider', { name: 'Start of the part shown' });
      await start.focus();
      for (let press = 0; press < 7; press += 1) await page.keyboard.press('Shift+ArrowRight');
      expect(await rows(page).count()).toBe(3);
      await page.getByLabel('Only the time shown above').check();
      expect(await rows(page).count()).toBe(2);
      expect(await page.locator('#count').textContent()).toContain('2 of 3 exposures');
    });

    it('is walked by arrow keys and opened by Enter', async () => {
      const page = await open();
      await bars(page).first().focus();
      expect(await focusedText(page)).toContain('launch-wizard-1');
      await page.keyboard.press('ArrowDown');
      expect(await focusedText(page)).toContain('22 SSH on bastion-temp');
      expect(await page.locator('.tip').innerText()).toContain(
        'Opened 2026-03-01 08:00:00 by alice',
      );
      await page.keyboard.press('End');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect(await page.locator('#details-title').innerText()).toContain('sg-0a1b2c3d4e5f60718');
      await page.keyboard.press('Escape');
      expect(await focusedText(page)).toContain('22 SSH on bastion-temp');
    });

    it('has one tab stop, however many bars there are', async () => {
      const page = await open();
      expect(await page.locator('#timeline .item[tabindex="0"]').count()).toBe(1);
      await bars(page).first().focus();
      await page.keyboard.press('ArrowDown');
      expect(await page.locator('#timeline .item[tabindex="0"]').count()).toBe(1);
    });
  });

  describe('filters', () => {
    it('find text, in table and timeline, and keep it in the address', async () => {
      const page = await open();
      await page.keyboard.press('/');
      await page.keyboard.type('postgresql');
      expect(await rows(page).count()).toBe(1);
      expect(await bars(page).count()).toBe(1);
      expect(await page.locator('#count').textContent()).toBe('1 of 13 exposures, 1 of 4 signals');
      expect(await hashOf(page)).toBe('#q=postgresql');
      await page.getByRole('button', { name: 'Reset' }).click();
      expect(await rows(page).count()).toBe(allRows);
      expect(await hashOf(page)).toBe('');
    });

    it('narrow by severity, status, rule and account', async () => {
      const page = await open();
      const high = page.locator('#severities').getByRole('button', { name: 'high' });
      expect(await high.innerText()).toContain('2');
      await high.click();
      expect(await high.getAttribute('aria-pressed')).toBe('true');
      expect(await rows(page).count()).toBe(2);
      await page.getByRole('button', { name: 'Closed', exact: true }).click();
      expect(await rows(page).count()).toBe(1);
      await high.click();
      await page.getByLabel('Rule').selectOption('aws-sg-database-port-open-to-world');
      expect(await rows(page).count()).toBe(1);
      await page.getByLabel('Account', { exact: true }).selectOption('444455556666');
      expect(await page.locator('#no-rows').isVisible()).toBe(true);
      expect(await page.locator('#timeline').innerText()).toContain('No exposure matches');
    });

    it('are as the address says', async () => {
      const page = await open({ hash: 'severity=critical&status=open&sort=port&q=rdp' });
      expect(await rows(page).count()).toBe(1);
      expect(await page.locator('#search').inputValue()).toBe('rdp');
      expect(await page.locator('th[aria-sort="ascending"]').innerText()).toContain('What');
    });
  });

  describe('the table', () => {
    it('sorts by each column, and the other way round', async () => {
      const page = await open();
      const header = page.getByRole('columnheader', { name: 'What' });
      await header.getByRole('button').click();
      expect(await header.getAttribute('aria-sort')).toBe('ascending');
      expect(await rows(page).first().innerText()).toContain('21 FTP');
      await header.getByRole('button').click();
      expect(await header.getAttribute('aria-sort')).toBe('descending');
      expect(await rows(page).first().innerText()).toContain('8000-8100');
    });

    it('is walked by arrow keys, and Enter opens the details', async () => {
      const page = await open();
      await page.locator('.row-button').first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('End');
      expect(await focusedText(page)).toContain('8000-8100 on metrics');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      expect(await page.locator('#details-title').innerText()).toContain('PostgreSQL');
      await page.keyboard.press('Escape');
      expect(await page.locator('#details').isVisible()).toBe(false);
      expect(await focusedText(page)).toContain('5432 PostgreSQL');
    });

    it('opens the details from anywhere in a row', async () => {
      const page = await open();
      await rows(page).last().locator('td').last().click();
      expect(await page.locator('#details').isVisible()).toBe(true);
    });
  });

  describe('the details', () => {
    it('show what was open, who opened and closed it, the message and the evidence', async () => {
      const page = await open({ hash: 'q=rdp bastion' });
      await page.locator('.row-button').first().click();
      const text = await page.locator('#details').innerText();
      for (const part of [
        'until 2026-03-01 08:21:49',
        '50 % of IPv4',
        '128.0.0.0/1',
        'arn:aws:sts::111122223333:assumed-role/platform-admin/alice',
        'aws-cli/2.15.30',
        '203.0.113.7',
        'vpc-0123456789abcdef0',
        'open-2026-03-01T08:00:00Z',
        'closed 3389 RDP',
        'Find a group that lets the world reach an administrative port.',
        'technique:T1562-impair-defenses',
      ]) {
        expect(text).toContain(part);
      }
      const message = page.locator('.rich', { hasText: 'was opened' });
      expect(await message.locator('strong').innerText()).toBe('sg-0a1b2c3d4e5f60718');
      expect(await message.locator('h4').innerText()).toBe('Triage and response');
      expect(await message.locator('ol li code').innerText()).toBe('alice');
    });

    it('name who closed it where that was another', async () => {
      const page = await open({ hash: 'q=postgresql' });
      await page.locator('.row-button').first().click();
      expect(await page.locator('#details').innerText()).toContain(
        'arn:aws:iam::111122223333:root',
      );
    });

    it('fold ports that share one story', async () => {
      const page = await open({ hash: 'severity=critical' });
      await page.locator('.row-button').first().click();
      expect(await page.locator('.opening').count()).toBe(1);
      expect(await page.locator('.opening .port').count()).toBe(9);
    });

    it('lead to the next signal and back, and have an address of their own', async () => {
      const page = await open();
      await page.locator('.row-button').first().click();
      expect(await page.locator('#details-position').innerText()).toBe('1 of 4');
      await page.getByRole('button', { name: 'Next signal' }).click();
      expect(await page.locator('#details-title').innerText()).toContain('sg-0a1b2c3d4e5f60718');
      const hash = await hashOf(page);
      expect(hash).toMatch(/^#signal=/);
      await page.goBack();
      expect(await page.locator('#details').isVisible()).toBe(false);
      await page.goForward();
      expect(await page.locator('#details').isVisible()).toBe(true);
    });

    it('tell of the records of a log rule, where there are such', async () => {
      const { signals, ...rest } = aFullResult();
      report = await openReport(browser, { ...rest, signals: [...signals, aLogSignal()] });
      const { page } = report;
      expect(await page.locator('#exposures-title').innerText()).toBe('Findings');
      expect(await page.locator('h1').innerText()).toBe('10 of 13 exposures still open');
      await rows(page).filter({ hasText: 'Keys made by alice' }).click();
      const text = await page.locator('#details').innerText();
      for (const part of [
        'Closed after 1h 20m',
        'Matching keys',
        '198.51.100.7',
        'And 138 more.',
      ]) {
        expect(text).toContain(part);
      }
    });

    it('open from a link', async () => {
      const id = aFullResult().signals[2]?.id ?? '';
      const page = await open({ hash: `signal=${encodeURIComponent(id)}` });
      expect(await page.locator('#details-title').innerText()).toContain('PostgreSQL');
    });

    it('copy a command', async () => {
      const command = 'aws ec2 describe-security-groups \\\n  --group-ids sg-1';
      const message = `Look:\n\n\`\`\`sh\n${command}\n\`\`\`\n`;
      const result = aScanResult({ signals: [{ exposures: [anExposure()], signal: { message } }] });
      report = await openReport(browser, result, {
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      const { page } = report;
      await page.locator('.row-button').first().click();
      await page.getByRole('button', { name: 'Copy code' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);
    });
  });

  describe('hostile logs', () => {
    const attacks: readonly (readonly [string, string])[] = [
      ['a script', '<script>globalThis.taken = 1</script>'],
      ['the end of a script', '</script><script>globalThis.taken = 1</script>'],
      ['the end of an attribute', '"><img src=x onerror="globalThis.taken = 1">'],
      ['a handler', `' onmouseover='globalThis.taken = 1' x='`],
      ['an address that runs', 'javascript:globalThis.taken=1'],
      ['a comment', '<!--<script>'],
      ['a turned direction', '\u202Egnp.exe'],
      ['a template', '{{constructor.constructor("globalThis.taken = 1")()}}'],
      ['a very long word', 'x'.repeat(3000)],
    ];

    function hostileResult(attack: string): ReturnType<typeof aScanResult> {
      const actor = anActor({
        type: attack,
        arn: attack,
        sessionName: attack,
        accessKeyId: attack,
        sourceIp: attack,
        userAgent: attack,
        invokedBy: attack,
      });
      const exposure = anExposure({
        accountId: attack,
        region: attack,
        groupId: attack,
        groupName: attack,
        vpcId: attack,
        protocol: attack,
        service: attack,
        sources: [attack],
        openedByEventId: attack,
        openedBy: actor,
        closedAt: '2026-03-01T08:01:49Z',
        closedByEventId: `${attack} `,
        closedBy: { ...actor, sessionName: `${attack} ` },
      });
      return aScanResult({
        signals: [
          {
            exposures: [exposure],
            signal: {
              title: attack,
              message: `${attack}\n\n[x](${attack})\n\n![x](${attack})\n\n    ${attack}`,
            },
          },
        ],
        undetermined: [
          anUndetermined({
            eventId: attack,
            eventTime: attack,
            eventName: attack,
            accountId: attack,
            region: attack,
            groupId: attack,
            reason: attack,
          }),
        ],
        problems: [aProblem({ file: attack, message: attack })],
      });
    }

    it.each(attacks)('come out as text: %s', async (_, attack) => {
      report = await openReport(browser, hostileResult(attack));
      const { page } = report;
      await page.locator('.row-button').first().click();
      await page.locator('#details a, #details code').first().hover();
      await page.keyboard.press('Escape');
      await bars(page).first().hover();
      expect(await page.evaluate('globalThis.taken')).toBeUndefined();
      expect(await page.locator('img, iframe, object, embed').count()).toBe(0);
      expect(await page.locator('script').count()).toBe(2);
      const links = await attributes(page.locator('a'), 'href');
      for (const link of links) expect(link).toMatch(/^(?:#|https:)/);
      const shown = attack.replaceAll('\u202E', '⟦U+202E⟧');
      expect(await page.locator('#exposure-table .cell-group .strong-line').innerText()).toBe(
        shown,
      );
      expect(await page.locator('#details-title').textContent()).toBe(shown);
    });

    it('do not make the page wider than the screen', async () => {
      report = await openReport(browser, hostileResult('x'.repeat(3000)), {
        viewport: { width: 360, height: 740 },
      });
      const { page } = report;
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await page.locator('.row-button').first().click();
      const overflow = await page.evaluate<number>(`(() => {
        const content = document.querySelector('#details-content');
        return content.scrollWidth - content.clientWidth;
      })()`);
      expect(overflow).toBe(0);
    });
  });

  describe('looks', () => {
    it.each([360, 768, 1024, 1440, 2560])('fit a screen %d pixels wide', async (width) => {
      const page = await open({ viewport: { width, height: 800 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const table = await box(page.locator('#exposure-table'));
      expect(table.x + table.width).toBeLessThanOrEqual(width);
    });

    it('follow the system, and the choice of the reader', async () => {
      const page = await open({ colorScheme: 'dark' });
      const background = (): Promise<string> =>
        page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const dark = await background();
      await page.getByLabel('Color theme').selectOption('light');
      const light = await background();
      expect(light).not.toBe(dark);
      await page.reload();
      expect(await background()).toBe(light);
      await page.getByLabel('Color theme').selectOption('dark');
      expect(await background()).toBe(dark);
    });

    it('put everything on paper, in light colors', async () => {
      const page = await open({ colorScheme: 'dark' });
      await page.emulateMedia({ media: 'print' });
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      expect(await page.locator('#filters').isVisible()).toBe(false);
      expect(await page.locator('#appendix article').count()).toBe(4);
      expect(await page.locator('#appendix').innerText()).toContain('Triage and response');
      await page.evaluate('dispatchEvent(new Event("afterprint"))');
      expect(await page.locator('#appendix article').count()).toBe(0);
    });

    it('print to several pages', async () => {
      const page = await open();
      const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
      expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(4);
    });
  });

  describe('access', () => {
    async function violations(page: Page): Promise<readonly string[]> {
      await page.evaluate(readFileSync(axePath, 'utf8'));
      const found = await page.evaluate<{ passed: number; violations: string[] }>(`
        axe.run(document).then(({ passes, violations }) => ({
          passed: passes.length,
          violations: violations.map(({ id, nodes }) =>
            id + ': ' + nodes.map(({ target }) => target).join(', ')),
        }))`);
      expect(found.passed).toBeGreaterThan(20);
      return found.violations;
    }

    const everything = { ...aFullResult(), signals: [...aFullResult().signals, aLogSignal()] };

    it.each([
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['on a phone', { viewport: { width: 360, height: 740 } }],
    ] as const)('has no known barrier: %s', async (_, options) => {
      report = await openReport(browser, everything, options);
      expect(await violations(report.page)).toEqual([]);
    });

    it.each([
      ['light', 'rdp bastion'],
      ['dark', 'rdp bastion'],
      ['light', 'keys made'],
    ] as const)('has no known barrier in the details: %s, %s', async (colorScheme, search) => {
      // Without motion, no color is measured half-way.
      const options = { colorScheme, hash: `q=${search}`, reducedMotion: 'reduce' } as const;
      report = await openReport(browser, everything, options);
      const { page } = report;
      await page.locator('.row-button').first().click();
      expect(await violations(page)).toEqual([]);
    });

    it('shows where the focus is', async () => {
      const page = await open();
      await page.keyboard.press('Tab');
      expect(await focusedText(page)).toBe('Skip to the exposures');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('exposures');
      await page.keyboard.press('Tab');
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline).toBe('solid');
    });
  });

  describe('many exposures', () => {
    const count = 5000;
    const day = Date.UTC(2026, 0, 1);

    function manyExposures(): ReturnType<typeof aScanResult> {
      const signals = Array.from({ length: count }, (_, index) => {
        const openedMs = day + index * 977_000;
        const exposure = anExposure({
          id: `e${index}`,
          groupId: `sg-${index % 1500}`,
          groupName: `group-${index % 1500}`,
          port: [22, 3389, 445][index % 3] ?? 22,
          openedAt: new Date(openedMs).toISOString(),
          closedAt: index % 9 === 0 ? null : new Date(openedMs + index * 1000).toISOString(),
          openedBy: anActor({ sessionName: `person-${index % 300}` }),
        });
        return { exposures: [exposure] as const, signal: { id: `s${index}` } };
      });
      return aScanResult({ signals });
    }

    it('stay quick to write, to open, to filter and to scroll', async () => {
      const result = manyExposures();
      const before = performance.now();
      const many = writeReport(result);
      // An eye's blink on an idle machine; the bound is for one that runs every other test as well.
      expect(performance.now() - before).toBeLessThan(8000);
      report = await openAddress(browser, many);
      const { page } = report;
      expect(await page.locator('h1').textContent()).toBe('556 of 5,000 exposures still open');
      const filterMs = await page.evaluate<number>(`(() => {
        const search = document.querySelector('#search');
        search.value = 'person-29';
        const start = performance.now();
        search.dispatchEvent(new Event('input'));
        return performance.now() - start;
      })()`);
      expect(filterMs).toBeLessThan(1500);
      expect(await page.locator('#count').textContent()).toContain('177 of 5,000 exposures');
      await page.locator('#search').fill('');
      await page.evaluate('document.querySelector(".plot-scroller").scrollTo(0, 30000)');
      await bars(page).first().waitFor();
      expect(await page.locator('.lane').count()).toBeLessThan(60);
      await page.locator('.row-button').first().focus();
      await page.keyboard.press('End');
      expect(await rows(page).count()).toBe(count);
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      expect(await page.locator('#timeline').innerText()).toContain(
        'The first 300 of 1500 groups.',
      );
      expect(await page.locator('#appendix').innerText()).toContain('4900 more signals');
    });
  });
});
