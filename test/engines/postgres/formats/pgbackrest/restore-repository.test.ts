import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { SourceFiles } from '../../../../../src/backup/content.ts';
import { findPgbackrest } from '../../../../../src/engines/postgres/formats/pgbackrest/find-pgbackrest.ts';
import {
  ANNOTATION,
  HONEST,
  LEADS_OUT,
  SUSPECT,
} from '../../../../../src/engines/postgres/formats/pgbackrest/manifest-escapes.ts';
import { describeType, readEntry } from '../../../../../src/engines/postgres/formats/pgbackrest/repository-entry.ts';
import {
  explainRestore,
  readShare,
  runPgbackrest,
} from '../../../../../src/engines/postgres/formats/pgbackrest/run-pgbackrest.ts';
import { stageFiles } from '../../../../../src/engines/postgres/formats/pgbackrest/stage-repository.ts';
import type { RecoverySite } from '../../../../../src/engines/postgres/recovery/recovery-site.ts';
import type { ExecOptions, Sandbox } from '../../../../../src/sandbox/sandbox.ts';
import { DrillError } from '../../../../../src/support/errors.ts';
import { FULL, openIn, repository } from './fake-repository.ts';

const never = new AbortController().signal;

it.each([
  ['backup/orders/20261128-030000F/', { root: '', stanza: 'orders', label: '20261128-030000F' }],
  [
    'a/backup/b/backup/o/20261128-030000F_20261129-030000I/',
    { root: 'a/backup/b/', stanza: 'o', label: '20261128-030000F_20261129-030000I' },
  ],
  ['backup/orders/latest/', undefined],
  ['orders/20261128-030000F/', undefined],
  ['backup/orders/20261128-030000F_20261129-030000F/', undefined],
])('the key %s is read as %j', (key, entry) => {
  expect(readEntry(key)).toEqual(entry);
});

it('a label states the type of its backup', () => {
  expect(['20261128-030000F', '20261128-030000F_1D', '20261128-030000F_1I'].map(describeType)).toEqual([
    'full',
    'differential',
    'incremental',
  ]);
});

describe('the pgBackRest of a sandbox', () => {
  const sandbox = (stdout: string, exitCode = 0) =>
    ({
      exec: async () => ({ exitCode, stdout, stderr: '' }),
      provenance: { name: 'image:1', id: '' },
    }) as unknown as Sandbox;

  it.each([
    ['pgBackRest 2.45', '15'],
    ['pgBackRest 2.55.1', '17'],
    ['pgBackRest 2.55.1', '18'],
    ['pgBackRest 2.60.0', '18'],
    ['pgBackRest 2.45', '13'],
    ['pgBackRest 2.60.0', '19'],
  ])('%s accepts a backup of %s', async (banner, major) => {
    await expect(findPgbackrest(sandbox(banner), major, never)).resolves.toBe(banner.split(' ')[1]);
  });

  it.each([
    ['pgBackRest 2.45', '17', 'version-unsupported'],
    ['pgBackRest 2.45', '16', 'version-unsupported'],
    ['pgBackRest 2.49', '18', 'version-unsupported'],
    ['', '17', 'tool-missing'],
  ])('%j is refused for a backup of %s', async (banner, major, code) => {
    await expect(findPgbackrest(sandbox(banner, banner === '' ? 127 : 0), major, never)).rejects.toMatchObject({
      code,
    });
  });
});

