import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { RunFilter } from '../../src/record/store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { passedRun } from '../support/run-records.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { servePages } from './serve-pages.ts';

const RUNS = 25_000;
const NEWEST_MS = Date.UTC(2026, 10, 21, 12);

describe('all runs as CSV', () => {
  it('holds each run once, newest first, however many there are', async () => {
    const { dashboard } = manyRuns();
    const lines = (await (await dashboard.ask('/runs.csv')).text()).split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(1, -1).map((line) => line.split(',')[0])).toEqual(
      Array.from({ length: RUNS }, (_, at) => idOf(at)),
    );
  });

  it('holds the runs of one drill where one is asked for', async () => {
    const { dashboard } = manyRuns();
    const lines = (await (await dashboard.ask('/runs.csv?drill=billing')).text()).split('\r\n');
    expect(lines).toHaveLength(RUNS / 5 + 2);
    expect(new Set(lines.slice(1, -1).map((line) => line.split(',')[1]))).toEqual(new Set(['billing']));
  });

  it('is read from the store as somebody takes it, a few hundred runs at a time, with a turn for others between', async () => {
    const { dashboard, reads } = manyRuns();
    const reader = await open(dashboard);
    for (let taken = 1; taken <= 6; taken += 1) {
      await reader.read();
      await turns();
      expect(reads.length).toBeLessThanOrEqual(taken + 1);
    }
    expect(Math.max(...reads.map(({ limit }) => limit))).toBeLessThanOrEqual(500);
    let isOthersTurn = false;
    setImmediate(() => {
      isOthersTurn = true;
    });
    await reader.read();
    expect(isOthersTurn).toBe(true);
    await reader.cancel();
  });

  it('is read no further when whoever asked goes away', async () => {
    const { dashboard, reads } = manyRuns();
    const reader = await open(dashboard);
    await reader.read();
    await reader.read();
    await reader.cancel();
    const before = reads.length;
    await turns();
    expect(reads).toHaveLength(before);
    expect(before).toBeLessThan(4);
    expect(dashboard.errors).toEqual([]);
  });

  it.each(['identity', 'gzip'])(
    'is cut off (%s) where the store fails midway: half of it does not look whole',
    async (coding) => {
      const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const { dashboard, reads } = manyRuns(6);
      await using served = await servePages(dashboard);
      const headers = { host: 'localhost:8377', 'accept-encoding': coding };
      const { end, text } = await takeAll(request(`${served.url}/runs.csv`, { headers }));
      expect([end, text.includes('disk is gone')]).toEqual(['cut off', false]);
      expect([reads.length, dashboard.errors.map(String)]).toEqual([6, ['Error: the disk is gone']]);
      expect(String(printed.mock.calls[0])).toBe('Error: the answer was broken off');
      printed.mockRestore();
    },
  );

  it('is an answer of failure where the store fails at once', async () => {
    const { dashboard } = manyRuns(1);
    expect((await dashboard.ask('/runs.csv')).status).toBe(500);
  });

  it('tells no secret that the process knows', async () => {
    const { dashboard } = manyRuns();
    dashboard.redactor.add('orders-2026-11-21');
    const reader = await open(dashboard);
    await reader.read();
    const text = new TextDecoder().decode((await reader.read()).value);
    expect([text.includes('orders-2026-11-21'), text.split('\r\n').length > 100]).toEqual([false, true]);
    await reader.cancel();
  });
});

/** A store that makes its runs up as they are asked for. @param failsAt the reading that fails, from 1. */
function manyRuns(failsAt?: number) {
  const reads: RunFilter[] = [];
  async function findRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
    reads.push(filter);
    if (reads.length === failsAt) throw new Error('the disk is gone');
    const { drill, limit, after } = filter;
    const found: RunRecord[] = [];
    for (let at = after ? Number(after.id.slice(4)) + 1 : 0; at < RUNS && found.length < limit; at += 1) {
      const run = runAt(at);
      if (drill === undefined || run.drill === drill) found.push(run);
    }
    return found;
  }
  return { dashboard: new FakeDashboard({}, { ...createMemoryStore(), findRuns }), reads };
}

/** Two runs begin in each second. */
function runAt(at: number): RunRecord {
  const startedAt = new Date(NEWEST_MS - Math.floor(at / 2) * 1000);
  return passedRun({ id: idOf(at), drill: at % 5 === 0 ? 'billing' : 'orders', startedAt });
}

function idOf(at: number): string {
  return `run-${String(at).padStart(6, '0')}`;
}

async function open(dashboard: FakeDashboard) {
  const { body } = await dashboard.ask('/runs.csv');
  if (!body) throw new Error('the answer has no body');
  return body.getReader();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

async function takeAll(asked: ClientRequest): Promise<{ readonly end: 'whole' | 'cut off'; readonly text: string }> {
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = await once(answer, 'end').then(
    () => 'whole' as const,
    () => 'cut off' as const,
  );
  return { end, text: Buffer.concat(chunks).toString('latin1') };
}
