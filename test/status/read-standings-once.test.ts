import { expect, test } from 'vitest';
import type { Drill } from '../../src/config/drill-file.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { DrillState } from '../../src/record/schedule-store.ts';
import { listRows } from '../../src/status/list-rows.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { readStandingsOnce } from '../../src/status/read-standings-once.ts';
import type { StandingState } from '../../src/support/vocabulary.ts';
import { makeRandom, pick } from '../bench/schedule/random.ts';
import { drillOf as anyDrillOf, scheduleOf } from '../daemon/fake-daemon.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, passedRun, runningRun } from '../support/run-records.ts';
import { atHour, erroredRun, goingOn, HOUR_MS, seenBackup, stateOfDrill } from './facts.ts';

const NOW = atHour(0);
const ON_NEW_BACKUP = scheduleOf(undefined, { onNewBackup: { pollMs: 60_000 } });
/** A backup found by a poll eight hours ago has not been drilled yet. */
const WAITS = {
  newestBackup: seenBackup({ key: 'orders/orders-2026-11-21.dump', firstSeenAt: atHour(-8) }),
  handledBackup: 'another',
};
/** According to the last poll, backups stopped arriving. */
const STALE = { newestBackup: seenBackup({ takenAt: atHour(-60), seenAt: atHour(-1) }), handledBackup: 'another' };

type Kind = keyof typeof KINDS;
/** Runs of the same backup, or of an older one, taken two days before it. */
const KINDS = {
  passed: passedRun,
  'passed old': (changes: Partial<RunRecord>) => ofOldBackup(passedRun(changes)),
  'passed older by key': (changes: Partial<RunRecord>) => ofOlderByKey(passedRun(changes)),
  'failed older by key': (changes: Partial<RunRecord>) => ofOlderByKey(failedRun(changes)),
  untimed: (changes: Partial<RunRecord>) => passedRun({ ...changes, recoveryTimeMs: undefined }),
  failed: failedRun,
  'failed old': (changes: Partial<RunRecord>) => ofOldBackup(failedRun(changes)),
  'no backup': (changes: Partial<RunRecord>) => failedRun({ ...changes, backup: undefined, recoveryTimeMs: undefined }),
  errored: erroredRun,
  'cut off': (changes: Partial<RunRecord>) => erroredRun({ ...changes, status: 'interrupted' }),
  'goes on': (changes: Partial<RunRecord>) => goingOn(NOW, { ...changes, endedAt: undefined }),
  'left behind': (changes: Partial<RunRecord>) =>
    runningRun({ ...changes, endedAt: undefined, leaseExpiresAt: atHour(-0.9) }),
};

test.each<[string, readonly Kind[], Partial<DrillState>, StandingState, boolean]>([
  ['a run before the last has drilled the new backup', ['failed old', 'passed old', 'failed'], WAITS, 'failed', false],
  ['no run has drilled the new backup', ['failed old', 'passed old', 'failed old'], WAITS, 'failed', true],
  ['a run before the last has seen newer backups', ['errored', 'no backup', 'untimed'], STALE, 'failed', true],
  ['no run has seen newer backups', ['errored', 'errored', 'errored'], STALE, 'no-new-backup', true],
  ['the run that was timed is not the last', ['errored', 'untimed', 'failed', 'passed'], {}, 'errored', false],
  ['twenty-one were cut off, one of them silently', ['left behind', ...times(20, 'cut off')], {}, 'interrupted', false],
  ['one failed before twenty-one that errored', [...times(21, 'errored'), 'failed'], {}, 'failed', false],
  [
    'one failed before three canceled ones and after one that passed',
    ['errored', ...times(2, 'cut off'), 'failed', 'errored', 'failed', 'passed'],
    {},
    'failed',
    false,
  ],
  ['twenty-one failed', times(21, 'failed'), {}, 'failed', false],
  ['three failed after one that passed', [...times(3, 'failed'), 'passed'], {}, 'failed', false],
  ['all passed', times(24, 'passed'), {}, 'passed', false],
  ['one is in progress after others', ['goes on', 'failed', 'passed'], {}, 'running', false],
  [
    'older backups were bisected after one failed',
    ['passed older by key', 'failed older by key', 'passed older by key', 'failed', 'failed', 'passed'],
    {},
    'failed',
    false,
  ],
  ['there are no runs', [], {}, 'never', false],
])('the state of a drill follows from all of its runs: %s', async (_title, kinds, state, expected, isOverdue) => {
  const runs = kinds.map((kind, index) => makeRun('orders', kind, index));
  const { all } = await readBothWays([drillOf('orders')], runs, [stateOfDrill({ drill: 'orders', ...state })]);
  expect(all.drills).toMatchObject([{ isOverdue, standing: { state: expected } }]);
});

