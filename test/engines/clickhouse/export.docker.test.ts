import { cp, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Restored } from '../../../src/engines/format.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { expectCode } from '../../support/expect-code.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { ask, never, restoreWhole, startSandbox, type Taken } from './backups.ts';
import { takeExports } from './exports.ts';

describe.skipIf(!inject('dockerAnswers'))('exports of tables', { timeout: INTEGRATION_TIMEOUT_MS }, () => {
  const held = new AsyncDisposableStack();
  let taken: Taken;
  let local: Sandbox;

  beforeAll(async () => {
    taken = held.use(await takeExports());
    local = held.use(await startSandbox());
  }, INTEGRATION_TIMEOUT_MS);
  afterAll(() => held.disposeAsync());

  async function restoreAnew(match: string): Promise<Restored> {
    await local.exec(['sh', '-c', 'rm -rf "$1"/*', 'sh', `${local.paths.data}/clickhouse`], { signal: never });
    return restoreWhole(local, taken.path, match);
  }

  it('in Native are loaded with their definitions, each row once', async () => {
    const { server, outcome } = await restoreAnew('native/');
    expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 6, read: 5 });
    const read = [
      'SELECT count(), sum(id), sum(v), sum(twice), countIf(note IS NULL), sum(length(tags))',
      '(SELECT at FROM shop.orders WHERE id = 7)',
      '(SELECT n FROM shop.totals)',
      '(SELECT count() FROM shop.newest)',
      "(SELECT x FROM shop.`a;\\'t/../x é`) FROM shop.orders",
    ];
    const sums = [20_000, 199_990_000, '49997500.0000', 399_980_000, 10_000, 40_000];
    expect(await ask(server, read.join(', '))).toEqual([[...sums, new Date(1_767_225_607_000), 20_000, 2, 1]]);
    expect(outcome.warnings).toEqual(['shop.empty was exported without rows']);
  });

  it('in Parquet are loaded without a definition, with a warning', async () => {
    const { server, outcome } = await restoreAnew('parquet/');
    expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 1, read: 1 });
    expect(await ask(server, 'SELECT count(), sum(id), sum(v) FROM shop.orders')).toEqual([
      [20_000, 199_990_000, '49997500.0000'],
    ]);
    expect(outcome.warnings).toEqual([expect.stringMatching(/^shop\.orders has no definition in the backup/)]);
  });

  it.each([
    ['native', 'shop.orders.202601.native'],
    ['parquet', 'shop.orders.parquet'],
  ])('in %s fail when a file is truncated', async (folder, file) => {
    const ofOne = (path: string) => !/\.(?:newest|daily|empty|totals|a%)[^/]*$/.test(path); // restoring each other file would take two processes
    await cp(join(taken.path, folder), join(taken.path, `cut-${folder}`), { recursive: true, filter: ofOne });
    await truncate(join(taken.path, `cut-${folder}`, file), 5000);
    const error = await expectCode('backup-corrupt', async () => restoreAnew(`cut-${folder}/`));
    expect(error.message).toContain(file);
  });
});
