import { describe, expect, it } from 'vitest';
import type { DrillState, SeenBackup } from '../../src/record/schedule-store.ts';
import { decideOnNewBackup, isSettled, type NewBackupDecision } from '../../src/schedule/decide-on-new-backup.ts';
import { makeRestrictions } from '../../src/schedule/timetable.ts';
import { EVERY_DAY, scheduleOf } from './timetables.ts';

const NOON = new Date('2026-11-21T12:00:00Z');
const minutes = (count: number) => new Date(NOON.getTime() + count * 60_000);

/** Taken an hour before it was polled, unless overridden. */
function seen(key: string, at = NOON, changes: Partial<SeenBackup> = {}): SeenBackup {
  return { key, identity: `id of ${key}`, takenAt: minutes(-60), sizeBytes: 100, seenAt: at, ...changes };
}

function stateOf(changes: Partial<DrillState> = {}): DrillState {
  return {
    drill: 'orders',
    version: 3,
    scheduleHash: undefined,
    scheduledSince: undefined,
    handledUntil: undefined,
    newestBackup: undefined,
    handledBackup: 'id of old.dump',
    pollError: { code: 'source-unreachable', message: 'gone' },
    waitsFor: undefined,
    schedules: [],
    ...changes,
  };
}

interface Look {
  readonly state?: Partial<DrillState>;
  readonly schedule?: Parameters<typeof scheduleOf>[0];
  readonly isWhole?: boolean;
  readonly wasDrilled?: boolean;
}

function look(backup: SeenBackup, { state, schedule, isWhole = true, wasDrilled = false }: Look = {}) {
  const restrictions = makeRestrictions(scheduleOf(schedule));
  const facts = { restrictions, pollMs: 300_000, isWhole, wasDrilled, now: backup.seenAt };
  return decideOnNewBackup({ ...facts, state: stateOf(state), seen: backup });
}

/** The state after the decision of a poll was stored, and the run claimed if it starts one. */
function storedAfter(before: DrillState, decision: NewBackupDecision): DrillState {
  const claimed = decision.kind === 'start' ? decision.onClaim : {};
  return { ...before, ...decision.change, ...claimed };
}

describe('polling the source', () => {
  it('starts a run for a new backup, which counts as handled with the claim and not before', () => {
    expect(look(seen('a.dump'))).toEqual({
      kind: 'start',
      why: 'new backup a.dump',
      dueAt: NOON,
      change: { newestBackup: seen('a.dump', NOON, { firstSeenAt: NOON }), pollError: undefined },
      skips: [],
      onClaim: { handledBackup: 'id of a.dump' },
    });
  });

  it('starts no second run for the same backup', () => {
    const handled = storedAfter(stateOf(), look(seen('a.dump')));
    expect(look(seen('a.dump', minutes(5)), { state: handled }).kind).toBe('nothing');
  });

  it('starts another run when it was replaced under its key', () => {
    const handled = storedAfter(stateOf(), look(seen('a.dump')));
    expect(look(seen('a.dump', minutes(5), { identity: 'another' }), { state: handled }).kind).toBe('start');
  });

  it('starts a run for a new drill, unless one has drilled this backup already', () => {
    const state = { handledBackup: undefined };
    expect(look(seen('a.dump'), { state }).kind).toBe('start');
    expect(look(seen('a.dump'), { state, wasDrilled: true })).toMatchObject({
      kind: 'nothing',
      change: { handledBackup: 'id of a.dump' },
    });
  });

  it('starts no run for an older backup that is the newest after a removal', () => {
    const handled = storedAfter(stateOf(), look(seen('b.dump')));
    const older = seen('a.dump', minutes(5), { takenAt: minutes(-600) });
    const decision = look(older, { state: handled });
    expect(decision).toMatchObject({ kind: 'nothing', change: { handledBackup: 'id of a.dump' }, skips: [] });
    const newer = seen('c.dump', minutes(10), { takenAt: minutes(1) });
    expect(look(newer, { state: storedAfter(handled, decision) }).kind).toBe('start');
  });
});