test('the state of any drills follows from all of their runs, and few are read in full', async () => {
  const random = makeRandom(20261121);
  const names = Array.from({ length: 60 }, (_, index) => `drill-${String(index).padStart(2, '0')}`);
  const runs = names.flatMap((name) => makeRuns(name, random));
  const states = names.map((drill) => stateOfDrill({ drill, ...pick([{}, WAITS, STALE], random) }));
  const { all, wholeRuns } = await readBothWays(names.map(drillOf), runs, states);
  const limited = all.drills.flatMap((drill) => drill.runs).length;
  // a fifth of them are of older backups by key, and those are always read
  expect(wholeRuns).toBeLessThan(limited * 0.8);
});

async function readBothWays(drills: readonly Drill[], runs: readonly RunRecord[], states: readonly DrillState[]) {
  await using store = createMemoryStore();
  for (const run of runs) {
    await store.claim({ ...run, status: 'running', verdict: undefined });
    if (run.status !== 'running') await store.finish(run);
  }
  let wholeRuns = 0;
  const reader = {
    ...store,
    getDrillStates: async () => states,
    getRuns: async (ids: readonly string[]) => {
      wholeRuns += ids.length;
      return store.getRuns(ids);
    },
  };
  const all = await readStandings(reader, drills, NOW);
  const few = await readStandingsOnce(reader, drills, NOW);
  expect(withoutRuns(few)).toStrictEqual(withoutRuns(all));
  expect(listRows(few.drills, NOW)).toStrictEqual(listRows(all.drills, NOW));
  return { all, wholeRuns };
}

function withoutRuns({ drills, ...rest }: Awaited<ReturnType<typeof readStandings>>) {
  return { ...rest, drills: drills.map(({ runs: _, ...standing }) => standing) };
}

function drillOf(name: string): Drill {
  const drill = anyDrillOf(name, ON_NEW_BACKUP);
  return { ...drill, objectives: { ...drill.objectives, rpoMs: 26 * HOUR_MS } };
}

/** Consecutive runs often end alike. */
function makeRuns(drill: string, random: () => number): readonly RunRecord[] {
  const kinds = Object.keys(KINDS).slice(0, -2) as Kind[];
  const sameness = pick([0.5, 0.9, 1], random);
  let kind = pick(kinds, random);
  return Array.from({ length: pick([0, 1, 5, 24, 24], random) }, (_, index) => {
    if (index === 0) return makeRun(drill, pick([kind, kind, 'goes on', 'left behind'], random), index);
    if (random() > sameness) kind = pick(kinds, random);
    return makeRun(drill, kind, index);
  });
}

/** @param ago 0 is an hour ago; each step is two hours more. */
function makeRun(drill: string, kind: Kind, ago: number): RunRecord {
  const startedAt = atHour(-1 - 2 * ago);
  const id = `${drill}-${String(99 - ago)}`;
  const run = KINDS[kind]({ id, drill, startedAt, endedAt: new Date(startedAt.getTime() + 60_000) });
  const newest = run.backup?.newestTakenAt;
  return newest ? { ...run, dataLossMs: Math.max(0, startedAt.getTime() - newest.getTime()) } : run;
}

function ofOlderByKey(run: RunRecord): RunRecord {
  const { backup = passedRun().backup } = run;
  const definition = JSON.stringify({ backup: { select: { by: 'key' } } });
  return { ...run, definition, backup: backup && { ...backup, takenAt: atHour(-80), etag: '"older"' } };
}

function ofOldBackup(run: RunRecord): RunRecord {
  const takenAt = atHour(-60);
  const older = { takenAt, newestTakenAt: takenAt, etag: '"before"', sizeBytes: 48_000_000_000 };
  return { ...run, backup: run.backup && { ...run.backup, ...older } };
}

function times(count: number, kind: Kind): readonly Kind[] {
  return Array.from({ length: count }, () => kind);
}
