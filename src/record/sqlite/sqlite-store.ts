import { DatabaseSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import type { AccessStore } from '../access-store.ts';
import type { AcknowledgementStore } from '../acknowledgement-store.ts';
import type { DiscoveryStore } from '../discovery-store.ts';
import type { NotificationStore } from '../notification-store.ts';
import { interruptAbandoned } from '../queries/abandoned.ts';
import * as access from '../queries/access.ts';
import * as acknowledgements from '../queries/acknowledgements.ts';
import { readAlerts, saveAlert } from '../queries/alerts.ts';
import { readBaseline } from '../queries/baseline.ts';
import { accept, getSnapshot, keepSnapshot } from '../queries/baselines.ts';
import { claimDue, findRunning } from '../queries/claim-due.ts';
import { beatDaemon, readDaemons } from '../queries/daemons.ts';
import { countDeliveries, endDelivery, enqueue, findDeliveries, takeDeliveries } from '../queries/deliveries.ts';
import * as discoveries from '../queries/discoveries.ts';
import { readDrillStates, readSkips, saveDrillState } from '../queries/drill-states.ts';
import { findPastChecks } from '../queries/past-checks.ts';
import { findProofs } from '../queries/proofs.ts';
import { prune } from '../queries/prune.ts';
import { readEndings } from '../queries/read-endings.ts';
import {
  countMatchingRuns,
  findLatestCompleted,
  findLatestRuns,
  findRuns,
  getRun,
  readLog,
  readRuns,
} from '../queries/read-runs.ts';
import { findRecoveryProofs } from '../queries/recovery-proofs.ts';
import * as requests from '../queries/requests.ts';
import { readCounts } from '../queries/run-count.ts';
import type { Schema } from '../queries/schema.ts';
import * as silences from '../queries/silences.ts';
import { addLog, addStage, claimRun, extendLease, finishRun } from '../queries/write-runs.ts';
import type { ReportStore } from '../report-store.ts';
import type { ScheduleStore } from '../schedule-store.ts';
import type { SilenceStore } from '../silence-store.ts';
import type { Store } from '../store.ts';
import { migrate } from './migrate.ts';
import { FactReader } from './read-facts.ts';
import { NodeSqliteDialect, whenNotBusy } from './sqlite-dialect.ts';
import { asStoreError } from './sqlite-errors.ts';
import { makeStoreFile, type StoreFiles, watchStoreFiles } from './store-files.ts';

export interface SqliteStoreOptions {
  /** How long to wait for another process's transaction; 10 s unless told. */
  readonly lockWaitMs?: number;
}

const LOCK_WAIT_MS = 10_000;

/**
 * History in one SQLite file, for one or several processes of a machine (not for a network file system). Made, with its directory, for this user alone
 * when it is not there; migrated when it is older.
 *
 * Throws `store-failed`, `store-newer`, `disk-full`.
 */
export async function openSqliteStore(
  path: string,
  { lockWaitMs = LOCK_WAIT_MS }: SqliteStoreOptions = {},
): Promise<Store> {
  const { database, files } = await openDatabase(path, lockWaitMs);
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(database, lockWaitMs) });

  /** Checks the store's files before, so that nothing is written to a lost store, and after, to confirm that the write is in the current files. */
  async function write<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return explained(path, async () => {
      const result = await db.transaction().execute((trx) => {
        files.requireSame();
        return work(trx);
      });
      files.requireSame();
      return result;
    });
  }
  /** All statements read from the same snapshot. */
  async function read<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return explained(path, () =>
      whenNotBusy(lockWaitMs, () => db.transaction().setAccessMode('read only').execute(work)),
    );
  }

  return {
    claim: (run) => write((trx) => claimRun(trx, run)),
    addStage: (runId, stage) => write((trx) => addStage(trx, runId, stage)),
    addLog: (runId, lines) => write((trx) => addLog(trx, runId, lines)),
    extendLease: (runId, leaseExpiresAt) => write((trx) => extendLease(trx, runId, leaseExpiresAt)),
    finish: (run) => write((trx) => finishRun(trx, run)),
    interruptAbandoned: (now, isDead) => write((trx) => interruptAbandoned(trx, now, isDead)),
    findRuns: (filter) => read((trx) => findRuns(trx, filter)),
    countMatchingRuns: (filter, atMost) => read((trx) => countMatchingRuns(trx, filter, atMost)),
    findLatestCompleted: (drill) => read((trx) => findLatestCompleted(trx, drill)),
    findLatestRuns: () => read((trx) => findLatestRuns(trx)),
    findRecoveryProofs: () => read(findRecoveryProofs),
    findProofs: () => read(findProofs),
    getRun: (idOrPrefix) => read((trx) => getRun(trx, idOrPrefix)),
    getLog: (runId, from) => read((trx) => readLog(trx, runId, from)),
    getBaseline: (drill) => read((trx) => readBaseline(trx, drill)),
    findPastChecks: (filter) => read((trx) => findPastChecks(trx, filter)),
    keepSnapshot: (text) => write((trx) => keepSnapshot(trx, text)),
    getSnapshot: (id) => read((trx) => getSnapshot(trx, id)),
    accept: (acceptance) => write((trx) => accept(trx, acceptance)),
    ...acknowledgementMethods(write, read),
    ...silenceMethods(write, read),
    ...discoveryMethods(write, read),
    addRequests: (batch) => write((trx) => requests.addRequests(trx, batch)),
    findRequestHours: (range) => read((trx) => requests.findRequestHours(trx, range)),
    findRequests: (filter) => read((trx) => requests.findRequests(trx, filter)),
    check: () => write(async () => undefined),
    prune: (now) => write((trx) => prune(trx, now)),
    ...scheduleMethods(write, read),
    ...notificationMethods(write, read),
    ...accessMethods(write, read),
    ...reportMethods(new FactReader(database), read),
    [Symbol.asyncDispose]: () => explained(path, () => db.destroy()),
  };
}

