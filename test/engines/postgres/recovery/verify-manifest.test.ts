import { expect, it } from 'vitest';
import {
  type FilesToVerify,
  readVerified,
  verifyManifest,
} from '../../../../src/engines/postgres/recovery/verify-manifest.ts';

const never = new AbortController().signal;

it.each([
  [' 380000/792000 kB (47%) verified', { done: 380_000 * 1024, total: 792_000 * 1024 }],
  ['792000/792000 kB (100%) verified', { done: 792_000 * 1024, total: 792_000 * 1024 }],
  ['pg_verifybackup: error: "base/1/12/3 kB (4%) verified" is present', undefined],
  ['', undefined],
])('reads the progress in %j', (line, step) => {
  expect(readVerified(line)).toEqual(step);
});

/** A pg_verifybackup that writes these lines. */
function tool(lines: readonly string[], { exitCode = 0, major = '17', argv = [] as (readonly string[])[] } = {}) {
  const steps: unknown[] = [];
  const files = {
    sandbox: {
      provenance: { name: 'postgres' },
      exec: async (command: readonly string[], { onStderrLine }: { onStderrLine: (line: string) => void }) => {
        argv.push(command);
        lines.forEach(onStderrLine);
        return { exitCode, stdout: '', stderr: '' };
      },
    },
    tool: { dir: '/bin', major },
    paths: { data: '/data' },
    key: 'nightly/',
    onDoing: (doing: string, how: object) => steps.push({ doing, ...how }),
  } as unknown as FilesToVerify;
  return { files, steps };
}

it('reports progress, for versions that show it', async () => {
  const argv: (readonly string[])[] = [];
  const { files, steps } = tool(['  10/20 kB (50%) verified', 'pg_verifybackup: detail: x'], { argv });
  expect(await verifyManifest(files, never)).toEqual([]);
  const verify = { doing: 'verifying the files of nightly/', phase: 'verify' };
  expect(steps).toEqual([
    { ...verify, step: 'unknown' },
    { ...verify, step: { done: 10_240, total: 20_480 } },
  ]);
  await verifyManifest(tool([], { argv, major: '15' }).files, never);
  expect(argv.map((one) => one.includes('--progress'))).toEqual([true, false]);
});

it('names the first file that differs from the manifest, however many lines follow it', async () => {
  const noise = Array.from({ length: 5000 }, (_, index) => `${index}/5000 kB (${index / 50}%) verified`);
  const error = 'pg_verifybackup: error: checksum mismatch for file "base/5/16384"';
  const { files } = tool([error, ...noise], { exitCode: 1 });
  await expect(verifyManifest(files, never)).rejects.toMatchObject({
    code: 'backup-corrupt',
    message: 'nightly/ does not match its backup_manifest: checksum mismatch for file "base/5/16384"',
    details: [error],
  });
  const lacking = tool(['pg_verifybackup: error: "pg_tblspc/16384/x" is in the manifest but not on disk'], {
    exitCode: 1,
  });
  await expect(verifyManifest(lacking.files, never)).rejects.toMatchObject({ code: 'backup-truncated' });
});
