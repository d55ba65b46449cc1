import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRILL, type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

/** History of real drills, created once: one that passes, one with wrong data, one without a backup. */
let workspace: DrillWorkspace;
let junit: string;
let summary: string;
beforeAll(async () => {
  workspace = await makeDrillWorkspace();
  const { directory, write } = workspace;
  await mkdir(join(directory, 'drills'));
  await write('backups/orders-1.sql', plainDump());
  const drills = [
    { ...DRILL, name: 'orders', owner: 'payments', tier: 1 },
    {
      ...DRILL,
      name: 'ledger',
      tier: 2,
      checks: [{ ...DRILL.checks[0], name: '<b>all & "there"</b>', expect: { equals: 4 } }],
    },
    { ...DRILL, name: 'archive', tier: 2, backup: { source: '../backups', match: 'nothing*' } },
  ].map((drill) => ({ ...drill, backup: { ...drill.backup, source: '../backups' } }));
  for (const drill of drills) await write(`drills/${drill.name}.yaml`, JSON.stringify(drill));
  const env = { GITHUB_STEP_SUMMARY: join(directory, 'summary.md') };
  const ran = await workspace.firedrill(['run', '--all', '--junit', 'out.xml'], { env });
  expect(ran).toMatchObject({ code: 1, stderr: '' });
  junit = await readFile(join(directory, 'out.xml'), 'utf8');
  summary = await readFile(join(directory, 'summary.md'), 'utf8');
});
afterAll(() => workspace[Symbol.asyncDispose]());

async function report(...argv: readonly string[]) {
  return await workspace.firedrill(['report', ...argv]);
}

describe('CI reports', () => {
  it('are JUnit XML with a failure for each way in which recovery fails', () => {
    expect(junit).toMatch(/<testsuites name="firedrill" tests="8" failures="2" errors="0" skipped="1" time="[\d.]+">/);
    expect(junit).toContain('name="check: &lt;b&gt;all &amp; &quot;there&quot;&lt;/b&gt;"');
    expect(junit).toContain('<failure type="wrong-data" message="expected 4, actual 3"></failure>');
    expect(junit).toContain('<failure type="missing-backup" message="no backup matches nothing*');
  });

  it('are a Markdown summary when the job supports one', () => {
    expect(summary).toContain('## Firedrill: 1 of 3 databases recoverable');
    expect(summary).toMatch(/\| ✅ passed \| orders \| [\d.]+ m?s \(RTO 30 min\) \| \d+ .* old \| 1 of 1 \|/);
    expect(summary).toContain('### ledger');
  });

  it('are pure XML on standard output when requested', async () => {
    const { code, stdout, stderr } = await workspace.firedrill(['run', 'drills/archive.yaml', '--format', 'junit']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites [\s\S]*<\/testsuites>\n$/);
  });

  it('are refused before anything runs when the file is not writable', async () => {
    const refused = await workspace.firedrill(['run', '--all', '--junit', 'no/such/out.xml']);
    expect(refused).toEqual({
      code: 64,
      stdout: '',
      stderr:
        'usage: no/such/out.xml cannot be written: no such directory, or permission denied\nHINT: Choose a path in an existing, writable directory.\n',
    });
  });
});

describe('firedrill report', () => {
  it('starts with how many databases are proven recoverable, in Markdown by default', async () => {
    const { code, stdout, stderr } = await report();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^# Recovery report: the last 90 days\n/);
    expect(stdout).toContain('**1 of 3 databases proven recoverable; 2 failing.**');
  });

  it('writes one file that only its owner can read, and never a partial one', async () => {
    const told = await report('--out', 'report.html', '--since', '7d');
    expect(told).toEqual({ code: 0, stdout: '', stderr: 'written: report.html\n' });
    const file = join(workspace.directory, 'report.html');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const html = await readFile(file, 'utf8');
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('&lt;b&gt;all &amp; &quot;there&quot;&lt;/b&gt;');
    expect(html).not.toMatch(/<script|<b>all|(?:src|href)="(?!#|https:\/\/(?:www\.)?[a-z.-]+\/)/);
    const failed = await report('--out', 'no/such/report.html');
    expect(failed).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^usage: no\/such\/report\.html cannot be written \(ENOENT\)/),
    });
  });

  it('leaves out what the filter excludes', async () => {
    const { stdout } = await report('--tier', '2', '--format', 'json');
    const document = JSON.parse(stdout) as Record<string, unknown> & { trends: { drill: string }[] };
    expect(document).toMatchObject({ type: 'firedrill-report', schemaVersion: 1, filter: { tier: 2 }, drillCount: 2 });
    expect(document.trends.map(({ drill }) => drill).sort()).toEqual(['archive', 'ledger']);
    const { stdout: owned } = await report('--owner', 'payments', '--format', 'json');
    expect(JSON.parse(owned)).toMatchObject({ drillCount: 1, runCount: 1 });
  });

  it('computes the error budget from the requested target share', async () => {
    const { stdout } = await report('--target-share', '99.95%');
    expect(stdout).toContain('\nTarget 99.95 %.\n');
    expect((await report()).stdout).toContain('\nTarget 95 %.\n');
  });

  it('exports every run as CSV, with the objectives at the time', async () => {
    const { stdout } = await report('--format', 'csv', '--owner', 'payments');
    const [head = '', row = '', end] = stdout.split('\r\n');
    expect(end).toBe('');
    const values = Array.from(row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g), ([, value]) => value);
    const cells = new Map(head.split(',').map((name, index) => [name, values[index]]));
    expect(Object.fromEntries(cells)).toMatchObject({
      drill: 'orders',
      owner: 'payments',
      tier: '1',
      result: 'passed',
      trigger: 'hand',
      rto_ms: '1800000',
      rpo_ms: '',
      counted_stages: 'locate plan provision restore verify',
      checks_passed: '1',
      checks_failed: '0',
      backup_key: 'orders-1.sql',
      teardown_confirmed: 'true',
    });
  });

  it.each([
    [['--month', '2026-13'], 'usage: "2026-13" is not a month\nHINT: Write it as 2026-10.\n'],
    [['--quarter', '2026-4'], 'usage: "2026-4" is not a quarter\nHINT: Write it as 2026-Q4.\n'],
    [['--month', '2999-01'], 'usage: 2999-01 has not begun\nHINT: Choose a period that has begun.\n'],
    [
      ['--month', '2026-10', '--since', '7d'],
      'usage: --since, --month and --quarter cannot be combined\nHINT: Use one of them.\n',
    ],
    [
      ['--target-share', '40%'],
      "usage: option '--target-share <share>' argument '40%' is invalid. Write a share from 50% to 100%, such as 99% or 99.5%.\nHINT: `firedrill report --help` shows what it takes.\n",
    ],
    [['--timezone', 'Mars'], 'usage: "Mars" is not a time zone\nHINT: Write one as Europe/Berlin or UTC.\n'],
  ])('refuses %j', async (argv, stderr) => {
    expect(await report(...argv)).toEqual({ code: 64, stdout: '', stderr });
  });

  it('reports a broken drill file, and still covers the others', async () => {
    const broken = join(workspace.directory, 'drills/zz-broken.yaml');
    await writeFile(broken, 'name: [');
    const { code, stdout, stderr } = await report('--format', 'json');
    expect(code).toBe(64);
    expect(stderr).toMatch(/^config-invalid: /);
    expect(JSON.parse(stdout)).toMatchObject({ drillCount: 3 });
  });
});
