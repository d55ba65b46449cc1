import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { FakeDashboard } from '../dashboard/fake-dashboard.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { DRILL } from '../support/cli-drill.ts';

afterEach(() => vi.unstubAllEnvs());

/** A Chromium that exits with an error, where PDFs could otherwise be printed. */
async function stubChromium(directory: string): Promise<void> {
  const chromium = join(directory, 'chromium');
  await writeFile(chromium, "#!/bin/sh\necho 'no display' >&2; exit 3\n");
  await chmod(chromium, 0o755);
  vi.stubEnv('FIREDRILL_CHROMIUM', chromium);
  vi.stubEnv('FIREDRILL_CHROMIUM_SANDBOX', 'off');
}

it('a report that cannot be printed is written as HTML instead, and the command fails', async () => {
  await using workspace = await makeWorkspace();
  const { directory } = workspace;
  await writeFile(join(directory, 'drill.yaml'), JSON.stringify(DRILL));
  await writeFile(join(directory, 'firedrill.yaml'), 'drills: drill.yaml\n');
  await stubChromium(directory);
  const { code, stderr } = await firedrill(['report', '--out', 'report.pdf'], { cwd: directory });
  expect(code).toBe(2);
  expect(stderr).toContain('Chromium ended with 3: no display');
  expect(stderr).toContain('HINT: The report is in report.pdf.html instead; print it from a browser.');
  expect((await readdir(directory)).filter((name) => name.startsWith('report'))).toEqual(['report.pdf.html']);
  expect(await readFile(join(directory, 'report.pdf.html'), 'utf8')).toContain(
    'This is HTML because the PDF could not be made: Chromium ended with 3: no display. Print this page from a browser.',
  );
});

it('a report that cannot be printed is downloaded from the page as HTML', async () => {
  await using workspace = await makeWorkspace();
  await stubChromium(workspace.directory);
  const answer = await (await new FakeDashboard().fill()).ask('/report/report.pdf?period=30d');
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'attachment; filename="firedrill-30d.html"',
  ]);
  expect(await answer.text()).toContain('This is HTML because the PDF could not be made: Chromium ended with 3');
});
