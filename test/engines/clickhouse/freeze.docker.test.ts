import { cp, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openProgram } from '../../../src/engines/clickhouse/server/open-program.ts';
import { RestoredClickHouse } from '../../../src/engines/clickhouse/server/restored-clickhouse.ts';
import type { Server } from '../../../src/engines/engine.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { clearSandbox } from '../../support/clear-sandbox.ts';
import { expectCode } from '../../support/expect-code.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { ask, inspect, never, restore, SERVER_IMAGE, startSandbox, type Taken } from './backups.ts';
import { dataFile, expectAnswers, expectDamage, expectRows, flipBit } from './expect-shop.ts';
import { takeFreezes } from './freezes.ts';

describe.skipIf(!inject('dockerAnswers'))('FREEZE copies', { timeout: INTEGRATION_TIMEOUT_MS }, () => {
  const held = new AsyncDisposableStack();
  let old: Taken;
  let recent: Taken;
  /** One sandbox for each version, which also makes the copies. Each restore starts with an empty data path. */
  let server: Sandbox;
  let local: Sandbox;

  beforeAll(async () => {
    server = held.use(await startSandbox(SERVER_IMAGE));
    local = held.use(await startSandbox());
    old = held.use(await takeFreezes(server));
    recent = held.use(await takeFreezes(local));
  }, INTEGRATION_TIMEOUT_MS);
  afterAll(() => held.disposeAsync());

  async function restoreAnew(taken: string, match: string): Promise<Server> {
    await emptied(local);
    return restore(local, taken, match);
  }

  it('of an 18.16 server are restored on 18.16, and every table can be queried', async () => {
    await expectAnswers(await restore(await clearSandbox(server), old.path, 'followed/'));
  });

  it('of an 18.16 server are restored on 26.7', async () => {
    await expectRows(await restoreAnew(old.path, 'followed/'));
  });

  it.each(isFullMatrix ? ['followed/', 'links/'] : ['links/'])(
    'of ClickHouse 26.7 are restored on 26.7: %s',
    async (shape) => {
      await expectRows(await restoreAnew(recent.path, shape));
    },
  );

  it('fail when a bit is flipped, which an 18.16 server notices when it reads the rows', async () => {
    await expectDamage(await restore(await clearSandbox(server), await damaged(old.path, flipBit), 'followed/'));
  });

  it('fail when a bit is flipped, and when a file is truncated or missing', async () => {
    await expectDamage(await restoreAnew(await damaged(recent.path, flipBit), 'followed/'));
    const cut = await damaged(recent.path, async (part) => truncate(await dataFile(part), 100));
    await expectCode('backup-corrupt', async () => restoreAnew(cut, 'followed/'));
    const lost = await damaged(recent.path, async (part) => rm(await dataFile(part)));
    await expectCode('backup-corrupt', async () => restoreAnew(lost, 'followed/'));
  });

  it('fail before a sandbox starts when the definition of a table is missing', async () => {
    const copy = await damaged(old.path, (part) =>
      rm(part.replace(/followed\/.*/, 'followed/metadata/shop/orders.sql')),
    );
    const error = await expectCode('backup-incomplete', async () => inspect(copy, 'followed/'));
    expect(error.message).toMatch(/has parts of .*, but no definition of it/);
  });

  it('fail when the data path is empty, even though the server answers', async () => {
    await emptied(local);
    const empty = new RestoredClickHouse(await openProgram(local, never));
    empty.expect([{ database: 'shop', table: 'orders', hasData: true }]);
    expect(await ask(empty, 'SELECT 1', 'default')).toEqual([[1]]);
    const error = await expectCode('wrong-data', async () => empty.verifyInventory?.(never));
    expect(error.message).toContain('shop.orders is in the backup, but was not restored');
  });
});

async function emptied(sandbox: Sandbox): Promise<void> {
  await sandbox.exec(['sh', '-c', 'rm -rf "$1"/*', 'sh', `${sandbox.paths.data}/clickhouse`], { signal: never });
}

/** A copy in which the first part of shop.orders is damaged. */
async function damaged(path: string, damage: (part: string) => Promise<unknown>): Promise<string> {
  const copy = await mkdtemp(join(path, 'copy-'));
  await cp(join(path, 'followed'), join(copy, 'followed'), { recursive: true });
  const files = await readdir(join(copy, 'followed/shadow'), { recursive: true });
  const part = files.filter((name) => /\/202601_[^/]*$/.test(name)).toSorted()[0] ?? '';
  await damage(join(copy, 'followed/shadow', part));
  return copy;
}
