import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROBE_OUTCOMES, type RunRecord } from '../../src/record/run-record.ts';
import type { DrillState, SkipRecord } from '../../src/record/schedule-store.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { withRedaction } from '../../src/record/with-redaction.ts';
import { RUNTIME_NAMES } from '../../src/sandbox/registry.ts';
import { ERROR_CODES } from '../../src/support/errors.ts';
import type { Reading } from '../../src/support/reading.ts';
import { Redactor } from '../../src/support/redact.ts';
import {
  IDENTITIES,
  PHASES,
  PROTECTION_ANSWERS,
  REASONS,
  RUN_ENDINGS,
  SKIP_KINDS,
  STAGES,
  TRIGGER_KINDS,
} from '../../src/support/vocabulary.ts';
import { runningRun } from '../support/run-records.ts';
import { deliveryOf } from '../support/schedule-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

const redactor = new Redactor();
let directory: TemporaryDirectory;
beforeEach(() => {
  directory = makeTemporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

function anyReading(): fc.Arbitrary<Reading> {
  return fc.record({
    bytes: fc.maxSafeNat(),
    requests: fc.option(fc.maxSafeNat(), { nil: undefined }),
    cost: fc.option(
      fc.record({
        amount: fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0),
        currency: fc.constantFrom('USD', 'EUR'),
      }),
      {
        nil: undefined,
      },
    ),
  });
}

test('any run is read back unchanged', async () => {
  await using store = await openStore();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(anyRun(), async (generated) => {
      count += 1;
      const run = { ...structuredClone(generated), id: `run-${count}` };
      await store.claim(runningRun({ id: run.id, drill: run.drill }));
      await store.finish(run);
      expect(await store.getRun(run.id)).toStrictEqual(run);
    }),
    { numRuns: 50 },
  );
});

test('any state, skipped run and notification is read back unchanged', async () => {
  await using store = await openStore();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(anyState(), anySkip(), anyText(), async (state, skip, text) => {
      count += 1;
      const drill = `drill-${count}`;
      await store.saveDrillState({ ...state, drill }, [{ ...skip, drill }]);
      expect(await store.findSkips({ drill, limit: 9 })).toStrictEqual([{ ...skip, drill }]);
      const kept = (await store.getDrillStates()).find((other) => other.drill === drill);
      expect(kept).toStrictEqual({ ...structuredClone(state), drill, version: 1 });
      await store.enqueue([
        deliveryOf({ id: drill, key: drill, subject: text, notification: JSON.stringify({ text }) }),
      ]);
      await store.endDelivery(drill, { kind: 'given-up', error: text, at: skip.first });
      const [message] = await store.findDeliveries({ limit: 1 });
      expect(message).toMatchObject({ subject: text, notification: JSON.stringify({ text }), error: text });
      expect(message?.endedAt).toStrictEqual(skip.first);
    }),
    { numRuns: 30 },
  );
});

async function openStore(): Promise<Store> {
  return withRedaction(await openSqliteStore(join(directory.path, 'history.sqlite')), redactor);
}

/** Text may contain anything, including NUL and line ends, but no unpaired surrogates; secrets are covered by another test. */
function anyText(): fc.Arbitrary<string> {
  return fc.string({ unit: 'binary' }).filter((value) => redactor.redact(value) === value && value.isWellFormed());
}

function anyInstant(): fc.Arbitrary<Date> {
  return fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
}

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

function anyState(): fc.Arbitrary<DrillState> {
  const text = anyText();
  const instant = anyInstant();
  return fc.record<DrillState>({
    drill: fc.constant(''),
    version: fc.constant(0),
    scheduleHash: maybe(text),
    scheduledSince: maybe(instant),
    handledUntil: maybe(instant),
    newestBackup: maybe(
      fc.record({
        key: text,
        identity: text,
        takenAt: instant,
        sizeBytes: fc.maxSafeNat(),
        seenAt: instant,
        firstSeenAt: maybe(instant),
      }),
    ),
    handledBackup: maybe(text),
    pollError: maybe(fc.record({ code: fc.constantFrom('source-unreachable', 'backup-missing'), message: text })),
    waitsFor: maybe(text),
    schedules: fc
      .uniqueArray(
        fc.record({
          since: instant,
          knownUntil: maybe(instant),
          cron: maybe(text),
          timezone: maybe(text),
          onNewBackup: fc.boolean(),
        }),
        { selector: ({ since }) => since.getTime(), maxLength: 3 },
      )
      .map((schedules) => schedules.toSorted((a, b) => a.since.getTime() - b.since.getTime())),
  });
}

function anySkip(): fc.Arbitrary<SkipRecord> {
  const instant = anyInstant();
  return fc.record<SkipRecord>({
    drill: fc.constant(''),
    kind: fc.constantFrom(...SKIP_KINDS),
    reason: anyText(),
    count: fc.maxSafeNat(),
    first: instant,
    last: instant,
    recordedAt: instant,
  });
}

