import type { AccessStore } from '../access-store.ts';
import type { AcknowledgementStore } from '../acknowledgement-store.ts';
import type { DiscoveryStore } from '../discovery-store.ts';
import type { FactRows } from '../facts/fact-names.ts';
import { FactReader } from '../facts/read-facts.ts';
import { type Lead, SOLE_LEAD } from '../lead.ts';
import type { NotificationStore } from '../notification-store.ts';
import type { ReportStore } from '../report-store.ts';
import type { ScheduleStore } from '../schedule-store.ts';
import type { SilenceStore } from '../silence-store.ts';
import type { Store } from '../store.ts';
import { findLeases, interruptAbandoned } from './abandoned.ts';
import * as access from './access.ts';
import * as acknowledgements from './acknowledgements.ts';
import { readAlerts, saveAlert } from './alerts.ts';
import { readBaseline } from './baseline.ts';
import { accept, getSnapshot, keepSnapshot } from './baselines.ts';
import { claimByHand, claimDue, findReading, findRunning } from './claim-due.ts';
import { beatDaemon, NO_CLOCK, readDaemons, type StoreClock } from './daemons.ts';
import { countDeliveries, endDelivery, enqueue, findDeliveries, takeDeliveries } from './deliveries.ts';
import * as discoveries from './discoveries.ts';
import { readDrillStates, readSkips, saveDrillState } from './drill-states.ts';
import type { InTransaction, JobTable } from './job-table.ts';
import { queueMethods } from './jobs.ts';
import { liveMethods } from './live-runs.ts';
import { findPastChecks } from './past-checks.ts';
import { findProofs } from './proofs.ts';
import { prune } from './prune.ts';
import { readEndings } from './read-endings.ts';
import {
  countMatchingRuns,
  findLatestCompleted,
  findLatestRuns,
  findRuns,
  getRun,
  readLog,
  readRuns,
} from './read-runs.ts';
import { findRecoveryProofs } from './recovery-proofs.ts';
import * as requests from './requests.ts';
import { readCounts } from './run-count.ts';
import * as silences from './silences.ts';
import { readMonth } from './spending.ts';
import { addLog, addStage, extendLease, finishRun } from './write-runs.ts';

/** The database operations that a store needs. Each method throws the errors of the {@link Store}. */
export interface StoreDatabase extends AsyncDisposable {
  /** Holds the database's single write lock from before the first read, so nothing that was read can change before the write. */
  readonly write: InTransaction;
  /** For idempotent changes that depend on a single row: need not wait for other writers. */
  readonly writeRow: InTransaction;
  /** All statements read from the same snapshot. */
  readonly read: InTransaction;
  /** The same for facts, whose rows bypass Kysely. */
  readonly readFacts: <T>(work: (rows: FactRows) => Promise<T>) => Promise<T>;
  /** Leader election among schedulers; absent: every scheduler leads. */
  readonly openLead?: (name: string) => Lead;
  /** Present if machines share the store. */
  readonly queue?: JobTable;
  /** The database's clock, if machines share it. */
  readonly clock?: StoreClock;
}

/** Creates the store in a database; the queries are the same for all databases. */
export function createStore(database: StoreDatabase): Store {
  const { write, writeRow, read, queue, clock = NO_CLOCK } = database;
  const openLead = database.openLead ?? (() => SOLE_LEAD);
  return {
    claim: (run, limits = []) => write((trx) => claimByHand(trx, run, limits)),
    addStage: (runId, stage) => write((trx) => addStage(trx, runId, stage)),
    addLog: (runId, lines) => write((trx) => addLog(trx, runId, lines)),
    extendLease: (runId, leaseExpiresAt) => writeRow((trx) => extendLease(trx, runId, leaseExpiresAt)),
    finish: (run) => write((trx) => finishRun(trx, run)),
    interruptAbandoned: (now, deathOf) => write((trx) => interruptAbandoned(trx, now, deathOf)),
    findLeases: () => read(findLeases),
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
    prune: (now) => write(async (trx) => prune(trx, await clock.readNow(trx, now))),
    ...scheduleMethods(write, read, queue, clock),
    openLead,
    ...queueMethods(queue, clock, write, read),
    ...liveMethods(write, read),
    ...notificationMethods(write, read),
    ...accessMethods(write, read),
    ...reportMethods(database),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

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

function scheduleMethods(
  write: InTransaction,
  read: InTransaction,
  queue: JobTable | undefined,
  clock: StoreClock,
): Omit<ScheduleStore, 'openLead'> {
  return {
    getDrillStates: () => read(readDrillStates),
    saveDrillState: (state, skips) => write((trx) => saveDrillState(trx, state, skips)),
    claimDue: (run, due) => write((trx) => claimDue(trx, run, due, queue)),
    getSpending: (budget, drill) => read((trx) => readMonth(trx, budget, drill)),
    findSkips: (filter) => read((trx) => readSkips(trx, filter)),
    findRunning: () => read(findRunning),
    findReading: () => read(findReading),
    countRuns: () => read(readCounts),
    beat: (daemon) => write((trx) => beatDaemon(trx, daemon, clock)),
    getDaemons: () => read((trx) => readDaemons(trx, clock)),
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

function reportMethods({ read, readFacts }: StoreDatabase): ReportStore {
  const facts = new FactReader();
  return {
    getFactDrills: () => readFacts((rows) => facts.drills(rows)),
    findFacts: (range) => readFacts((rows) => facts.inRange(rows, range)),
    findRecoveryTimes: (range) => readFacts((rows) => facts.recoveryTimes(rows, range)),
    getTotals: (range) => readFacts((rows) => facts.totals(rows, range)),
    getEdges: (range) => readFacts((rows) => facts.edges(rows, range)),
    findNewestFacts: (filter) => readFacts((rows) => facts.newest(rows, filter)),
    findRecentFacts: (perDrill) => readFacts((rows) => facts.recent(rows, perDrill)),
    findFactsSince: (cursor, limit) => readFacts((rows) => facts.since(rows, cursor, limit)),
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
