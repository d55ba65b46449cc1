import { COPIED_TABLES } from '../../src/record/copy/copied-tables.ts';
import type { CopyDatabase } from '../../src/record/copy/copy-database.ts';
import type { Store } from '../../src/record/store.ts';
import { hourOf, requestOf } from '../contracts/request-store-contract.ts';
import { discoveryOf } from './discoveries.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from './run-records.ts';
import { alertOf, daemonOf, deliveryOf, fullDrillState, skipOf } from './schedule-records.ts';

/** More than one page of a copy. */
const LINES = 1500;

/** Rows in every table; the scheduler has stopped, and no run is in progress. */
export async function fillHistory(store: Store): Promise<void> {
  const phase = { name: 'fetch', startedAt: NOON, durationMs: 17, bytes: 2 ** 40 } as const;
  const log = Array.from(
    { length: LINES },
    (_, index) => ({ at: NOON, level: 'info', message: `${index}: ä '"\\ 𝄞` }) as const,
  );
  for (const [id, run] of [
    ['20261121-120000-aaaaaa', passedRun({ stages: [stageOf('restore', 0.1 + 0.2, 'ok', [phase])] })],
    ['20261121-110000-bbbbbb', failedRun({ drill: 'shop' })],
    ['20261121-100000-cccccc', failedRun({ status: 'errored', verdict: undefined, reasons: [], error: ERROR })],
  ] as const) {
    await store.claim(runningRun({ id, drill: run.drill }));
    if (run.drill === 'shop') await store.addLog(id, log);
    await store.finish({ ...run, id });
  }
  await store.accept({
    runId: '20261121-110000-bbbbbb',
    at: NOON,
    by: 'alice',
    reason: 'archived',
    recurring: false,
  });
  await store.keepSnapshot('a text\n'.repeat(1000));
  await store.saveDrillState(fullDrillState(), [skipOf()]);
  await store.beat(daemonOf({ stoppedAt: NOON }));
  await store.beatRunner({ ...daemonOf({ stoppedAt: NOON }), pool: 'eu' });
  await store.saveAlert(alertOf(), [deliveryOf()]);
  await store.endDelivery(deliveryOf().id, { kind: 'sent', at: NOON });
  const by = { at: NOON, by: 'alice', reason: 'known' };
  await store.acknowledge({ drill: 'orders', kind: 'acknowledged', fingerprint: undefined, until: undefined, ...by });
  await store.addSilence({ id: 's1', match: { tier: 1 }, from: NOON, until: NOON, pausesRuns: true, ...by });
  await store.saveDiscovery(discoveryOf([]));
  await store.saveDiscoveryProgress({ place: 's3://acme/', savedAt: NOON, state: '{"page":1}' });
  await store.addRequests({ hours: [hourOf({})], requests: [requestOf({}), requestOf({ outcome: 'failed' })] });
  await store.addToken({ id: 't', name: 'alice', role: 'operator', createdAt: NOON, hash: 'aa' });
  await store.addSession({ hash: 'bb', createdAt: NOON, expiresAt: NOON, tokenId: 't' });
  await store.addToken({ id: 'u', name: 'bob', role: 'viewer', createdAt: NOON, hash: 'cc' });
  await store.revokeToken('bob', NOON);
}

/** @returns every row of every table, with its columns by name. */
export async function readHistory(database: CopyDatabase): Promise<Record<string, readonly unknown[]>> {
  const history: Record<string, readonly unknown[]> = {};
  for (const { name, key } of COPIED_TABLES) {
    const columns = (await database.columnsOf(name)).map((column) => column.name).sort();
    const list = columns.map((column) => `"${column}"`).join(', ');
    const rows = await database.query(`select ${list} from ${database.table(name)} order by ${key.join(', ')}`);
    history[name] = rows.map((row) =>
      Object.fromEntries(row.map((cell, index) => [columns[index], cell instanceof Uint8Array ? [...cell] : cell])),
    );
  }
  return history;
}

const ERROR = {
  code: 'disk-full',
  stage: 'restore',
  message: 'no space is left',
  hint: undefined,
  details: ['a', 'b'],
} as const;
