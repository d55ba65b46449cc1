import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import type { ProtectionRecord } from '../../src/record/run-record.ts';
import type { RunEvent, RunFact } from '../../src/run/contract.ts';
import { NEW_RUN, type RunState, reduce, stagesOf } from '../../src/run/run-state.ts';
import { NOON, passedRun } from '../support/run-records.ts';

const LATER = new Date('2026-11-21T12:00:01.000Z');
const STAMP = { runId: 'r1', drill: 'orders', at: NOON };
const CHOSEN = {
  key: 'orders.dump',
  sizeBytes: 211e6,
  takenAt: NOON,
  etag: '"1"',
  selection: 'latest of 3',
  newestTakenAt: NOON,
};
const BACKUP = { source: '/backups', ...CHOSEN, format: undefined, serverVersion: undefined, dumpedBy: undefined };
const STARTED = { runtime: 'docker', image: 'postgres:17', imageId: 'sha256:1', isolation: 'no network' } as const;
const SANDBOX = { ...STARTED, serverVersion: undefined, removed: false, kept: false, dataBytes: undefined };
const PROGRESS = {
  doing: 'loading',
  phase: 'load' as const,
  covers: ['load'] as const,
  bytesRead: 1,
  totalBytes: 2,
  bytesPerSecond: undefined,
  ratio: 0.5,
  isStalled: false,
};
const CHECK = { name: 'customers', passed: true, expected: 'at least 599', actual: '599', durationMs: 3 };
const LOAD = { database: 'orders', errorCount: 1, errors: ['ERROR: x'], ignoredCount: 0, warnings: [] };
const REPLAYED = { summary: 'the end of the log archive, which was not reached', recoverableUntil: undefined };
const ENDED_STAGE = { startedAt: NOON, durationMs: 7, outcome: 'ok', phases: [], summary: 'done' } as const;
const KEPT = { until: LATER, shellCommand: 'docker exec', clientCommand: 'psql' };
const PLAN = { jobs: 2 } as unknown as Plan; // the reducer passes it on

const PREDICTION = { elapsedMs: 1, rtoMs: 900, finish: undefined, why: 'no earlier run to predict from' };
const READING = { bytes: 10, requests: 1, cost: undefined };
const HELD = { of: 's3://acme/', limitBytesPerSecond: 2e6, bytesPerSecond: 1e6, ms: 60_000 };
const PROTECTION = { answer: 'protected' } as unknown as ProtectionRecord;

const withBackup: RunState = { ...NEW_RUN, source: '/backups', backup: BACKUP };
const IDENTITY = { name: 'recovery', keys: [], principal: undefined } as const;
const withIdentity: RunState = { ...NEW_RUN, identity: IDENTITY };
const withSandbox: RunState = { ...NEW_RUN, sandbox: SANDBOX };
const inRestore: RunState = { ...NEW_RUN, stage: { name: 'restore', startedAt: NOON }, progress: PROGRESS };

