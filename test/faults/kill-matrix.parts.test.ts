import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePoints, listPoints, type MatrixOptions, type PointList, runMatrix } from './kill/kill-matrix.ts';
import { makeKillWorkspace, startRun } from './kill/kill-workspace.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('SKIPPED: what a killed process leaves is looked up in /proc; run the tests on Linux');

/** Compiled code, kept from one process to the next. */
let cache: string;
let options: MatrixOptions;
let list: PointList;

describe.skipIf(!isLinux)('kill -9 of a drill on this host', () => {
  beforeAll(async () => {
    cache = mkdtempSync(join(tmpdir(), 'firedrill-test-'));
    const makeWorkspace = () => makeKillWorkspace('local', cache);
    options = { makeWorkspace, start: startRun, lanes: 3, killsPerChain: 6 };
    list = await listPoints(options);
  });
  afterAll(() => rmSync(cache, { recursive: true }));

  it('meets places to die in every stage, and between them', () => {
    const stages = new Set(list.any.map((point) => point.replace(/\/.*/, '')));
    expect([...stages].sort()).toEqual([
      ...['after locate', 'after provision', 'after restore', 'after teardown', 'after verify'],
      ...['check', 'claimed', 'ended', 'locate', 'provision', 'restore', 'start', 'teardown', 'verify'],
    ]);
  });

  it('at over a hundred places leaves nothing, loses no run, and lets the next one pass', {
    timeout: 600_000,
  }, async () => {
    const startedMs = performance.now();
    const result = await runMatrix({ ...list, any: choosePoints(list.any, 105) }, options);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    console.info(`${result.kills.length} kills in ${seconds} s; not come by: ${result.missed.join(', ') || 'none'}`);
    expect(result.wrong).toEqual([]);
    expect(result.kills.length).toBeGreaterThanOrEqual(100);
    expect(new Set(result.kills).size).toBeGreaterThanOrEqual(100);
  });
});