function anyRun(): fc.Arbitrary<RunRecord> {
  const text = anyText();
  const ms = fc.double({ min: 0, max: 1e12, noNaN: true }).map((value) => value + 0);
  const instant = anyInstant();
  const wholeMs = fc.integer({ min: 0, max: 1e12 });
  const stage = fc.constantFrom(...STAGES);
  const texts = fc.array(text, { maxLength: 4 });
  return fc
    .record<RunRecord>({
      id: fc.constant(''),
      drill: text,
      drillFile: text,
      definitionHash: text,
      definition: fc.jsonValue().map((value) => JSON.stringify(value)),
      triggeredBy: text,
      trigger: fc.record({
        kind: fc.constantFrom(...TRIGGER_KINDS),
        dueAt: maybe(instant),
        attempt: fc.integer({ min: 1, max: 9 }),
      }),
      owner: maybe(text),
      tier: maybe(fc.integer({ min: 0, max: 9 })),
      status: fc.constantFrom('completed', 'errored', 'interrupted'),
      verdict: fc.constantFrom('passed', 'failed'),
      reasons: fc.array(fc.record({ reason: fc.constantFrom(...REASONS), sentence: text, hint: maybe(text) }), {
        maxLength: 3,
      }),
      warnings: texts,
      error: maybe(
        fc.record({
          code: fc.constantFrom(...ERROR_CODES),
          stage: maybe(stage),
          message: text,
          hint: maybe(text),
          details: texts,
        }),
      ),
      endedBy: maybe(fc.constantFrom(...RUN_ENDINGS)),
      canceledBy: maybe(text),
      retryable: fc.boolean(),
      startedAt: instant,
      endedAt: maybe(instant),
      objectives: fc.record({
        rtoMs: ms,
        rpoMs: maybe(ms),
        warnAtRatio: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
        counts: fc.array(stage),
        deadlineMs: ms,
      }),
      recoveryTimeMs: maybe(wholeMs),
      dataLossMs: maybe(ms),
      stages: fc.array(
        fc.record({
          name: stage,
          startedAt: instant,
          durationMs: wholeMs,
          outcome: fc.constantFrom('ok', 'failed', 'skipped'),
          phases: fc.array(
            fc.record(
              { name: fc.constantFrom(...PHASES), startedAt: instant, durationMs: wholeMs, bytes: wholeMs },
              { requiredKeys: ['name', 'durationMs'] },
            ),
            { maxLength: 3 },
          ),
        }),
        { maxLength: 6 },
      ),
      checks: fc.array(
        fc.record(
          { name: text, passed: fc.boolean(), expected: text, actual: text, durationMs: wholeMs, question: text },
          { requiredKeys: ['name', 'passed', 'expected', 'actual', 'durationMs'] },
        ),
        {
          maxLength: 4,
        },
      ),
      identity: maybe(fc.record({ name: fc.constantFrom(...IDENTITIES), keys: texts, principal: maybe(text) })),
      backup: maybe(
        fc.record({
          source: text,
          key: text,
          sizeBytes: fc.maxSafeNat(),
          takenAt: instant,
          etag: maybe(text),
          format: maybe(text),
          serverVersion: maybe(text),
          dumpedBy: maybe(text),
          selection: maybe(text),
          newestTakenAt: maybe(instant),
        }),
      ),
      replay: fc.record({
        to: text,
        end: maybe(text),
        lastCommit: maybe(fc.record({ transaction: maybe(text), at: instant, position: maybe(text) })),
        firstLost: maybe(fc.record({ transaction: maybe(text), at: instant, position: maybe(text) })),
        isWholeLog: fc.boolean(),
        archive: fc.record({ newest: text, storedAt: maybe(instant), lagMs: maybe(wholeMs) }),
      }),
      proof: maybe(
        fc.record({
          entries: fc.array(fc.record({ damage: text, caughtBy: fc.array(text), advice: maybe(text) }), {
            maxLength: 3,
          }),
        }),
      ),
      protection: maybe(
        fc.record({
          answer: fc.constantFrom(...PROTECTION_ANSWERS),
          requiredMs: wholeMs,
          onFinding: fc.constantFrom('warn', 'fail'),
          mode: fc.constantFrom('governance', 'compliance', undefined),
          lockedUntil: maybe(instant),
          legalHold: fc.boolean(),
          versioning: fc.constantFrom('enabled', 'suspended', 'off', undefined),
          findings: texts,
          notes: texts,
          probe: maybe(fc.record({ outcome: fc.constantFrom(...PROBE_OUTCOMES), principal: maybe(text) })),
        }),
      ),
      reading: maybe(fc.record({ planned: anyReading(), actual: maybe(anyReading()) })),
      sandbox: maybe(
        fc.record({
          runtime: fc.constantFrom(...RUNTIME_NAMES),
          containerEngine: text,
          image: text,
          imageId: text,
          isolation: text,
          serverVersion: maybe(text),
          removed: fc.boolean(),
          kept: maybe(fc.boolean()),
          dataBytes: maybe(fc.maxSafeNat()),
        }),
      ),
      accepted: fc.constant(undefined),
      restoreErrors: texts,
      restoreErrorCount: fc.nat(),
      leaseOwner: text,
      leaseExpiresAt: instant,
      leaseBeatMs: fc.nat(),
      firedrillVersion: text,
    })
    .map((run) => (run.status === 'completed' ? run : { ...run, verdict: undefined }));
}