/** For every fact: the state before, the fact, and what it changes. The compiler requires each fact to be here. */
const CASES: { readonly [Type in RunFact['type']]: [RunState, Extract<RunFact, { type: Type }>, Partial<RunState>] } = {
  'run-started': [
    { ...withSandbox, checks: [CHECK] }, // of an earlier run, which printers have seen before
    { type: 'run-started', deadlineMs: 1, rtoMs: 900, counts: ['restore'], drillFile: 'orders.yaml' },
    { ...NEW_RUN, started: { runId: 'r1', drill: 'orders', drillFile: 'orders.yaml', rtoMs: 900, startedAt: NOON } },
  ],
  'stage-started': [
    { ...NEW_RUN, progress: PROGRESS },
    { type: 'stage-started', stage: 'verify', startedAt: LATER },
    { stage: { name: 'verify', startedAt: LATER }, progress: undefined },
  ],
  activity: [
    { ...NEW_RUN, stage: { name: 'locate', startedAt: NOON } },
    { type: 'activity', doing: 'listing: 2,000 files', share: undefined, leftMs: undefined },
    { activity: { doing: 'listing: 2,000 files', share: undefined, leftMs: undefined, at: expect.any(Date) } },
  ],
  'identity-chosen': [NEW_RUN, { type: 'identity-chosen', identity: 'recovery' }, { identity: IDENTITY }],
  'principal-known': [
    withIdentity,
    { type: 'principal-known', principal: 'access key …WXYZ' },
    { identity: { ...IDENTITY, principal: 'access key …WXYZ' } },
  ],
  'key-used': [
    withIdentity,
    { type: 'key-used', fingerprint: 'age1orders' },
    { identity: { ...IDENTITY, keys: ['age1orders'] } },
  ],
  'source-opened': [NEW_RUN, { type: 'source-opened', source: '/backups' }, { source: '/backups' }],
  'backup-chosen': [{ ...NEW_RUN, source: '/backups' }, { type: 'backup-chosen', backup: CHOSEN }, { backup: BACKUP }],
  'backup-read': [
    withBackup,
    { type: 'backup-read', facts: { format: 'plain SQL', serverVersion: '17.2', dumpedBy: 'pg_dump 17.2' } },
    { backup: { ...BACKUP, format: 'plain SQL', serverVersion: '17.2', dumpedBy: 'pg_dump 17.2' } },
  ],
  'reading-planned': [
    NEW_RUN,
    { type: 'reading-planned', reading: READING },
    { reading: { planned: READING, actual: undefined } },
  ],
  'reading-counted': [
    { ...NEW_RUN, reading: { planned: READING, actual: undefined } },
    { type: 'reading-counted', reading: { ...READING, bytes: 20 } },
    { reading: { planned: READING, actual: { ...READING, bytes: 20 } } },
  ],
  'access-chosen': [
    { ...NEW_RUN, reading: { planned: READING, actual: undefined } },
    { type: 'access-chosen', how: 'repository staged in the sandbox' },
    { reading: { planned: READING, actual: undefined, access: 'repository staged in the sandbox' } },
  ],
  'checksums-matched': [
    { ...NEW_RUN, reading: { planned: READING, actual: undefined } },
    { type: 'checksums-matched', matched: ['SHA-256 matches a.sha256'] },
    { reading: { planned: READING, actual: undefined, checksums: ['SHA-256 matches a.sha256'] } },
  ],
  'reading-held': [
    { ...NEW_RUN, reading: { planned: READING, actual: undefined } },
    { type: 'reading-held', held: HELD },
    { reading: { planned: READING, actual: undefined, held: HELD } },
  ],
  'proof-reading-counted': [
    { ...NEW_RUN, reading: { planned: READING, actual: READING } },
    { type: 'proof-reading-counted', reading: { ...READING, bytes: 20 } },
    { reading: { planned: READING, actual: READING, proof: { ...READING, bytes: 20 } } },
  ],
  proven: [NEW_RUN, { type: 'proven', proof: { entries: [] } }, { proof: { entries: [] } }],
  'protection-found': [NEW_RUN, { type: 'protection-found', protection: PROTECTION }, { protection: PROTECTION }],
  planned: [NEW_RUN, { type: 'planned', plan: PLAN }, { plan: PLAN }],
  'sandbox-started': [NEW_RUN, { type: 'sandbox-started', sandbox: { id: 'box-1', ...STARTED } }, { sandbox: SANDBOX }],
  'server-started': [
    withSandbox,
    { type: 'server-started', version: '17.2' },
    { sandbox: { ...SANDBOX, serverVersion: '17.2' } },
  ],
  progress: [NEW_RUN, { type: 'progress', stage: 'restore', progress: PROGRESS }, { progress: PROGRESS }],
  predicted: [NEW_RUN, { type: 'predicted', prediction: PREDICTION }, { prediction: PREDICTION }],
  'restore-error': [NEW_RUN, { type: 'restore-error', message: 'ERROR: x' }, {}],
  replaying: [NEW_RUN, { type: 'replaying', soFar: REPLAYED }, { replayed: REPLAYED }],
  restored: [
    { ...NEW_RUN, replayed: REPLAYED },
    { type: 'restored', load: LOAD },
    { load: LOAD, replayed: undefined },
  ],
  check: [{ ...NEW_RUN, checks: [CHECK] }, { type: 'check', check: CHECK }, { checks: [CHECK, CHECK] }],
  warning: [{ ...NEW_RUN, warnings: ['a'] }, { type: 'warning', message: 'b' }, { warnings: ['a', 'b'] }],
  log: [NEW_RUN, { type: 'log', level: 'warn', message: 'retrying' }, {}],
  'data-measured': [withSandbox, { type: 'data-measured', dataBytes: 42 }, { sandbox: { ...SANDBOX, dataBytes: 42 } }],
  'sandbox-removed': [withSandbox, { type: 'sandbox-removed' }, { sandbox: { ...SANDBOX, removed: true } }],
  'stage-ended': [
    inRestore,
    { type: 'stage-ended', stage: 'restore', ...ENDED_STAGE },
    { stages: [{ name: 'restore', ...ENDED_STAGE }], stage: undefined, progress: undefined },
  ],
  'cut-short': [NEW_RUN, { type: 'cut-short', by: 'user', user: 'bob' }, { cutShort: { by: 'user', user: 'bob' } }],
  'keep-decided': [withSandbox, { type: 'keep-decided', keepMs: 60 }, { sandbox: { ...SANDBOX, kept: true } }],
  'run-ended': [
    NEW_RUN,
    { type: 'run-ended', run: passedRun(), sentence: 'PASSED' },
    { ended: { run: passedRun(), sentence: 'PASSED' } },
  ],
  kept: [NEW_RUN, { type: 'kept', ...KEPT }, { kept: KEPT }],
};

describe('the state of a run', () => {
  it.each(Object.values(CASES))('changes on $1.type only what that event says', (before, fact, change) => {
    const frozen = Object.freeze({ ...before });
    expect(reduce(frozen, { ...STAMP, ...(fact as RunFact) } as RunEvent)).toStrictEqual({ ...before, ...change });
  });

  it.each([
    'principal-known',
    'key-used',
    'backup-read',
    'server-started',
    'data-measured',
    'sandbox-removed',
    'keep-decided',
  ] as const)('gets no invented identity, backup or sandbox when %s comes first', (type) => {
    const [, fact] = CASES[type];
    expect(reduce(NEW_RUN, { ...STAMP, ...fact })).toStrictEqual(NEW_RUN);
  });

  it('lists each key once, however many parts of the backup it opened', () => {
    const used = ['age1a', 'passphrase', 'age1a'].map((fingerprint) => ({ type: 'key-used', fingerprint }) as const);
    const state = used.reduce((state, fact) => reduce(state, { ...STAMP, ...fact }), withIdentity);
    expect(state.identity?.keys).toEqual(['age1a', 'passphrase']);
  });

  it('contains the recorded stages, without their summaries for the timeline', () => {
    const { summary: _, ...stage } = { name: 'restore', ...ENDED_STAGE } as const;
    expect(stagesOf({ stages: [{ ...stage, summary: 'done' }] })).toStrictEqual([stage]);
  });
});
