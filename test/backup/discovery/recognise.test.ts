import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { recognise } from '../../../src/backup/discovery/recognise.ts';
import { findCandidates } from '../../../src/backup/selection/candidates.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { never } from '../../contracts/source-contract.ts';
import { backupInfo } from '../../engines/postgres/physical/barman-files.ts';

const ENGINES = (['postgres', 'mysql', 'files'] as const).map((type) => engineOf(type));

it.each([
  [
    'a backup that is recognised and not read',
    { 'base/20261128T181815/backup.info': backupInfo({ mode: 'rsync-concurrent' }) },
    { kind: 'unreadable', what: expect.stringMatching(/^base\/20261128T181815\/ .*rsync/) },
  ],
  [
    'a backup that was not finished',
    { 'base/20261128T181815/backup.info': backupInfo({ status: 'FAILED' }) },
    { kind: 'unreadable', what: expect.stringMatching(/^base\/20261128T181815\/ was not finished/) },
  ],
  ['a folder that no format claims', { 'base/a.jpg': 'x', 'base/b.jpg': 'y' }, { kind: 'backup', engine: 'files' }],
])('recognises %s as such, not as files', async (_what, contents, expected) => {
  const { source, objects } = sourceOf(contents);
  const match = expected.kind === 'backup' ? 'base/' : 'base/*';
  const layouts = engineOf('files').layouts;
  const [candidate] = findCandidates(objects, { prefix: '', match, layouts }).matched;
  if (!candidate) throw new Error('expected a candidate');
  const found = await recognise(source, candidate, { engines: ENGINES, maxWholeBytes: 1e6, signal: never() });
  expect(found).toMatchObject(expected);
});

function sourceOf(contents: Readonly<Record<string, string>>) {
  const objects: readonly StoredObject[] = Object.entries(contents).map(([key, text]) => ({
    key,
    sizeBytes: Buffer.byteLength(text),
    modifiedAt: new Date(0),
    etag: key,
  }));
  const source: BackupSource = {
    description: 'memory',
    prefix: '',
    async *list() {
      yield* objects;
    },
    readTags: async () => ({}),
    read: async ({ key }, { start, end }) =>
      Readable.from([Buffer.from(contents[key] ?? '').subarray(start, end)], { objectMode: false }),
    close: () => undefined,
  };
  return { source, objects };
}
