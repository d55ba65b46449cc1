import { expect, it } from 'vitest';
import { hasDrilled } from '../../../src/backup/selection/drilled-backup.ts';
import { isCompleteOnceListed, pollNewestBackup } from '../../../src/backup/selection/poll-newest-backup.ts';
import type { SourceTraits } from '../../../src/backup/source-driver.ts';
import type { BackupSpec } from '../../../src/config/drill-file.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import type { BackupRecord } from '../../../src/record/run-record.ts';
import type { SeenBackup } from '../../../src/record/schedule-store.ts';
import { failure, listAll, must, never, type SourceSpace } from '../../contracts/source-contract.ts';

/** What polling a source MUST report, whatever kind of source it is. */
export function describeLooks(traits: SourceTraits, open: () => Promise<SourceSpace>): void {
  const spec: Pick<BackupSpec, 'match' | 'takenAt'> = { match: 'orders-*', takenAt: 'name' };
  const look = (space: SourceSpace, now = new Date('2026-11-21T12:00:00Z')): Promise<SeenBackup> =>
    pollNewestBackup(space.source, { ...spec, layouts: engineOf('postgres').layouts }, now, never());

  it('treats a backup as the same until its content is replaced', async () => {
    const space = await open();
    await space.put('orders-2026-11-20.dump', Buffer.from('as it was'));
    await space.put('orders-2026-11-19.dump', Buffer.from('older'));
    const first = await look(space);
    expect(first).toMatchObject({ sizeBytes: 9, takenAt: new Date('2026-11-20T00:00:00Z') });
    expect(first.key).toMatch(/orders-2026-11-20\.dump$/);
    await space.put('orders-2026-11-18.dump', Buffer.from('older still'));
    expect((await look(space)).identity).toBe(first.identity);
    await space.put('orders-2026-11-20.dump', Buffer.from('as it now'));
    const replaced = await look(space);
    expect(replaced.key).toBe(first.key);
    expect(replaced.identity).not.toBe(first.identity);
    await space.put('orders-2026-11-21.dump', Buffer.from('newer'));
    expect((await look(space)).key).toMatch(/orders-2026-11-21\.dump$/);
  });

  it('sees a directory dump change when any of its files changes', async () => {
    const space = await open();
    await space.put('orders-2026-11-20/3001.dat', Buffer.from('a'));
    await space.put('orders-2026-11-20/toc.dat', Buffer.from('b'));
    const first = await look(space);
    expect(first.sizeBytes).toBe(2);
    expect(isCompleteOnceListed(traits, first)).toBe(false);
    await space.put('orders-2026-11-20/3002.dat', Buffer.alloc(0));
    expect((await look(space)).identity).not.toBe(first.identity);
  });

  it('sees an empty backup, so that a run can fail for it', async () => {
    const space = await open();
    await space.put('orders-2026-11-19.dump', Buffer.from('older'));
    await space.put('orders-2026-11-20.dump', Buffer.alloc(0));
    expect(await look(space)).toMatchObject({ sizeBytes: 0, takenAt: new Date('2026-11-20T00:00:00Z') });
  });

  it('reports that there is no backup', async () => {
    const error = await failure(look(await open()));
    expect(error.code).toBe('backup-missing');
  });

  it('recognises the backup that a run has drilled, and no other', async () => {
    const space = await open();
    await space.put('orders-2026-11-20.dump', Buffer.from('as it was'));
    const [object] = await listAll(space.source);
    const seen = await look(space);
    const { key, etag, sizeBytes } = must(object);
    const drilled: BackupRecord = {
      source: space.source.description,
      key,
      etag,
      sizeBytes,
      takenAt: seen.takenAt,
      format: undefined,
      serverVersion: undefined,
      dumpedBy: undefined,
      selection: 'latest of 1',
      newestTakenAt: seen.takenAt,
    };
    const hasRun = (backup: BackupRecord) => hasDrilled({ status: 'completed', backup }, seen);
    expect(hasRun(drilled)).toBe(true);
    expect(hasRun({ ...drilled, etag: '"another"' })).toBe(false);
    expect(hasRun({ ...drilled, key: 'orders-2026-11-19.dump' })).toBe(false);
    expect(hasRun({ ...drilled, etag: undefined })).toBe(true);
    expect(hasRun({ ...drilled, etag: undefined, takenAt: new Date(0) })).toBe(false);
  });
}
