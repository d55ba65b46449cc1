import type { AlertRecord, NewDelivery } from '../../src/record/notification-store.ts';
import type { NewJob } from '../../src/record/queue-store.ts';
import type {
  DaemonRecord,
  DrillState,
  DueClaim,
  ScheduleRecord,
  SeenBackup,
  SkipRecord,
} from '../../src/record/schedule-store.ts';
import { NOON } from './run-records.ts';

/** A drill's state before anything is known about it, with the given changes. */
export function drillState(changes: Partial<DrillState> = {}): DrillState {
  return {
    drill: 'orders',
    version: 0,
    scheduleHash: undefined,
    scheduledSince: undefined,
    handledUntil: undefined,
    newestBackup: undefined,
    handledBackup: undefined,
    pollError: undefined,
    waitsFor: undefined,
    schedules: [],
    ...changes,
  };
}

/** The claim of a run that was due at noon. */
export function dueClaim(changes: Partial<DueClaim> = {}): DueClaim {
  return { state: drillState({ handledUntil: NOON }), skips: [], maxRunning: 4, ...changes };
}

/** The same with every field set. */
export function fullDrillState(changes: Partial<DrillState> = {}): DrillState {
  return drillState({
    scheduleHash: 'cd'.repeat(32),
    scheduledSince: new Date('2026-11-01T00:00:00.000Z'),
    handledUntil: NOON,
    newestBackup: seenBackup(),
    handledBackup: seenBackup().identity,
    pollError: { code: 'source-unreachable', message: 'the bucket acme does not answer' },
    waitsFor: 'for memory: needs 2.15 GB, 1.07 GB free',
    schedules: [
      scheduleRecord({ knownUntil: new Date('2026-11-09T12:00:00.000Z') }),
      scheduleRecord({ since: new Date('2026-11-09T12:00:15.000Z'), cron: undefined, timezone: undefined }),
    ],
    ...changes,
  });
}

export function scheduleRecord(changes: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    since: new Date('2026-11-01T00:00:00.000Z'),
    knownUntil: undefined,
    cron: '30 3 * * *',
    timezone: 'UTC',
    onNewBackup: false,
    ...changes,
  };
}

function seenBackup(changes: Partial<SeenBackup> = {}): SeenBackup {
  return {
    key: 'orders/orders-2026-11-21.dump',
    identity: 'orders/orders-2026-11-21.dump "abc" 48100000000',
    takenAt: new Date('2026-11-21T03:00:00.000Z'),
    sizeBytes: 48_100_000_000,
    seenAt: NOON,
    firstSeenAt: new Date('2026-11-21T11:00:00.000Z'),
    ...changes,
  };
}

export function skipOf(changes: Partial<SkipRecord> = {}): SkipRecord {
  return {
    drill: 'orders',
    kind: 'window',
    reason: 'not during mon-fri 08:00-18:00',
    count: 2,
    first: new Date('2026-11-21T10:00:00.000Z'),
    last: new Date('2026-11-21T11:00:00.000Z'),
    recordedAt: NOON,
    ...changes,
  };
}

export function daemonOf(changes: Partial<DaemonRecord> = {}): DaemonRecord {
  return {
    owner: 'db-host/boot/4242/1',
    startedAt: NOON,
    beatAt: NOON,
    stoppedAt: undefined,
    firedrillVersion: '0.1.0',
    sandboxes: 4,
    ...changes,
  };
}

/** A run that is queued in the pool `eu`. */
export function jobOf(changes: Partial<NewJob> = {}): NewJob {
  return {
    pool: 'eu',
    drill: 'orders',
    definitionHash: 'ab'.repeat(32),
    trigger: { kind: 'schedule', dueAt: NOON, attempt: 1 },
    dueAt: NOON,
    triggeredBy: 'schedule (due 21 Nov 2026, 12:00)',
    waitingSince: NOON,
    retryOf: undefined,
    diskBytes: undefined,
    ...changes,
  };
}

export function alertOf(changes: Partial<AlertRecord> = {}): AlertRecord {
  return {
    subject: 'orders',
    version: 0,
    state: 'failed',
    fingerprint: 'failed:too-slow',
    since: NOON,
    notifiedAt: NOON,
    notifiedChannels: ['ops', 'mail'],
    runId: '20261121-120000-aaaaaa',
    ...changes,
  };
}

export function deliveryOf(changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: 'd1',
    key: 'orders:1:ops',
    channel: 'ops',
    subject: 'orders',
    notification: '{"headline":"FAILED orders"}',
    createdAt: NOON,
    ...changes,
  };
}
