import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FakeDashboard } from './fake-dashboard.ts';
import { idOf, manyRuns, RUNS } from './many-runs.ts';

/** Values of a column, for lines without quotes. */
function columnOf([head = '', ...lines]: readonly string[], name: string): readonly (string | undefined)[] {
  const at = head.split(',').indexOf(name);
  return lines.slice(0, -1).map((line) => line.split(',')[at]);
}

describe('the CSV of all runs', () => {
  it('contains each run once, newest first, however many there are', async () => {
    const { dashboard } = manyRuns();
    const lines = (await (await dashboard.ask('/runs.csv')).text()).split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(columnOf(lines, 'run')).toEqual(Array.from({ length: RUNS }, (_, at) => idOf(at)));
  });

  it('contains the runs of one drill when requested', async () => {
    const { dashboard } = manyRuns();
    const lines = (await (await dashboard.ask('/runs.csv?drill=billing')).text()).split('\r\n');
    expect(lines).toHaveLength(RUNS / 5 + 2);
    expect(new Set(columnOf(lines, 'drill'))).toEqual(new Set(['billing']));
  });

  it('is streamed as the client reads, a few hundred runs at a time, without blocking others', async () => {
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

  it('stops reading when the client disconnects', async () => {
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

  it('is an error response when the store fails at once', async () => {
    const { dashboard } = manyRuns(1);
    expect((await dashboard.ask('/runs.csv')).status).toBe(500);
  });

  it('contains no secret that the process knows', async () => {
    const { dashboard } = manyRuns();
    dashboard.redactor.add('orders-2026-11-21');
    const reader = await open(dashboard);
    await reader.read();
    const text = new TextDecoder().decode((await reader.read()).value);
    expect([text.includes('orders-2026-11-21'), text.split('\r\n').length > 100]).toEqual([false, true]);
    await reader.cancel();
  });
});

async function open(dashboard: FakeDashboard) {
  const { body } = await dashboard.ask('/runs.csv');
  if (!body) throw new Error('the answer has no body');
  return body.getReader();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}
