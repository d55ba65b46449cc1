import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/render/render-html.ts';
import { openBrowser } from '../dashboard/browser.ts';
import { pdfText } from '../support/pdf-text.ts';
import { largeReport, sampleReport } from './sample-report.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** The width of the paper between its margins, in CSS pixels: 96 to an inch. */
const PAPER = { A4: Math.floor(((210 - 26) / 25.4) * 96), Letter: Math.floor(((215.9 - 26) / 25.4) * 96) } as const;

const isMissing = !existsSync('/usr/bin/chromium');
if (isMissing && process.env['CI'] === 'true') throw new Error('/usr/bin/chromium is not installed: see .ci/provision');
if (isMissing) console.warn('SKIPPED: the report in a browser: /usr/bin/chromium is not installed');

describe.skipIf(isMissing)('the report as a file, in a browser', () => {
  let browser: Browser;
  let directory: string;
  let url: string;
  let largeUrl: string;
  beforeAll(async () => {
    browser = await openBrowser();
    directory = await mkdtemp(join(tmpdir(), 'firedrill-report-'));
    const file = join(directory, 'report.html');
    await writeFile(file, renderHtml(sampleReport(), { version: '0.1.0' }));
    url = pathToFileURL(file).href;
    const large = join(directory, 'large.html');
    await writeFile(large, renderHtml(largeReport(), { version: '0.1.0' }));
    largeUrl = pathToFileURL(large).href;
  });
  afterAll(async () => {
    await browser.close();
    await rm(directory, { recursive: true });
  });

  /** @returns requests besides the page itself, and all errors and messages. */
  async function open(page: Page): Promise<string[]> {
    const noticed: string[] = [];
    page.on('request', (request) => noticed.push(request.url()));
    page.on('pageerror', (error) => noticed.push(error.message));
    page.on('console', (message) => noticed.push(message.text()));
    page.on('dialog', (dialog) => noticed.push(dialog.message()));
    await page.goto(url);
    return noticed.filter((text) => text !== url);
  }

  // Each scheme and each width once: test/support/design-tokens.test.ts requires the same contrast in both schemes for every pair of
  // colors.
  it.each([
    ['dark', 360],
    ['light', 1440],
  ] as const)(
    'has no violation of WCAG 2.2 AA in the %s scheme at %i pixels, fits, and loads nothing',
    async (colorScheme, width) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
      const page = await context.newPage();
      expect(await open(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await context.close();
    },
  );

  it('runs no script from untrusted text, under its own policy', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    expect(await open(page)).toEqual([]);
    expect(await page.locator('script').count()).toBe(0);
    await context.close();
  });

  it.each(['A4', 'Letter'] as const)(
    'prints 20 drills over 90 days on at most six pages of %s, the answers on the first',
    async (format) => {
      const page = await browser.newPage();
      await page.goto(largeUrl);
      const pdf = (await page.pdf({ format })).toString('latin1');
      const pages = pdf.match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
      expect(pages).toBeGreaterThan(2);
      expect(pages).toBeLessThanOrEqual(6);
      const first = pdfText(await page.pdf({ format, pageRanges: '1' }));
      for (const answer of [
        '17 of 20 databases proven recoverable',
        'service-database-18',
        'What fails',
        'What is not covered',
      ])
        expect(first).toContain(answer);
      expect(first).not.toContain('Share of runs that met');
      await page.close();
    },
  );

  it('shows every column of the table of all drills at any width', async () => {
    const page = await browser.newPage();
    await page.goto(largeUrl);
    const cut: number[] = [];
    for (const width of [390, 641, 700, 768, 1024, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const hidden = await page.evaluate(`(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(
        document.querySelector('.r-all .r-scroll'))`);
      if (hidden !== 0) cut.push(width);
    }
    expect(cut).toEqual([]);
    await page.close();
  });

  it('answers its three questions at 1440 × 900 without scrolling, with 20 drills', async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(largeUrl);
    const bottoms = await page.evaluate(`['.r-verdict', '.r-tiles', '.r-all thead', '.r-beside'].map((selector) =>
      document.querySelector(selector).getBoundingClientRect().bottom)`);
    expect(Math.max(...(bottoms as number[]))).toBeLessThanOrEqual(900);
    await page.evaluate('window.scrollTo(0, 2000)');
    const top = await page.evaluate(`document.querySelector('.r-contents').getBoundingClientRect().top`);
    expect(top).toBeGreaterThanOrEqual(0);
    await page.close();
  });

  it.each(['A4', 'Letter'] as const)(
    'prints on %s: light, no wider than the paper, table headings on each page',
    async (format) => {
      const context = await browser.newContext({
        colorScheme: 'dark',
        viewport: { width: PAPER[format], height: 900 },
      });
      const page = await context.newPage();
      await page.goto(url);
      await page.emulateMedia({ media: 'print' });
      const found = await page.evaluate(`({
      wide: [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).length,
      background: getComputedStyle(document.body).backgroundColor,
      head: getComputedStyle(document.querySelector('thead')).display,
      row: getComputedStyle(document.querySelector('tbody tr')).breakInside,
      bar: getComputedStyle(document.querySelector('.r-f-restore')).fill,
    })`);
      expect(found).toEqual({
        wide: 0,
        background: 'rgb(255, 255, 255)',
        head: 'table-header-group',
        row: 'avoid',
        bar: 'rgb(37, 99, 235)',
      });
      const pdf = (await page.pdf({ format })).toString('latin1');
      expect(pdf).toMatch(/^%PDF-/);
      const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
      const paper = format === 'A4' ? [595.3, 841.9] : [612, 792];
      const offBy = [Number(width), Number(height)].map((points, index) => Math.abs(points - (paper[index] ?? 0)));
      expect(Math.max(...offBy)).toBeLessThan(1.5);
      await context.close();
    },
  );
});
