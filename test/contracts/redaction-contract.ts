import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { LogLine, Store } from '../../src/record/store.ts';
import { Redactor } from '../../src/support/redact.ts';
import { databaseFinding, discoveryOf, seriesFinding } from '../support/discoveries.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';
import { alertOf, deliveryOf, fullDrillState, skipOf } from '../support/schedule-records.ts';

/** What every store must do once redaction wraps it. @param open a new, empty store; called once for each test. */
export function describeRedactionContract(name: string, open: (redactor: Redactor) => Promise<Store>): void {
  describe(`${name} stores no secret`, () => {
    test('in any text of a run', async () => {
      await using store = await open(redactorOf('hunter2hunter2'));
      const run = withSecretEverywhere(passedRun(), 'is hunter2hunter2 here');
      await store.claim({ ...run, status: 'running', verdict: undefined });
      await store.finish(run);
      await store.addLog(run.id, [line('password=hunter2hunter2')]);
      const kept = await store.getRun(run.id);
      expect(kept).toStrictEqual(withSecretEverywhere(passedRun(), 'is *** here'));
      expect(await store.getLog(run.id)).toStrictEqual([line('password=***')]);
    });

    test('in a search for uncovered backups', async () => {
      await using store = await open(redactorOf('hunter2hunter2'));
      const secret = 'hunter2hunter2';
      const series = seriesFinding({
        match: secret,
        source: secret,
        newest: secret,
        content: secret,
        databases: [secret],
      });
      const database = databaseFinding({ name: secret, server: secret, foundIn: [secret] });
      const problems = [{ where: secret, message: secret, hint: secret, isError: true }];
      await store.saveDiscovery(discoveryOf([series, database], { problems, newGaps: [secret], closedGaps: [secret] }));
      await store.saveDiscoveryProgress({ place: 'a', savedAt: NOON, state: JSON.stringify([secret]) });
      expect(JSON.stringify(await store.getDiscovery())).not.toContain(secret);
      expect((await store.getDiscoveryProgress('a'))?.state).toBe('["***"]');
    });

    test('in the reason of a failed run, even when only endings are read', async () => {
      await using store = await open(redactorOf('hunter2hunter2'));
      await store.claim(runningRun());
      const reasons = [{ reason: 'wrong-data', sentence: 'hunter2hunter2', hint: undefined }] as const;
      await store.finish(passedRun({ verdict: 'failed', reasons }));
      const { id } = passedRun();
      expect(await store.findEndings([id])).toStrictEqual([{ runId: id, sentences: ['***'], error: undefined }]);
    });

    test('in snapshots that later runs are compared with, or in why a run was accepted', async () => {
      await using store = await open(redactorOf('hunter2hunter2'));
      const id = await store.keepSnapshot('["column","default hunter2hunter2"]');
      expect(await store.getSnapshot(id)).toBe('["column","default ***"]');
      const run = passedRun();
      await store.claim({ ...run, status: 'running', verdict: undefined });
      await store.finish(run);
      await store.accept({ runId: run.id, at: NOON, by: 'alice', reason: 'rotated hunter2hunter2', recurring: false });
      expect((await store.getRun(run.id)).accepted).toStrictEqual({
        at: NOON,
        by: 'alice',
        reason: 'rotated ***',
        recurring: false,
      });
    });

    test('in a notification, whose text stays JSON, or in its error', async () => {
      await using store = await open(redactorOf('hunter2"hunter2'));
      const notification = JSON.stringify({ headline: 'is hunter2"hunter2 here', rows: [{ text: 'password=x"y' }] });
      await store.saveAlert(alertOf(), [deliveryOf({ id: 'a', key: 'a', notification })]);
      await store.enqueue([deliveryOf({ id: 'b', key: 'b', notification })]);
      await store.endDelivery('a', { kind: 'retry', error: 'told hunter2"hunter2', nextAttemptAt: NOON });
      await store.endDelivery('b', { kind: 'given-up', error: 'told hunter2"hunter2', at: NOON });
      const deliveries = await store.findDeliveries({ limit: 9 });
      expect(deliveries).toHaveLength(2);
      for (const delivery of deliveries) {
        expect(JSON.parse(delivery.notification)).toMatchObject({ headline: 'is *** here' });
        expect(delivery.error).toBe('told ***');
      }
    });

    test('in the snapshot of a run in progress, or in who cancels it', async () => {
      await using store = await open(redactorOf('hunter2"hunter2'));
      await store.claim(runningRun({ id: 'r' }));
      const view = { lines: [{ text: 'is hunter2"hunter2 here' }] };
      await store.saveLive([{ runId: 'r', savedAt: NOON, keptUntil: undefined, view }]);
      await store.commandRun({ kind: 'cancel', runId: 'r', by: 'hunter2"hunter2', at: NOON });
      expect(await store.findLive(NOON)).toMatchObject([{ view: { lines: [{ text: 'is *** here' }] } }]);
      expect(await store.findCommands(['r'])).toMatchObject([{ by: '***' }]);
    });

    test('in why a drill waits, was skipped or could not be polled; compared values stay unchanged', async () => {
      await using store = await open(redactorOf('hunter2hunter2'));
      const text = 'is hunter2hunter2 here';
      const state = fullDrillState({
        pollError: { code: 'source-denied', message: text },
        waitsFor: text,
        handledBackup: text,
      });
      await store.saveDrillState(state, [skipOf({ reason: text })]);
      const due = { state: { ...state, version: 1 }, skips: [skipOf({ reason: text })], maxRunning: 9 };
      await store.claimDue(runningRun({ warnings: [text] }), due);
      const clean = 'is *** here';
      expect(await store.getDrillStates()).toStrictEqual([
        { ...state, version: 2, pollError: { code: 'source-denied', message: clean }, waitsFor: clean },
      ]);
      expect((await store.findSkips({ limit: 9 })).map(({ reason }) => reason)).toStrictEqual([clean, clean]);
      expect((await store.findRunning()).map(({ warnings }) => warnings)).toStrictEqual([[clean]]);
    });
  });
}

function redactorOf(secret: string): Redactor {
  const redactor = new Redactor();
  redactor.add(secret);
  return redactor;
}

function line(message: string): LogLine {
  return { at: NOON, level: 'info', message };
}

function withSecretEverywhere(run: RunRecord, text: string): RunRecord {
  return {
    ...run,
    verdict: 'failed',
    drillFile: text,
    definition: JSON.stringify({ sql: text }),
    triggeredBy: text,
    owner: text,
    reasons: [{ reason: 'wrong-data', sentence: text, hint: text }],
    warnings: [text],
    error: { code: 'wrong-data', stage: 'verify', message: text, hint: text, details: [text] },
    checks: [
      {
        name: text,
        passed: false,
        expected: text,
        actual: text,
        durationMs: 1,
        details: [text],
        measured: { [text]: [text, { a: text }] },
      },
    ],
    identity: run.identity && { ...run.identity, keys: [text], principal: text },
    backup: run.backup && {
      ...run.backup,
      source: text,
      key: text,
      etag: text,
      format: text,
      dumpedBy: text,
      selection: text,
    },
    protection: run.protection && {
      ...run.protection,
      findings: [text],
      notes: [text],
      probe: run.protection.probe && { ...run.protection.probe, principal: text },
    },
    sandbox: run.sandbox && { ...run.sandbox, image: text, imageId: text, isolation: text },
    restoreErrors: [text],
  };
}