describe('an error from pgBackRest', () => {
  const explain = (output: string) =>
    explainRestore({ content: openIn(repository(), FULL), major: '17', toolVersion: '2.49' }, output, {
      exitCode: 1,
      where: 'image:1',
      isStaged: true,
    });

  it.each([
    ['P00  ERROR: [055]: raised from local-1 protocol: unable to open missing file', 'backup-truncated'],
    ['P00  ERROR: [029]: raised from local-1 protocol: error restoring x: actual checksum', 'backup-corrupt'],
    ['P00  ERROR: [046]: invalid PostgreSQL version 170000', 'version-unsupported'],
    ['P00  ERROR: [039]: unable to write x: [28] No space left on device', 'disk-full'],
    ['P00  ERROR: [095]: CryptoError: cipher header invalid', 'backup-corrupt'],
    ['P00  ERROR: [031]: option x not valid', 'restore-failed'],
  ])('%j is %s', (output, code) => {
    expect(explain(output)).toMatchObject({ code });
  });

  it.each([
    ['P00  ERROR: [029]: raised from local-1 protocol: invalid block map', '2.55.1', 'version-unsupported'],
    ['P00  ERROR: [029]: raised from local-1 protocol: invalid block map', '2.49', 'backup-corrupt'],
    ['P00  ERROR: [029]: error restoring x: actual checksum', '2.55.1', 'backup-corrupt'],
    ['P00  ERROR: [055]: unable to open missing file', '2.55.1', 'backup-truncated'],
  ])('%j of a backup by %s is %s', (output, toolVersion, code) => {
    const opened = { content: openIn(repository(), FULL), major: '17', toolVersion: '2.49', backup: { toolVersion } };
    expect(explainRestore(opened, output, { exitCode: 1, where: 'image:1', isStaged: true })).toMatchObject({ code });
  });

  it('about a full disk suggests what needs less space, and omits lines about successful steps', () => {
    const done = Array.from({ length: 20 }, (_, index) => `DETAIL: create path '/drill/data/base/${index}'`);
    const full =
      "ERROR: [064]: raised from local-2 protocol: unable to write '/drill/data/base/4/2654': [28] No space left on device";
    const { hint, details } = explain([...done, full].join('\n'));
    expect(hint).toContain('`restore.repository: gateway`');
    expect(details).toEqual([full]);
  });

  it('is shown without bytes from the repository', () => {
    const { details } = explain(
      'P00  WARN: FormatError: line 1: \u0096\u0000R\nP00  ERROR: [075]: backup set is not valid\n',
    );
    expect(details).toEqual(['P00  ERROR: [075]: backup set is not valid']);
  });
});

describe('a restore through a gateway', () => {
  const run = (exitCode: number, failure: DrillError | undefined, lost?: AbortSignal) => {
    const exec = async (_argv: unknown, { onStderrLine, signal }: ExecOptions) => {
      signal.throwIfAborted();
      onStderrLine?.('P01 DETAIL: restore file /data/PG_VERSION (3B, 0.01%)');
      onStderrLine?.('P00  ERROR: [055]: raised from local-1 protocol');
      return { exitCode, stdout: '', stderr: '' };
    };
    const paths = { scratch: '/scratch', data: '/data', run: '/run' };
    const sandbox = { exec, paths, provenance: { name: 'image:1', id: '' } } as unknown as Sandbox;
    const content = openIn(repository(), FULL);
    const opened = {
      content,
      entry: { root: '', stanza: 'orders', label: FULL },
      info: {},
      toolVersion: '2.55',
      major: '17',
    };
    const place = { path: '/repository', options: [], env: {}, failure: () => failure, ...(lost && { lost }) };
    const site = { sandbox, boot: { cpus: 2 } };
    return runPgbackrest(opened as unknown as RestoringRepository, site as unknown as RecoverySite, place, never);
  };
  const outage = new DrillError('source-unreachable', 'the store hung up');

  it('is explained by the store’s first error when it fails', async () => {
    await expect(run(55, outage)).rejects.toBe(outage);
    await expect(run(55, undefined)).rejects.toMatchObject({ code: 'backup-truncated' });
    await expect(run(0, outage)).resolves.toBeUndefined(); // pgBackRest retried successfully
  });

  it('ends when the gateway has lost the store, although pgBackRest would keep waiting', async () => {
    await expect(run(0, outage, AbortSignal.abort(outage))).rejects.toBe(outage);
  });
});

type RestoringRepository = Parameters<typeof runPgbackrest>[0];

