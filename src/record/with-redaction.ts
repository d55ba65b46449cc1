import { mapTexts } from '../support/map-texts.ts';
import type { Redactor } from '../support/redact.ts';
import { redactDeliveries, redactDue, redactOutcome, redactSkips, redactState } from './redact-deliveries.ts';
import { redactDiscovery } from './redact-discovery.ts';
import { redactRequests } from './redact-requests.ts';
import { redactAcceptance, redactLogLine, redactRun, redactText } from './redact-run.ts';
import type { Store } from './store.ts';

/**
 * Cleans every text on its way into the store: what is not stored cannot leak. Lists every method of the contract, so that a new method does not compile until
 * someone decides what to clean.
 */
export function withRedaction(store: Store, redactor: Pick<Redactor, 'redact'>): Store {
  const clean = redactText(redactor);
  return {
    claim: (run, limits) => store.claim(redactRun(run, clean), limits),
    finish: (run) => store.finish(redactRun(run, clean)),
    keepSnapshot: (text) => store.keepSnapshot(clean(text)),
    accept: (acceptance) => store.accept(redactAcceptance(acceptance, clean)),
    acknowledge: (one) => store.acknowledge({ ...one, by: clean(one.by), reason: clean(one.reason) }),
    addSilence: (one) => store.addSilence({ ...one, by: clean(one.by), reason: clean(one.reason) }),
    saveDiscovery: (record) => store.saveDiscovery(redactDiscovery(record, clean)),
    saveDiscoveryProgress: (progress) => store.saveDiscoveryProgress({ ...progress, state: clean(progress.state) }),
    addRequests: (batch) => store.addRequests(redactRequests(batch, clean)),
    addLog: (runId, lines) =>
      store.addLog(
        runId,
        lines.map((line) => redactLogLine(line, clean)),
      ),
    saveDrillState: (state, skips) => store.saveDrillState(redactState(state, clean), redactSkips(skips, clean)),
    claimDue: (run, due) => store.claimDue(redactRun(run, clean), redactDue(due, clean)),
    queueRun: (job, state, skips, replaces) =>
      store.queueRun(
        { ...job, triggeredBy: clean(job.triggeredBy) },
        redactState(state, clean),
        redactSkips(skips, clean),
        replaces,
      ),
    saveLive: (snapshots) => store.saveLive(snapshots.map((one) => ({ ...one, view: mapTexts(one.view, clean) }))),
    commandRun: (command) => store.commandRun({ ...command, by: clean(command.by) }),
    saveAlert: (alert, deliveries) => store.saveAlert(alert, redactDeliveries(deliveries, clean)),
    enqueue: (deliveries) => store.enqueue(redactDeliveries(deliveries, clean)),
    endDelivery: (id, outcome) => store.endDelivery(id, redactOutcome(outcome, clean)),

    // The rest writes only names, times and words from fixed lists, or only reads.
    endAcknowledgement: (drill, at, by) => store.endAcknowledgement(drill, at, by),
    getAcknowledgements: () => store.getAcknowledgements(),
    findAcknowledgements: (range) => store.findAcknowledgements(range),
    endSilence: (id, at, by) => store.endSilence(id, at, by),
    findSilences: (range) => store.findSilences(range),
    addStage: (runId, stage) => store.addStage(runId, stage),
    extendLease: (runId, leaseExpiresAt) => store.extendLease(runId, leaseExpiresAt),
    interruptAbandoned: (now, deathOf) => store.interruptAbandoned(now, deathOf),
    findLeases: () => store.findLeases(),
    prune: (now) => store.prune(now),
    check: () => store.check(),
    beat: (daemon) => store.beat(daemon),
    takeDeliveries: (now, leaseUntil, limit) => store.takeDeliveries(now, leaseUntil, limit),
    addToken: (token) => store.addToken(token),
    revokeToken: (name, at) => store.revokeToken(name, at),
    addSession: (session) => store.addSession(session),
    noteUse: (tokenId, sessionHash, at) => store.noteUse(tokenId, sessionHash, at),
    endSession: (hash) => store.endSession(hash),
    findRuns: (filter) => store.findRuns(filter),
    countMatchingRuns: (filter, atMost) => store.countMatchingRuns(filter, atMost),
    findLatestCompleted: (drill) => store.findLatestCompleted(drill),
    findLatestRuns: () => store.findLatestRuns(),
    findRecoveryProofs: () => store.findRecoveryProofs(),
    findProofs: () => store.findProofs(),
    getRun: (idOrPrefix) => store.getRun(idOrPrefix),
    getLog: (runId, from) => store.getLog(runId, from),
    getBaseline: (drill) => store.getBaseline(drill),
    findPastChecks: (filter) => store.findPastChecks(filter),
    getSnapshot: (id) => store.getSnapshot(id),
    getDiscovery: () => store.getDiscovery(),
    getDiscoveryProgress: (place) => store.getDiscoveryProgress(place),
    findRequestHours: (range) => store.findRequestHours(range),
    findRequests: (filter) => store.findRequests(filter),
    getDrillStates: () => store.getDrillStates(),
    getSpending: (budget, drill) => store.getSpending(budget, drill),
    findSkips: (filter) => store.findSkips(filter),
    findRunning: () => store.findRunning(),
    findReading: () => store.findReading(),
    countRuns: () => store.countRuns(),
    getDaemons: () => store.getDaemons(),
    openLead: (name) => store.openLead(name),
    isShared: store.isShared,
    findJobs: (pool) => store.findJobs(pool),
    removeJob: (job) => store.removeJob(job),
    beatRunner: (runner) => store.beatRunner(runner),
    getRunners: () => store.getRunners(),
    endLive: (runIds) => store.endLive(runIds),
    findLive: (now) => store.findLive(now),
    findCommands: (runIds) => store.findCommands(runIds),
    getAlerts: () => store.getAlerts(),
    findDeliveries: (filter) => store.findDeliveries(filter),
    countDeliveries: (status) => store.countDeliveries(status),
    getFactDrills: () => store.getFactDrills(),
    findFacts: (range) => store.findFacts(range),
    findRecoveryTimes: (range) => store.findRecoveryTimes(range),
    getTotals: (range) => store.getTotals(range),
    getEdges: (range) => store.getEdges(range),
    findNewestFacts: (filter) => store.findNewestFacts(filter),
    findRecentFacts: (perDrill) => store.findRecentFacts(perDrill),
    findFactsSince: (cursor, limit) => store.findFactsSince(cursor, limit),
    findEndings: (runIds) => store.findEndings(runIds),
    getRuns: (runIds) => store.getRuns(runIds),
    getTokens: () => store.getTokens(),
    hasTokens: () => store.hasTokens(),
    findToken: (hash) => store.findToken(hash),
    findSession: (hash) => store.findSession(hash),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