/** Does the work in one transaction. */
type InTransaction = <T>(work: (db: Transaction<Schema>) => Promise<T>) => Promise<T>;

function acknowledgementMethods(write: InTransaction, read: InTransaction): AcknowledgementStore {
  return {
    acknowledge: (one) => write((trx) => acknowledgements.acknowledge(trx, one)),
    endAcknowledgement: (drill, at, by) => write((trx) => acknowledgements.endAcknowledgement(trx, drill, at, by)),
    getAcknowledgements: () => read(acknowledgements.getAcknowledgements),
    findAcknowledgements: (range) => read((trx) => acknowledgements.findAcknowledgements(trx, range)),
  };
}

function silenceMethods(write: InTransaction, read: InTransaction): SilenceStore {
  return {
    addSilence: (silence) => write((trx) => silences.addSilence(trx, silence)),
    endSilence: (id, at, by) => write((trx) => silences.endSilence(trx, id, at, by)),
    findSilences: (range) => read((trx) => silences.findSilences(trx, range)),
  };
}

function discoveryMethods(write: InTransaction, read: InTransaction): DiscoveryStore {
  return {
    getDiscovery: () => read(discoveries.getDiscovery),
    saveDiscovery: (record) => write((trx) => discoveries.saveDiscovery(trx, record)),
    getDiscoveryProgress: (place) => read((trx) => discoveries.getDiscoveryProgress(trx, place)),
    saveDiscoveryProgress: (progress) => write((trx) => discoveries.saveDiscoveryProgress(trx, progress)),
  };
}

function scheduleMethods(write: InTransaction, read: InTransaction): ScheduleStore {
  return {
    getDrillStates: () => read(readDrillStates),
    saveDrillState: (state, skips) => write((trx) => saveDrillState(trx, state, skips)),
    claimDue: (run, due) => write((trx) => claimDue(trx, run, due)),
    findSkips: (filter) => read((trx) => readSkips(trx, filter)),
    findRunning: () => read(findRunning),
    countRuns: () => read(readCounts),
    beat: (daemon) => write((trx) => beatDaemon(trx, daemon)),
    getDaemons: () => read(readDaemons),
  };
}

function notificationMethods(write: InTransaction, read: InTransaction): NotificationStore {
  return {
    getAlerts: () => read(readAlerts),
    saveAlert: (alert, deliveries) => write((trx) => saveAlert(trx, alert, deliveries)),
    enqueue: (deliveries) => write((trx) => enqueue(trx, deliveries)),
    takeDeliveries: (now, leaseUntil, limit) => write((trx) => takeDeliveries(trx, now, leaseUntil, limit)),
    endDelivery: (id, outcome) => write((trx) => endDelivery(trx, id, outcome)),
    findDeliveries: (filter) => read((trx) => findDeliveries(trx, filter)),
    countDeliveries: (status) => read((trx) => countDeliveries(trx, status)),
  };
}

function reportMethods(facts: FactReader, read: InTransaction): ReportStore {
  return {
    getFactDrills: () => read(async () => facts.drills()),
    findFacts: (range) => read(async () => facts.inRange(range)),
    findRecoveryTimes: (range) => read(async () => facts.recoveryTimes(range)),
    getTotals: (range) => read(async () => facts.totals(range)),
    getEdges: (range) => read(async () => facts.edges(range)),
    findNewestFacts: (filter) => read(async () => facts.newest(filter)),
    findRecentFacts: (perDrill) => read(async () => facts.recent(perDrill)),
    findFactsSince: (cursor, limit) => read(async () => facts.since(cursor, limit)),
    findEndings: (runIds) => read((trx) => readEndings(trx, runIds)),
    getRuns: (runIds) => read((trx) => readRuns(trx, runIds)),
  };
}

function accessMethods(write: InTransaction, read: InTransaction): AccessStore {
  return {
    addToken: (token) => write((trx) => access.addToken(trx, token)),
    getTokens: () => read(access.readTokens),
    hasTokens: () => read(access.hasTokens),
    revokeToken: (name, at) => write((trx) => access.revokeToken(trx, name, at)),
    findToken: (hash) => read((trx) => access.findToken(trx, hash)),
    addSession: (session) => write((trx) => access.addSession(trx, session)),
    findSession: (hash) => read((trx) => access.findSession(trx, hash)),
    noteUse: (tokenId, sessionHash, at) => write((trx) => access.noteUse(trx, tokenId, sessionHash, at)),
    endSession: (hash) => write((trx) => access.endSession(trx, hash)),
  };
}

async function openDatabase(path: string, lockWaitMs: number): Promise<{ database: DatabaseSync; files: StoreFiles }> {
  return explained(path, async () => {
    makeStoreFile(path);
    const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true, defensive: true });
    try {
      await migrateAndConfigure(database, path, lockWaitMs);
      return { database, files: watchStoreFiles(path) };
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * A power loss must not take back a claim or a verdict that was told: with a write-ahead log only `synchronous = full` flushes each commit. A run
 * commits some twenty times, which costs nothing beside a restore.
 */
async function migrateAndConfigure(database: DatabaseSync, path: string, lockWaitMs: number): Promise<void> {
  await whenNotBusy(lockWaitMs, () => migrate(database, path));
  await whenNotBusy(lockWaitMs, () => database.exec('pragma journal_mode = wal'));
  database.exec('pragma synchronous = full');
  // The log and its index are made by the first transaction; from here on they are there until the store is closed.
  await whenNotBusy(lockWaitMs, () => database.prepare('select count(*) from drill').get());
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error, path);
  }
}
