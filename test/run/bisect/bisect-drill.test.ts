import { describe, expect, it } from 'vitest';
import { type BisectPlan, type BisectRequest, bisectDrill } from '../../../src/run/bisect/bisect-drill.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { type FakeOptions, fakeDefinition, makeFakeDrill, storedBackup, useFakeTime } from '../fake-drill.ts';

useFakeTime();

const DAY_MS = 86_400_000;
const NEWEST = new Date('2026-11-21T03:00:00.000Z');
const CHECK = 'customers are all there';

/** Ten nightly backups; `age` is in days, 0 the newest. */
const backupOf = (age: number, etag = '"1"') => storedBackup(new Date(NEWEST.getTime() - age * DAY_MS), etag);
const ageOf = (key: string) =>
  (NEWEST.getTime() - Date.parse(key.replace(/^orders-(.{11}..)(..)(..Z).*/, '$1:$2:$3'))) / DAY_MS;

interface World {
  /** Ages of the backups with wrong data, and of those whose runs error. */
  readonly isBad: (age: number) => boolean;
  readonly errors?: (age: number) => boolean;
  readonly listed?: FakeOptions['listed'];
}

/** A drill with ten backups whose check fails on the bad ones. */
function makeWorld({ isBad, errors = () => false, listed }: World) {
  const backups = Array.from({ length: 10 }, (_, age) => backupOf(age));
  const tried: number[] = [];
  const plans: BisectPlan[] = [];
  const answer = { value: 599 };
  const drill = makeFakeDrill({
    listed: listed ?? (() => backups),
    get answer() {
      return answer.value;
    },
    hooks: {
      boot: () => {
        if (errors(tried.at(-1) ?? 0)) throw new DrillError('server-failed', 'the server did not start');
      },
    },
  });
  const bisect = (changes: Partial<BisectRequest> = {}) => {
    tried.length = 0;
    return bisectDrill(
      {
        drill: fakeDefinition(600_000),
        triggeredBy: 'bisect (alice)',
        runtime: undefined,
        emit: () => undefined,
        interrupt: drill.interrupt.signal,
        check: undefined,
        sinceMs: undefined,
        fresh: false,
        onPlanned: (plan) => plans.push(plan),
        onTry: ({ key }) => {
          tried.push(ageOf(key));
          answer.value = isBad(ageOf(key)) ? 0 : 599;
        },
        onTried: async () => undefined,
        ...changes,
      },
      drill.services,
    );
  };
  return { drill, bisect, tried, plans };
}

