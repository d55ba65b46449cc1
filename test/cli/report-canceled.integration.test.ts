import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { DRILL } from '../support/cli-drill.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  const { directory } = workspace;
  await writeFile(join(directory, 'drill.yaml'), JSON.stringify(DRILL));
  await writeFile(join(directory, 'firedrill.yaml'), 'drills: drill.yaml\n');
  const chromium = join(directory, 'chromium');
  await writeFile(chromium, `#!/bin/sh\nexec sleep 600\n`);
  await chmod(chromium, 0o755);
  vi.stubEnv('FIREDRILL_CHROMIUM', chromium);
  vi.stubEnv('FIREDRILL_CHROMIUM_SANDBOX', 'off');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await workspace[Symbol.asyncDispose]();
});

it.each(['pdf', 'html', 'csv'])(
  'a report as %s that is canceled is not written, and a message says so',
  async (format) => {
    const { directory } = workspace;
    const interrupt = AbortSignal.abort(new Error('the run was canceled by SIGINT'));
    const result = await firedrill(['report', '--out', `report.${format}`], { cwd: directory, interrupt });
    expect(result).toEqual({
      code: 130,
      stdout: '',
      stderr: 'canceled; no report was written\nHINT: Run the same command again.\n',
    });
    expect((await readdir(directory)).filter((name) => name.startsWith('report') || name.endsWith('.tmp'))).toEqual([]);
  },
);
