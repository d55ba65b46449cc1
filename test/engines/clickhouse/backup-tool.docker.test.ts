import { cp, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { clearSandbox } from '../../support/clear-sandbox.ts';
import { expectCode } from '../../support/expect-code.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { inspect, never, restore, SERVER_IMAGE, startSandbox, type Taken } from './backups.ts';
import { expectDamage, expectRows, flipBit } from './expect-shop.ts';
import { takeFreezes } from './freezes.ts';
import { arrangeAsTool, losePart } from './tool-backups.ts';

const JANUARY = /^202601/;

describe.skipIf(!inject('dockerAnswers'))('backups by clickhouse-backup', { timeout: INTEGRATION_TIMEOUT_MS }, () => {
  const held = new AsyncDisposableStack();
  let taken: Taken;
  let old: Sandbox;
  let local: Sandbox;

  beforeAll(async () => {
    old = held.use(await startSandbox(SERVER_IMAGE));
    taken = held.use(await takeFreezes(old));
    await arrangeAsTool(taken.path, { name: 'files', compression: 'none' });
    await arrangeAsTool(taken.path, { name: 'tars', compression: 'gzip' });
    const increment = { compression: 'gzip', requires: 'files', required: JANUARY } as const;
    await arrangeAsTool(taken.path, { name: 'increment', ...increment });
    local = held.use(await startSandbox());
  }, INTEGRATION_TIMEOUT_MS);
  afterAll(() => held.disposeAsync());

  async function restoreAnew(match: string): Promise<Server> {
    await local.exec(['sh', '-c', 'rm -rf "$1"/*', 'sh', `${local.paths.data}/clickhouse`], { signal: never });
    return restore(local, taken.path, match);
  }

  async function damaged(name: string, damage: (folder: string) => Promise<unknown>): Promise<string> {
    const copy = `damaged-${(await readdir(taken.path)).length}`;
    await cp(join(taken.path, name), join(taken.path, copy), { recursive: true });
    await damage(join(taken.path, copy));
    return `${copy}/`;
  }

  it('are restored as files on an 18.16 server, with every table and row', async () => {
    await expectRows(await restore(await clearSandbox(old), taken.path, 'files/'));
  });

  it.each(isFullMatrix ? ['tars/', 'increment/'] : ['increment/'])('are restored on 26.7: %s', async (match) => {
    const { facts } = await inspect(taken.path, match);
    expect(facts).toMatchObject({ serverVersion: '18.16.1', dumpedBy: 'clickhouse-backup 2.6.5', database: 'shop' });
    await expectRows(await restoreAnew(match));
  });

  it('fail when a bit is flipped', async () => {
    const match = await damaged('files', async (folder) => {
      const table = join(folder, 'shadow/shop/orders/default');
      const part = (await readdir(table)).filter((name) => JANUARY.test(name)).toSorted()[0] ?? '';
      await flipBit(join(table, part));
    });
    await expectDamage(await restoreAnew(match));
  });

  it('fail when a part is in no archive, or an archive is truncated', async () => {
    const lost = await damaged('tars', (folder) =>
      losePart(join(folder, 'shadow/shop/orders/default_1.tar.gz'), /^202601_1_/),
    );
    const error = await expectCode('backup-truncated', async () => restoreAnew(lost));
    expect(error.message).toMatch(/part 202601\S+ .*is not in any archive of its table/);
    const cut = await damaged('tars', (folder) => truncate(join(folder, 'shadow/shop/orders/default_1.tar.gz'), 4000));
    await expectCode('backup-truncated', async () => restoreAnew(cut));
  });
});