describe('a backup that may still be uploading', () => {
  it('is drilled when a second poll finds it unchanged, due since the first', () => {
    const first = look(seen('a.dump'), { isWhole: false });
    expect(first).toMatchObject({
      kind: 'settling',
      why: 'new backup a.dump may still be written',
      pollAgainAt: minutes(1),
    });
    const grown = seen('a.dump', minutes(1), { identity: 'larger', sizeBytes: 200 });
    const second = look(grown, { state: storedAfter(stateOf(), first), isWhole: false });
    expect(second).toMatchObject({ kind: 'settling', skips: [] });
    const settled = { ...grown, seenAt: minutes(2) };
    expect(look(settled, { state: storedAfter(stateOf(), second), isWhole: false })).toMatchObject({
      kind: 'start',
      dueAt: minutes(1),
    });
  });

  it('is not drilled when two processes poll at the same time', () => {
    const first = look(seen('a.dump'), { isWhole: false });
    const soon = seen('a.dump', new Date(NOON.getTime() + 9999));
    const second = look(soon, { state: storedAfter(stateOf(), first), isWhole: false });
    expect(second.kind).toBe('settling');
    const later = seen('a.dump', new Date(NOON.getTime() + 10_000));
    expect(look(later, { state: storedAfter(stateOf(), second), isWhole: false }).kind).toBe('start');
  });

  it('is stable only when it was seen before', () => {
    expect(isSettled(undefined, seen('a.dump'))).toBe(false);
    expect(isSettled(seen('b.dump'), seen('a.dump', minutes(5)))).toBe(false);
    expect(isSettled(seen('a.dump'), seen('a.dump', minutes(5)))).toBe(true);
  });
});

describe('a new backup while runs are blocked', () => {
  const schedule = { notDuring: [{ days: EVERY_DAY, fromMinute: 480, toMinute: 1080 }] };

  it('waits for the end, and is due from then on', () => {
    const blocked = look(seen('a.dump'), { schedule });
    expect(blocked).toMatchObject({
      kind: 'blocked',
      why: 'new backup a.dump; not during 08:00-18:00',
      until: minutes(360),
      change: { waitsFor: 'for 21 Nov 2026, 18:00 UTC: new backup a.dump; not during 08:00-18:00' },
    });
    expect(blocked.change).not.toHaveProperty('handledBackup');
    const over = look(seen('a.dump', minutes(363)), { state: storedAfter(stateOf(), blocked), schedule });
    expect(over).toMatchObject({ kind: 'start', dueAt: minutes(360), change: { waitsFor: undefined } });
  });

  it('waits through a freeze', () => {
    const freezes = [{ from: undefined, until: '2026-11-23 00:00' }];
    expect(look(seen('a.dump'), { schedule: { freezes } })).toMatchObject({
      kind: 'blocked',
      until: new Date('2026-11-23T00:00:00Z'),
    });
  });

  it('gives way to a newer one, which is reported', () => {
    const blocked = look(seen('a.dump'), { schedule });
    const newer = seen('b.dump', minutes(5), { takenAt: minutes(1) });
    const next = look(newer, { state: storedAfter(stateOf(), blocked), schedule });
    expect(next.skips).toEqual([
      {
        drill: 'orders',
        kind: 'superseded',
        reason: 'a.dump was followed by b.dump before it could be drilled',
        count: 1,
        first: NOON,
        last: NOON,
        recordedAt: minutes(5),
      },
    ]);
    expect(look(newer, { state: storedAfter(storedAfter(stateOf(), blocked), next), schedule }).skips).toEqual([]);
  });

  it('gives way to one that replaces it under its key, which is reported unless it was still uploading', () => {
    const blocked = storedAfter(stateOf(), look(seen('a.dump'), { schedule }));
    const next = seen('a.dump', minutes(5), { identity: 'another', takenAt: minutes(1) });
    expect(look(next, { state: blocked, schedule }).skips).toMatchObject([
      { kind: 'superseded', reason: 'a.dump was replaced before it could be drilled', first: NOON },
    ]);
    expect(look(next, { state: blocked, schedule, isWhole: false }).skips).toEqual([]);
  });

  it('no longer waits when it was removed', () => {
    const state = storedAfter(stateOf(), look(seen('b.dump'), { schedule }));
    const older = seen('old.dump', minutes(5), { takenAt: minutes(-600) });
    expect(look(older, { state, schedule })).toMatchObject({ kind: 'nothing', change: { waitsFor: undefined } });
  });
});

it('does not affect what another run of the drill waits for', () => {
  const state = { waitsFor: 'for memory: needs 2.15 GB, 1.07 GB free' };
  expect(look(seen('a.dump'), { state }).change).not.toHaveProperty('waitsFor');
});
