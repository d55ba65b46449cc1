import { expect, it } from 'vitest';
import { REPORT_FORMAT_KINDS } from '../../src/report/format-registry.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { formatCell } from '../../src/report/render/csv.ts';
import { codeSpan, escapeMarkdown } from '../../src/report/render/markdown-table.ts';
import { renderFragment, renderHtml } from '../../src/report/render/render-html.ts';
import { REPORT_CSS } from '../../src/report/render/style.ts';
import { describeScope } from '../../src/report/render/titles.ts';
import { formatAt, formatBudget, formatMeasure, formatShare } from '../../src/report/render/vocabulary.ts';
import { toJson } from '../../src/support/json.ts';
import { passedRun } from '../support/run-records.ts';
import { HOSTILE, sampleReport } from './sample-report.ts';

const MADE = { version: '0.1.0' };
const report = sampleReport();
const html = renderHtml(report, MADE);

it('has its parts in the requested order, each under a heading', () => {
  expect(Array.from(html.matchAll(/<h2[^>]*>([^<]*)</g), ([, heading]) => heading)).toEqual([
    'Can we recover?',
    'Runs meeting objectives',
    'Failures',
    'Acknowledged and silenced',
    'What is not covered',
    'Recovery times',
    'Evidence',
  ]);
});

