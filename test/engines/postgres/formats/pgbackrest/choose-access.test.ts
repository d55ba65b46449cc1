import { describe, expect, it } from 'vitest';
import type { SourceFiles } from '../../../../../src/backup/content.ts';
import { chooseAccess, freeBytesIn } from '../../../../../src/engines/postgres/formats/pgbackrest/choose-access.ts';
import type { Sandbox } from '../../../../../src/sandbox/sandbox.ts';

const never = new AbortController().signal;
const GB = 1e9;

function choose({
  asked,
  freeBytes = 100 * GB,
  connection = 'path',
  network = 'none',
  hasParts = true,
  isSizeKnown = true,
}: {
  asked?: 'staged' | 'gateway';
  freeBytes?: number;
  isSizeKnown?: boolean;
  connection?: 'path' | 'stream';
  network?: 'none' | 'open';
  hasParts?: boolean;
} = {}) {
  const df = `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/my disk ${2e9} 7 ${Math.floor(freeBytes / 1024)} 8% /drill\n`;
  const sandbox = {
    paths: { data: '/drill/data', run: '/drill/run' },
    isolation: { network, sentence: '' },
    connect: (path: string) => ({ kind: connection, path: `/host${path}` }),
    exec: async () => ({ exitCode: 0, stdout: df, stderr: '' }),
  } as unknown as Sandbox;
  const source = {
    description: 's3://b/',
    ...(hasParts ? { streamPart: () => undefined } : {}),
  } as unknown as SourceFiles;
  return chooseAccess(
    { source, sandbox, asked, storedBytes: 20 * GB, restoredBytes: isSizeKnown ? 60 * GB : undefined, logBytes: GB },
    never,
  );
}

describe('a repository', () => {
  it('is staged when it fits next to the restored data, and read through a gateway when it does not', async () => {
    expect(await choose()).toEqual({ kind: 'staged', how: 'repository staged in the sandbox' });
    expect(await choose({ freeBytes: 70 * GB })).toMatchObject({
      kind: 'gateway',
      how: 'repository read through a read-only gateway: 20.0 GB staged, 60.0 GB restored and 1.00 GB of log do not fit 70.0 GB of disk',
      socket: { here: '/host/drill/run/repository', inside: '/drill/run/repository' },
    });
  });

  it('includes the log that is fetched while the backup is restored', async () => {
    expect(await choose({ freeBytes: 82 * GB })).toMatchObject({ kind: 'staged' });
    expect(await choose({ freeBytes: 80.5 * GB })).toMatchObject({ kind: 'gateway' });
  });

  it('is staged when its restored size is unknown', async () => {
    expect(await choose({ isSizeKnown: false, freeBytes: GB })).toMatchObject({ kind: 'staged' });
  });

  it.each([
    [{ connection: 'stream' }, 'the engine is on another machine, which shares no directory with this one'],
    [{ network: 'open' }, 'the sandbox is not isolated from the network of this host'],
    [{ hasParts: false }, 's3://b/ cannot serve a part of a file without reading more than that part'],
  ] as const)('cannot be read through a gateway with %j', async (changes, why) => {
    expect(await choose({ ...changes, freeBytes: GB })).toMatchObject({ kind: 'staged' });
    await expect(choose({ ...changes, asked: 'gateway' })).rejects.toMatchObject({
      code: 'sandbox-refused',
      message: `the repository cannot be read through a gateway: ${why}`,
    });
  });

  it('is accessed as the drill says', async () => {
    expect(await choose({ asked: 'staged', freeBytes: GB })).toMatchObject({ kind: 'staged' });
    expect(await choose({ asked: 'gateway' })).toMatchObject({
      kind: 'gateway',
      how: 'repository read through a read-only gateway, as the drill says',
    });
  });
});

it.each([
  ['Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 100 40 60 40% /drill', 60 * 1024],
  ['x\n//server/a share 9 8 1 89% /mnt/a b\n', 1024],
  ['', undefined],
  ['df: unknown', undefined],
])('the free bytes of %j are %s', (output, bytes) => {
  expect(freeBytesIn(output)).toBe(bytes);
});