it.each([
  ['pg_data/base/1/1259={"size":8192}', false],
  ['pg_data/..hidden/a..b={}', false],
  ['pg_data/pg_wal={"path":"../wal","type":"link"}', false],
  ['pg_tblspc/16384={"tablespace-name":"a..b"}', false],
  ['pg_data/pg_wal={"destination":"../../wal","group":"DOMAIN\\\\users"}', false],
  ['pg_data/a=b={"size":1}', false],
  ['user="DOMAIN\\\\bob"', false],
  ['pg_data/a\\b={"checksum":"ab","size":1}', false],
  [String.raw`annotation={"note":"one\ntwo ../x \"q\" \u00e9\/","tag":"v1"}`, false],
  [String.raw`annotation={"tablespace-name":"\u002e\u002e/x"}`, true],
  [String.raw`annotation={"\u0074ablespace-name":"../x"}`, true],
  [String.raw`annotation={"a":"\n","tablespace-name":"../x"}`, true],
  [String.raw`annotation={"a":{"tablespace-name":"\u002e\u002e/x"}}`, true],
  [String.raw`annotation=x/../../y={"a":"\n"}`, true],
  ['pg_data/../evil={}', true],
  ['pg_data/a=b/../../../../tmp/x={"size":1}', true],
  ['pg_data/a={"path":"x/../../../tmp/x={"size":1}', true],
  ['pg_data/a"path":"/../../x"={"size":1}', true],
  ['pg_data/a=b/..={}', true],
  ['pg_tblspc/1={"path":"/x","tablespace-name":"..\\/..\\/x"}', true],
  ['pg_tblspc/1={"path":"/x","tablespace-name":"\\u002e\\u002e/x"}', true],
  ['pg_tblspc/1={"path":"/x","tablespace\\u002dname":"../x"}', true],
  ['pg_tblspc/1={"path":"/x","tablespace-name" : "../x"}', true],
  ['pg_tblspc/1={"tablespace-name":"a\\"/../x"}', true],
  ['../evil={}', true],
  ['pg_data/..={}', true],
  ['pg_tblspc/16384={"tablespace-name":"../../run"}', true],
])('the manifest line %j leads out of its directory: %s', (line, leads) => {
  const matches = (pattern: string) => new RegExp(pattern).test(line);
  expect(matches(LEADS_OUT) || (matches(SUSPECT) && !matches(HONEST) && !matches(ANNOTATION))).toBe(leads);
});

describe('staging', () => {
  const source = (sizes: Readonly<Record<string, number>>) => {
    let open = 0;
    const seen = { most: 0 };
    const stream = ({ key }: { key: string }): Readable => {
      open += 1;
      seen.most = Math.max(seen.most, open);
      const content = Readable.from([Buffer.alloc(sizes[key] ?? 0, key)]);
      content.once('close', () => {
        open -= 1;
      });
      return content;
    };
    const files = Object.entries(sizes).map(([key, sizeBytes]) => ({ file: { key, sizeBytes }, name: key }));
    return { source: { stream } as unknown as SourceFiles, files, seen };
  };
  const written: [string, number][] = [];
  const sandbox = {
    writeFiles: async (_dir: string, files: AsyncIterable<{ name: string; content: Readable }>) => {
      for await (const { name, content } of files) written.push([name, (await buffer(content)).length]);
    },
  } as unknown as Sandbox;

  it('writes all files in order, fetches several small ones at a time, and reports progress', async () => {
    written.length = 0;
    const sizes = {
      a: 3,
      large: 3 * 2 ** 20,
      b: 0,
      ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, index])),
    };
    const { source: from, files, seen } = source(sizes);
    const staged: number[] = [];
    await stageFiles(files, '/scratch', {
      source: from,
      sandbox,
      onStaged: (bytes) => staged.push(bytes),
      signal: never,
    });
    expect(written).toEqual(Object.entries(sizes));
    expect(staged.at(-1)).toBe(Object.values(sizes).reduce((sum, size) => sum + size, 0));
    expect(seen.most).toBeGreaterThan(8);
    expect(seen.most).toBeLessThanOrEqual(25);
  });

  it('fails with the error of a file that cannot be read', async () => {
    const { files } = source({ a: 1, b: 1 });
    const failing = {
      stream: ({ key }: { key: string }) => (key === 'b' ? Readable.from(thrown()) : Readable.from([Buffer.alloc(1)])),
    } as unknown as SourceFiles;
    await expect(
      stageFiles(files, '/scratch', { source: failing, sandbox, onStaged: () => undefined, signal: never }),
    ).rejects.toThrow('store failed');
  });
});

async function* thrown(): AsyncGenerator<Buffer> {
  yield await Promise.reject(new Error('store failed'));
}

it.each([
  ['2026-11-28 20:00:01.123 P01 DETAIL: restore file /d/base/1/2619 (8KB, 12.34%) checksum 3b', 0.1234],
  ['2026-11-28 20:00:01.123 P02 DETAIL: restore file /d/base/5/1259 (bundle 1/88, 96KB, 63.04%) checksum 3b', 0.6304],
  ['2026-11-28 20:00:01.123 P01 DETAIL: restore zeroed file /d/base/1/2619 (0B, 100.00%)', 1],
  ['2026-11-28 20:00:01.123 P01   INFO: restore file /d/base/1/2619 (1.5GB, 7%) checksum 3b', 0.07],
  ['2026-11-28 20:00:01.123 P00  ERROR: [029]: (8KB, 12.34%)', undefined],
  ['(8KB, 12.34%)', undefined],
])('%s', (line, share) => {
  expect(readShare(line)).toBe(share);
});