it('is self-contained: no script, nothing external, and a policy that enforces it', () => {
  expect(html).toContain(
    `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"`,
  );
  expect(html).not.toMatch(/<(?:script|link|img|iframe|object|embed|form|base)\b/i);
  expect(html).not.toMatch(/ (?:src|on[a-z]+|style|srcset|action)="/i);
  expect(html).not.toMatch(/@import|@font-face|url\((?!#)/);
});

it('escapes markup in untrusted text', () => {
  expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
  expect(html).not.toContain('<script>alert');
  expect(html).not.toContain('\u202e');
});

it('shows auditors every detail of each run: trigger, backup, objectives, times, checks, versions, isolation, teardown', () => {
  const run = html.slice(html.indexOf('id="run-20261031-030000-orders"'));
  for (const text of [
    'by hand (alice)',
    'orders/orders-2026-11-21.dump',
    '&quot;abc&quot;',
    '15 min, over locate, plan, provision, restore, verify',
    'sha256:1234',
    'no network',
    '<dt>Cleanup</dt><dd>confirmed',
    'db-host, Firedrill 0.1.0',
    'at least 599',
  ])
    expect(run).toContain(text);
});

it('names each requirement as its framework does', async () => {
  const named = [
    ['DORA, Regulation (EU) 2022/2554', 'Article 11: Response and recovery'],
    ['ISO/IEC 27001:2022, Annex A', 'A.8.13: Information backup'],
    ['NIST SP 800-53 Rev. 5, with SP 800-34 Rev. 1', 'CP-4: Contingency Plan Testing'],
  ];
  const markdown = await REPORT_FORMAT_KINDS.md.render(report, MADE);
  for (const [framework = '', clause = ''] of named) {
    expect(html).toContain(`>${framework}</a> ${clause}</th>`);
    expect(markdown).toContain(`| ${framework} ${clause} |`);
  }
});

it('links a run to its details, and to its page if pages are available', () => {
  expect(html).toContain('<a href="#run-20260818-030000-orders"><time datetime="2026-08-18T03:00:00.000Z">');
  const fragment = renderFragment(report, { evidence: false, runHref: (id) => `/runs/${id}` }).toString();
  expect(fragment).toContain('<a href="/runs/20260818-030000-orders">');
  expect(fragment).not.toContain('id="run-');
});

it('adds no styles or document tags to a fragment for a page', () => {
  const fragment = renderFragment(report).toString();
  expect(fragment).toMatch(/^<div class="r-report">/);
  expect(fragment).not.toMatch(/<style|style="|<html|<h1/);
});

it('has a rule for every class that it uses, all with its own prefix', () => {
  const used = new Set(Array.from(html.matchAll(/class="([^"]*)"/g), ([, names = '']) => names.split(' ')).flat());
  for (const name of used) {
    expect(name).toMatch(/^r-/);
    if (name !== 'r-meta') expect(REPORT_CSS).toContain(`.${name}`);
  }
});

it('draws the requested number of charts, starting with notable drills', () => {
  const charts = (limit: number) => {
    const fragment = renderFragment(report, { charts: limit }).toString();
    return Array.from(fragment.matchAll(/id="r-c-(\w+)-t"/g), ([, name]) => name).filter(
      (name) => name !== 'attainment',
    );
  };
  expect(charts(9)).toEqual(['orders', 'billing']);
  expect(charts(1)).toEqual(['orders']);
  expect(renderFragment(report, { charts: 1 }).toString()).toContain('aria-label="recovery times of billing:');
});

it('says when there are no drills or no runs', () => {
  const empty = sampleReport({ standings: [], histories: [], endings: [], evidence: [] });
  const page = renderHtml(empty, MADE);
  expect(page).toContain('There are no drills yet: nothing is proven recoverable.');
  expect(page).toContain('No drill ran in this period.');
  expect(page).toContain('No failed recoveries in this period.');
});

it('renders complete JSON with a format version', async () => {
  const document = JSON.parse(await REPORT_FORMAT_KINDS.json.render(report, MADE)) as Record<string, unknown>;
  expect(document).toMatchObject({
    type: 'firedrill-report',
    schemaVersion: 1,
    firedrillVersion: '0.1.0',
    runCount: 189,
  });
  expect(document).toEqual({ ...document, ...(JSON.parse(toJson(report)) as object) });
});

it('escapes untrusted text in Markdown', async () => {
  const markdown = await REPORT_FORMAT_KINDS.md.render(report, MADE);
  expect(markdown).toMatch(
    /^# Recovery report: from August 2026 to October 2026\n\n1 Aug 2026 to 31 Oct 2026 \(UTC\); 4 drills, 189 runs\n/,
  );
  expect(markdown).toContain('&lt;script\\>alert("x")&lt;/script\\>\'\\|\\`=HYPERLINK("http\\://evil")');
  const cells = new Set(
    markdown
      .split('\n')
      .filter((line) => line.startsWith('| orders'))
      .map((line) => line.match(/(?<!\\)\|/g)?.length),
  );
  expect(cells).toEqual(new Set([10, 7, 6, 5]));
});

it('shows auditors every detail of each run in Markdown as well, in a few lines with its checks as a table', async () => {
  const markdown = await REPORT_FORMAT_KINDS.md.render(report, MADE);
  expect(markdown.slice(markdown.indexOf('#### `20261031-030000-orders`'), markdown.indexOf('\n\nMade by'))).toBe(
    `#### \`20261031-030000-orders\`: passed

- Began: 31 Oct 2026, 12:00; Ended: 21 Nov 2026, 12:01; Triggered by: by hand (alice); Owner, tier: payments, tier 1
- RTO at the time: 15 min, over locate, plan, provision, restore, verify; Recovery time: 4.0 s; RPO at the time: 26 h; Backup age: 9 h old
- Stages: locate 1.0 s, plan 1.0 s, image pull 1.0 s, provision 1.0 s, restore 1.0 s, verify 1.0 s, teardown 1.0 s
- Backup: s3://acme/orders/ \`orders/orders-2026-11-21.dump\`, 48.1 GB, taken 21 Nov 2026, 03:00; Backup version: pg\\_dump custom archive, server 17.11, pg\\_dump 17.11; Backup checksum: \`"abc"\` (from the source); Selected: latest of 31; Protection: protected: compliance lock until 21 Dec 2026, 03:00 UTC (30 d required); deleting a marker was refused (access key …WXYZ); lifecycle rules could not be read; Read: 48.1 GB in 22,940 requests, 4.34 USD; Identity: the drill’s own, opened with age1orders, read as access key …WXYZ
- Sandbox: docker, postgres:17 \`sha256:1234\`, server 17.11; Isolation: no network; Cleanup: confirmed
- Definition: /srv/drills/orders.yaml, SHA-256 \`${'ab'.repeat(32)}\`; Ran on: db-host, Firedrill 0.1.0

| Check | Expected | Actual | Result | Took |
| --- | --- | --- | --- | --- |
| customers | at least 599 | 599 | passed | 3 ms |`,
  );
});

it('never treats text of a run as Markdown or HTML', async () => {
  const evil = '\n# h\n| a | ``x`` <img src=x> [l](http://e) &amp; **b** `';
  const run = passedRun({ id: '20261031-030000-orders' });
  const evidence = [
    {
      ...run,
      drillFile: evil,
      triggeredBy: evil,
      owner: evil,
      warnings: [evil],
      restoreErrors: [evil],
      restoreErrorCount: 1,
      reasons: [{ reason: 'wrong-data' as const, sentence: evil, hint: evil }],
      error: { code: 'internal' as const, stage: undefined, message: evil, hint: undefined, details: [] },
      leaseOwner: evil,
      checks: [{ name: evil, passed: true, expected: evil, actual: evil, durationMs: 3 }],
      backup: run.backup && { ...run.backup, source: evil, key: evil, etag: evil, dumpedBy: evil, selection: evil },
      sandbox: run.sandbox && { ...run.sandbox, image: evil, imageId: evil, isolation: evil },
    },
  ];
  const markdown = await REPORT_FORMAT_KINDS.md.render(sampleReport({ evidence }), MADE);
  const part = markdown.slice(markdown.indexOf('### Runs of'), markdown.indexOf('\n\nMade by'));
  const lines = part.split('\n').filter((line) => line !== '');
  expect(lines.map((line) => line.slice(0, 2))).toEqual([
    '##',
    '##',
    '- ',
    '- ',
    '- ',
    '- ',
    '- ',
    '- ',
    '| ',
    '| ',
    '| ',
  ]);
  expect(lines.at(-1)?.match(/(?<!\\)\|/g)).toHaveLength(6);
  const text = part.replaceAll(/(?<![`\\])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, 'CODE');
  expect(text.match(/CODE/g)).toHaveLength(5);
  expect(text.replaceAll(/\\./g, '')).not.toMatch(/[`<*[]|http:\/\/|&(?!lt;|amp;)/);
});

it.each([
  ['a key', '`a key`'],
  ['a`b', '`` a`b ``'],
  ['``', '``` `` ```'],
  [' padded ', '`  padded  `'],
  ['two\nlines', '`two lines`'],
  ['  ', ''],
])('fences %j as code in Markdown', (text, code) => {
  expect(codeSpan(text)).toBe(code);
});

it.each([
  [
    '[a](http://x) <b> *c* _d_ `e` ~f~ #1 @me |',
    '\\[a\\](http\\://x) &lt;b\\> \\*c\\* \\_d\\_ \\`e\\` \\~f\\~ \\#1 \\@me \\|',
  ],
  ['two\nlines & www.evil.example', 'two lines &amp; www\\.evil.example'],
])('escapes %j in Markdown', (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

it.each([
  ['a month so far ends today', '2026-11-29T09:00:00Z', '1 Nov 2026 to 29 Nov 2026 (UTC); '],
  ['a month that is over ends with it', '2026-12-03T09:00:00Z', '1 Nov 2026 to 30 Nov 2026 (UTC); '],
  ['a month ahead is named whole', '2026-10-03T09:00:00Z', '1 Nov 2026 to 30 Nov 2026 (UTC); '],
])('%s', (_, asOf, words) => {
  const period = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-12-01T00:00:00Z'), zone: 'UTC' };
  expect(describeScope(sampleReport({ asOf: new Date(asOf), period }))).toContain(words);
});

it.each([
  ['=1+1', "'=1+1"],
  [' +1', "' +1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ['a,b', '"a,b"'],
  ['a;b', '"a;b"'],
  ['line\r\nbreak', 'line\\r\\nbreak'],
  ['\t=1', '\\t=1'],
  ['plain', 'plain'],
  [-12.5, '-12.5'],
  [undefined, ''],
  [new Date('2026-10-03T02:15:00Z'), '2026-10-03 02:15:00 UTC'],
])('escapes %j in CSV so that no spreadsheet executes it', (value, cell) => {
  expect(formatCell(value)).toBe(cell);
});

it('never rounds a share up to all or down to nothing', () => {
  expect([1, 0.9999, 0.972, 0.0001, 0, undefined].map(formatShare)).toEqual([
    '100 %',
    '99.9 %',
    '97.2 %',
    '0.1 %',
    '0 %',
    '–',
  ]);
  const budget = { allowed: 1.5, spent: 1, remainingShare: 1 / 3 };
  expect(formatMeasure({ attained: 29, missed: 1, share: 29 / 30, budget })).toBe('96.7 % (29 of 30)');
  expect(formatBudget(budget)).toBe('1 of 1.5 misses');
  expect(formatBudget({ allowed: 1.5, spent: 2, remainingShare: -1 / 3 })).toBe(
    'error budget exceeded (2 misses, 1.5 allowed)',
  );
});

it('shows times in the time zone of the report, and names it', () => {
  expect(formatAt(new Date('2026-10-03T02:15:00Z'), 'Europe/Berlin')).toBe('3 Oct 2026, 04:15');
  const from = new Date('2026-07-31T22:00:00Z');
  const there = sampleReport({ period: { from, to: new Date('2026-10-31T23:00:00Z'), zone: 'Europe/Berlin' } });
  const page = renderHtml(there, MADE);
  expect(page).toContain('1 Aug 2026 to 31 Oct 2026 (Europe/Berlin)');
  expect(page).toContain('All dates and times are in Europe/Berlin.');
  expect(page).toContain('<time datetime="2026-10-30T03:00:00.000Z">30 Oct 2026, 04:00</time>');
});

it('is the same each time, even with long hostile text', () => {
  expect(HOSTILE.length).toBeGreaterThan(20);
  expect(renderHtml(report, MADE)).toBe(html);
});

it('does not call anything good or covered if there are no drills', async () => {
  const period = { from: new Date('2026-08-01T00:00:00Z'), to: new Date('2026-11-01T00:00:00Z'), zone: 'UTC' };
  const empty = makeReport({ asOf: period.to, period, standings: [], histories: [], endings: [], evidence: [] });
  for (const format of ['html', 'md'] as const) {
    const text = await REPORT_FORMAT_KINDS[format].render(empty, { version: '0.1.0' });
    expect(text).toContain('There are no drills: nothing is covered.');
    expect(text).not.toContain('a coverage gap.');
    expect(text).not.toContain('has given proof');
    expect(text).not.toContain('class="r-good"');
  }
});
