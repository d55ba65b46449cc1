import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Drilled, type DrillWorkspace, makeDrillWorkspace } from '../support/cli-drill.ts';
import { FILES_IMAGE, type Fixture, inImage, makeFixtures, PASSWORD } from './files-fixtures.ts';

/** Backups by the real tools, with realistic damage, drilled in real containers. */
describe.skipIf(!inject('dockerAnswers'))('a drill of files', () => {
  let fixtures: string;
  beforeAll(() => {
    fixtures = mkdtempSync(join(tmpdir(), 'firedrill-test-'));
    makeFixtures(fixtures);
  });
  afterAll(() => rmSync(fixtures, { recursive: true }));

  let workspace: DrillWorkspace;
  beforeEach(async () => {
    workspace = await makeDrillWorkspace({ REPO: PASSWORD, WRONG: 'another word' });
  });
  afterEach(() => workspace[Symbol.asyncDispose]());

  const backups = () => join(workspace.directory, 'backups');
  const putFixture = (kind: Fixture) =>
    cpSync(join(fixtures, kind), backups(), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  /** Runs a script in the directory of the backup. */
  const spoil = (script: string) => execFileSync('sh', ['-ec', script], { cwd: backups() });
  const PLAIN: Readonly<Record<Fixture, Record<string, unknown>>> = {
    tar: { match: '*.tar.gz' },
    zip: { match: '*.zip' },
    folder: { match: 'daily/*/', takenAt: 'name' },
    restic: { match: 'repo', keys: [{ env: 'REPO' }] },
    borg: { match: 'repo', keys: [{ env: 'REPO' }] },
    litestream: { match: 'app.db' },
  };

  async function drill(kind: Fixture, changes: Record<string, unknown> = {}): Promise<Drilled> {
    await workspace.writeDrill({
      backup: { source: './backups', ...PLAIN[kind] },
      engine: { type: 'files', image: FILES_IMAGE },
      objectives: { rto: '10m' },
      checks: [{ name: 'files are there', files: { count: { min: 1 } } }],
      ...changes,
    });
    return workspace.drill(['--runtime', 'docker']);
  }

  /** The path of the tree within the restored files. */
  const ROOT: Readonly<Record<string, string>> = { restic: 'w/tree/' };

  test.each(['tar', 'zip', 'folder', 'restic', 'borg'] as const)(
    '%s: everything is restored and proven',
    async (kind) => {
      putFixture(kind);
      const root = ROOT[kind] ?? '';
      const { run, code } = await drill(kind, {
        checks: [
          {
            name: 'all files are there',
            files: { count: kind === 'folder' ? 12 : 13, size: { min: '500k', max: '1m' } },
          },
          { name: 'named paths are there', files: { exist: [`${root}etc/app.conf`, `${root}uploads`] } },
          {
            name: 'contents are right',
            files: {
              manifest: `${root}uploads/SHA256SUMS`,
              sample: 5,
              sha256: { [`${root}etc/app.conf`]: '9b0c5a3c8fa09a1b9c0b1a6b1e0d7b9e2f1c3e1e1f0f2b5bd1c2a9a1b7e0c0de' },
            },
          },
          {
            name: 'the database is whole',
            files: { sqlite: { file: `${root}app.db`, sql: 'select count(*) from t', expect: 1000 } },
          },
        ],
      });
      expect(run.error).toBeUndefined();
      // the checksum in the drill is that of other content; nothing else fails
      expect(run.checks.map(({ passed }) => passed)).toEqual([true, true, false, true]);
      expect(run.checks[2]?.actual).toMatch(/^\S*etc\/app\.conf has the SHA-256 [0-9a-f]{12}…$/);
      expect(code).toBe(1);
    },
  );

  test('Litestream: all rows of the log are restored, and data loss is measured from its end', async () => {
    putFixture('litestream');
    const { run } = await drill('litestream', {
      checks: [{ name: 'rows', files: { sqlite: { file: 'app.db', sql: 'select count(*) from t', expect: 4 } } }],
    });
    expect(run).toMatchObject({ verdict: 'passed' });
  });

  test('restic: a snapshot is selected from the listing by age or by name', async () => {
    putFixture('restic');
    const more = `export RESTIC_PASSWORD='${PASSWORD}'; mkdir -p /w/tree; echo 1 > /w/tree/late.txt`;
    inImage(`${more}; restic backup -q -r /out/repo --host web1 /w/tree`, backups());
    const changes = {
      backup: { source: './backups', match: 'repo/snapshots/*', keys: [{ env: 'REPO' }] },
      checks: [{ name: 'the late file is there', files: { exist: ['w/tree/late.txt'], count: 1 } }],
    };
    const { run } = await drill('restic', changes);
    expect(run).toMatchObject({ verdict: 'passed', backup: { selection: 'latest of 2', format: 'restic snapshot' } });
    const names = (await readdir(join(backups(), 'repo/snapshots'))).map((name) => `repo/snapshots/${name}`);
    const older = names.find((name) => name !== run.backup?.key) ?? '';
    const planned = await workspace.firedrill(['plan', 'drill.yaml', '--runtime', 'docker', '--json']);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      plan: { backup: { key: run.backup?.key, selection: 'latest of 2' } },
    });
    const byName = await workspace.firedrill(['run', 'drill.yaml', '--runtime', 'docker', '--backup', older]);
    expect(byName).toMatchObject({ code: 1 });
  });

  // For what the naming rules and the plan of a log refuse as well, see
  // test/engines/files/{tree-rules,litestream-plan}.test.ts.
  describe('damage', () => {
    test.each([
      ['restic', 'a bit flipped in a pack', flip('$(ls -S repo/data/*/* | head -1)'), 'backup-corrupt'],
      ['restic', 'a pack is gone', 'rm "$(ls -S repo/data/*/* | head -1)"', 'backup-truncated'],
      ['borg', 'a bit flipped in a segment', flip('$(ls -S repo/data/0/* | head -1)'), 'backup-corrupt'],
      [
        'tar',
        'it is cut off',
        'gunzip files-2026.tar.gz; head -c 300000 files-2026.tar > a.tar.gz; rm files-2026.tar',
        'backup-truncated',
      ],
      ['tar', 'a file is written through a link', THROUGH_LINK, 'backup-corrupt'],
      ['tar', 'it is empty', 'rm *; mkdir e; tar -C e -czf a.tar.gz .; rmdir e', 'wrong-data'],
      ['zip', 'it is cut off', 'truncate -s -2000 files.zip', 'backup-truncated'],
      ['zip', 'a byte is wrong', flip('files.zip'), 'backup-corrupt'],
      ['litestream', 'its snapshot is cut off', 'truncate -s -20 app.db/generations/*/snapshots/*', 'backup-truncated'],
      [
        'litestream',
        'a bit flipped in its log',
        flip('$(ls -S app.db/generations/*/wal/* | head -1)'),
        'backup-corrupt',
      ],
    ] as const)('%s: %s', async (kind, _what, script, code) => {
      putFixture(kind);
      spoil(script);
      const { run } = await drill(kind);
      expect([run.status, run.verdict, run.error?.code]).toEqual(['completed', 'failed', code]);
    });

    test.each([
      ['restic', 'WRONG', 'key-wrong'],
      ['borg', undefined, 'backup-encrypted'],
    ] as const)('%s: the password %s is not blamed on the backup', async (kind, env, code) => {
      putFixture(kind);
      const keys = env === undefined ? {} : { keys: [{ env }] };
      const { run } = await drill(kind, { backup: { source: './backups', match: 'repo', ...keys } });
      expect([run.status, run.error?.code]).toEqual(['errored', code]);
    });

    test('a page of the database is damaged', async () => {
      putFixture('folder');
      spoil('printf XXXXXXXXXXXXXXXX | dd of=daily/2026-11-28/app.db bs=1 seek=8192 conv=notrunc status=none');
      const { run } = await drill('folder', {
        checks: [{ name: 'sound', files: { sqlite: { file: 'app.db' } } }],
      });
      expect(run).toMatchObject({ verdict: 'failed', checks: [{ passed: false }] });
    });
  });
});

/** Overwrites bytes in the middle of a file. */
function flip(file: string): string {
  return `f="${file}"; printf XXXX | dd of="$f" bs=1 seek=$(($(stat -c %s "$f") / 2)) conv=notrunc status=none`;
}

const THROUGH_LINK =
  'rm *; ln -s /drill/scratch d; tar -cf a.tar d; rm d; mkdir d; echo 1 > d/f; tar -rf a.tar d/f; gzip a.tar; rm -r d';