describe('a bisection', () => {
  it('finds the boundary, runs the backups on both sides of it, and records every run', async () => {
    const { drill, bisect, tried, plans } = makeWorld({ isBad: (age) => age < 3 });
    const found = await bisect();
    expect(found).toMatchObject({ end: 'found', good: { backup: backupKey(3) }, bad: { backup: backupKey(2) } });
    expect(tried).toEqual([0, 9, 4, 2, 3]);
    expect(plans).toMatchObject([{ known: 0, restores: 6, perRestore: undefined }]);
    const runs = await drill.store.findRuns({ limit: 100 });
    expect(new Map(runs.map(({ backup, verdict }) => [ageOf(backup?.key ?? ''), verdict]))).toEqual(
      new Map([
        [0, 'failed'],
        [2, 'failed'],
        [3, 'passed'],
        [4, 'passed'],
        [9, 'passed'],
      ]),
    );
    for (const run of runs) expect(run).toMatchObject({ triggeredBy: 'bisect (alice)', trigger: { kind: 'hand' } });
  });

  it('runs only the newest backup when that is good', async () => {
    const { bisect, tried } = makeWorld({ isBad: () => false });
    expect(await bisect()).toMatchObject({ end: 'found', good: { backup: backupKey(0) }, bad: undefined });
    expect(tried).toEqual([0]);
  });

  it('reports that there is no good backup once the oldest in range is bad', async () => {
    const { bisect, tried } = makeWorld({ isBad: (age) => age < 8 });
    expect(await bisect({ sinceMs: 4 * DAY_MS })).toMatchObject({
      end: 'none',
      good: undefined,
      bad: { backup: backupKey(3) },
    });
    expect(tried).toEqual([0, 3]);
  });

  it('does not repeat runs whose results are recorded, unless asked to', async () => {
    const { bisect, tried, plans } = makeWorld({ isBad: (age) => age < 3 });
    await bisect();
    expect(await bisect()).toMatchObject({ end: 'found', good: { backup: backupKey(3), isRecorded: true } });
    expect(tried).toEqual([]);
    expect(plans.at(-1)).toMatchObject({ known: 5, restores: 0, perRestore: { fromRuns: 3 } });
    await bisect({ fresh: true });
    expect(tried).toEqual([0, 9, 4, 2, 3]);
  });

  it('repeats runs that were recorded for other content or another definition', async () => {
    let etag = '"1"';
    const { bisect, tried } = makeWorld({ isBad: () => false, listed: () => [backupOf(0, etag)] });
    await bisect();
    await bisect();
    expect(tried).toEqual([]);
    await bisect({ drill: { ...fakeDefinition(600_000), definitionHash: 'cd'.repeat(32) } });
    expect(tried).toEqual([0]);
    etag = '"2"';
    await bisect();
    expect(tried).toEqual([0]);
  });

  it('tries the neighbour of a backup whose run errors', async () => {
    const { bisect, tried } = makeWorld({ isBad: (age) => age < 3, errors: (age) => age === 0 || age === 4 });
    expect(await bisect()).toMatchObject({
      end: 'found',
      good: { backup: backupKey(3) },
      bad: { backup: backupKey(2) },
    });
    expect(tried).toEqual([0, 1, 9, 5, 3, 2]);
  });

  it('ends without a result after three runs that errored', async () => {
    const { bisect, tried } = makeWorld({ isBad: () => false, errors: () => true });
    expect(await bisect()).toMatchObject({ end: 'unclear', good: undefined, bad: undefined });
    expect(tried).toEqual([0, 1, 2]);
  });

  it('ends when interrupted, with the results so far', async () => {
    const { drill, bisect, tried } = makeWorld({ isBad: (age) => age < 3 });
    const onTried = async () => {
      if (tried.length === 2) drill.interrupt.abort(new DrillError('stopped', 'canceled'));
    };
    expect(await bisect({ onTried })).toMatchObject({
      end: 'interrupted',
      good: { backup: backupKey(9) },
      bad: { backup: backupKey(0) },
    });
  });

  it('ends as interrupted when the only backup was still running', async () => {
    const { drill, bisect } = makeWorld({ isBad: () => false, listed: () => [backupOf(0)] });
    const onTry = () => drill.interrupt.abort(new DrillError('stopped', 'canceled'));
    expect(await bisect({ onTry })).toMatchObject({ end: 'interrupted', tried: [{ finding: 'unknown' }] });
  });

  it('judges by a single check, and rejects one that the drill does not have', async () => {
    const { bisect } = makeWorld({ isBad: () => true });
    expect(await bisect({ check: CHECK })).toMatchObject({ end: 'none' });
    await expect(bisect({ check: 'customers' })).rejects.toMatchObject({
      code: 'usage',
      hint: `Its checks are: "${CHECK}".`,
    });
  });

  it('ignores empty backups and those older than --since', async () => {
    const empty = { ...backupOf(0), sizeBytes: 0 };
    const { bisect, plans } = makeWorld({ isBad: () => false, listed: () => [empty, backupOf(1), backupOf(2)] });
    expect(await bisect()).toMatchObject({ good: { backup: backupKey(1) } });
    expect(plans).toMatchObject([{ warnings: ['1 empty or unfinished was left out'] }]);
    await expect(bisect({ sinceMs: DAY_MS })).rejects.toMatchObject({ code: 'backup-missing' });
  });
});

const backupKey = (age: number) => ({ key: backupOf(age).key });
