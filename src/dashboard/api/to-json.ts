import type { z } from 'zod';
import { definitionForRecord } from '../../config/definition.ts';
import type { DrillControl, LiveRun } from '../../daemon/control.ts';
import type { CheckRecord } from '../../record/check-record.ts';
import { describeOutcome } from '../../record/history-view.ts';
import { scoreOf } from '../../record/proof-view.ts';
import type { CommitRecord, RunRecord } from '../../record/run-record.ts';
import { newestTakenAt } from '../../status/backups-stopped.ts';
import { listRows } from '../../status/list-rows.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import type { Reading } from '../../support/reading.ts';
import type { CurrentStandings, DashboardDeps } from '../deps.ts';
import type * as schemas from './schemas.ts';
import { toStage } from './stage-json.ts';

export function toRunSummary(run: RunRecord): z.input<typeof schemas.runSummary> {
  const { rtoMs, rpoMs, counts, deadlineMs } = run.objectives;
  return {
    id: run.id,
    drill: run.drill,
    owner: run.owner ?? null,
    tier: run.tier ?? null,
    status: run.status,
    verdict: run.verdict ?? null,
    reasons: run.reasons.map(({ reason, sentence, hint }) => ({
      reason,
      sentence: sentence,
      hint: hint ?? null,
    })),
    outcome: describeOutcome(run),
    startedAt: iso(run.startedAt),
    endedAt: maybeIso(run.endedAt),
    triggeredBy: run.triggeredBy,
    objectives: { rtoMs, rpoMs: rpoMs ?? null, counts: [...counts], deadlineMs },
    recoveryTimeMs: run.recoveryTimeMs ?? null,
    dataLossMs: run.dataLossMs ?? null,
  };
}

export function toRun(run: RunRecord): z.input<typeof schemas.run> {
  const { error, identity, backup, protection, reading, sandbox } = run;
  return {
    ...toRunSummary(run),
    definitionHash: run.definitionHash,
    definition: JSON.parse(run.definition),
    trigger: toTrigger(run.trigger),
    warnings: run.warnings.slice(),
    error: error
      ? {
          code: error.code,
          stage: error.stage ?? null,
          message: error.message,
          hint: error.hint ?? null,
          details: error.details.slice(),
        }
      : null,
    endedBy: run.endedBy ?? null,
    canceledBy: run.canceledBy ?? null,
    retryable: run.retryable,
    stages: run.stages.map(toStage),
    checks: run.checks.map(toCheck),
    accepted: run.accepted ? { ...run.accepted, at: iso(run.accepted.at) } : null,
    identity: identity
      ? { name: identity.name, keys: identity.keys.slice(), principal: identity.principal ?? null }
      : null,
    backup: backup
      ? {
          source: backup.source,
          key: backup.key,
          sizeBytes: backup.sizeBytes,
          takenAt: iso(backup.takenAt),
          newestTakenAt: maybeIso(backup.newestTakenAt),
          etag: backup.etag ?? null,
          format: backup.format ?? null,
          serverVersion: backup.serverVersion ?? null,
          dumpedBy: backup.dumpedBy ?? null,
          selection: backup.selection ?? null,
        }
      : null,
    proof: run.proof
      ? {
          ...scoreOf(run.proof),
          seed: run.proof.seed ?? null,
          isPartial: run.proof.isPartial ?? false,
          entries: run.proof.entries.map(({ kind, damage, caughtBy, advice, skipped }) => ({
            kind: kind ?? null,
            damage,
            caughtBy: caughtBy.slice(),
            advice: advice ?? null,
            skipped: skipped ?? null,
          })),
        }
      : null,
    protection: protection
      ? {
          ...protection,
          mode: protection.mode ?? null,
          lockedUntil: maybeIso(protection.lockedUntil),
          versioning: protection.versioning ?? null,
          findings: protection.findings.slice(),
          notes: protection.notes.slice(),
          probe: protection.probe
            ? { outcome: protection.probe.outcome, principal: protection.probe.principal ?? null }
            : null,
        }
      : null,
    replay: run.replay
      ? {
          ...run.replay,
          end: run.replay.end ?? null,
          lastCommit: run.replay.lastCommit ? toCommit(run.replay.lastCommit) : null,
          firstLost: run.replay.firstLost ? toCommit(run.replay.firstLost) : null,
          archive: run.replay.archive
            ? {
                newest: run.replay.archive.newest,
                storedAt: maybeIso(run.replay.archive.storedAt),
                lagMs: run.replay.archive.lagMs ?? null,
              }
            : null,
        }
      : null,
    reading: reading
      ? {
          planned: toReading(reading.planned),
          actual: reading.actual ? toReading(reading.actual) : null,
          access: reading.access ?? null,
          checksums: reading.checksums?.slice() ?? [],
          held: reading.held ?? null,
          proof: reading.proof ? toReading(reading.proof) : null,
        }
      : null,
    sandbox: sandbox
      ? {
          ...sandbox,
          containerEngine: sandbox.containerEngine ?? null,
          serverVersion: sandbox.serverVersion ?? null,
          kept: sandbox.kept ?? null,
          dataBytes: sandbox.dataBytes ?? null,
        }
      : null,
    restoreErrors: run.restoreErrors.slice(),
    restoreErrorCount: run.restoreErrorCount,
    firedrillVersion: run.firedrillVersion,
  };
}

function toTrigger({ kind, dueAt, attempt, raceOf }: RunRecord['trigger']) {
  return { kind, dueAt: maybeIso(dueAt), attempt, raceOf: raceOf ?? null };
}

function toCommit({ transaction, at, position }: CommitRecord) {
  return { transaction: transaction ?? null, at: iso(at), position: position ?? null };
}

function toReading({ bytes, requests, cost }: Reading): z.input<typeof schemas.reading> {
  return { bytes, requests: requests ?? null, cost: cost ? { ...cost } : null };
}

type DrillDeps = Pick<DashboardDeps, 'nextRunOf'>;

export function toDrills(deps: DrillDeps, current: CurrentStandings, now: Date): z.input<typeof schemas.drills> {
  const byName = new Map(current.drills.map((one) => [one.drill.name, one]));
  return {
    drills: listRows(current.drills, now).flatMap(({ drill }) => {
      const standing = byName.get(drill);
      return standing ? [toDrill(deps, standing, now)] : [];
    }),
    brokenFiles: current.broken.map(({ file, problem, problemCount, since, keeps }) => ({
      file: file,
      problem: problem,
      problemCount,
      since: iso(since),
      keeps: keeps ?? null,
    })),
    schedulerSilence: current.schedulerSilence ?? null,
    budgetExceeded: current.budgetExceeded ?? null,
  };
}

function toDrill(
  deps: DrillDeps,
  { drill, standing, isOverdue, runs, state, recovery, proof, acknowledged, silenced, races = [] }: DrillStanding,
  now: Date,
): z.input<typeof schemas.drill> {
  const { rtoMs, rpoMs, counts, deadlineMs } = drill.objectives;
  const [latest] = runs;
  return {
    name: drill.name,
    description: drill.description ?? null,
    owner: drill.owner ?? null,
    tier: drill.tier ?? null,
    state: standing.state,
    sentence: standing.sentence,
    since: maybeIso(standing.since),
    isOverdue,
    lastRun: latest ? toRunSummary(latest) : null,
    newestBackupTakenAt: maybeIso(newestTakenAt({ runs, state })),
    nextRunAt: maybeIso(deps.nextRunOf(drill, now)),
    recoveryIdentity: recovery
      ? { ...recovery, provenAt: maybeIso(recovery.provenAt), runId: recovery.runId ?? null }
      : null,
    proof: proof ? { ...proof, provenAt: iso(proof.provenAt), lost: proof.lost.slice() } : null,
    acknowledgement: acknowledged
      ? {
          kind: acknowledged.kind,
          at: iso(acknowledged.at),
          by: acknowledged.by,
          reason: acknowledged.reason,
          until: maybeIso(acknowledged.until),
        }
      : null,
    silence: silenced
      ? {
          id: silenced.id,
          from: iso(silenced.from),
          until: iso(silenced.until),
          by: silenced.by,
          reason: silenced.reason,
          pausesRuns: silenced.pausesRuns,
        }
      : null,
    races: races.map((race) => ({
      against: race.against,
      first: race.first ?? null,
      recoveryTimeMs: race.recoveryTimeMs ?? null,
      againstRecoveryTimeMs: race.againstRecoveryTimeMs ?? null,
      crossingBytes: race.crossingBytes ?? null,
      sentences: [...race.sentences],
    })),
    objectives: { rtoMs, rpoMs: rpoMs ?? null, counts: [...counts], deadlineMs },
    definitionHash: drill.definitionHash,
  };
}

export function toDrillDetail(
  deps: DrillDeps,
  standing: DrillStanding,
  now: Date,
): z.input<typeof schemas.drillDetail> {
  return { ...toDrill(deps, standing, now), definition: JSON.parse(definitionForRecord(standing.drill)) };
}

/** @param tellsCommands whether to include the commands that connect to a kept sandbox. */
export function toRunning(
  { running, waiting, unavailable }: Pick<DrillControl, 'running' | 'waiting' | 'unavailable'>,
  tellsCommands: boolean,
): z.input<typeof schemas.running> {
  return {
    running: running.map((run) => ({
      runId: run.runId,
      drill: run.drill,
      startedAt: iso(run.startedAt),
      triggeredBy: run.triggeredBy,
      stage: run.stage ? { name: run.stage.name, startedAt: iso(run.stage.startedAt) } : null,
      stages: run.stages.map(toStage),
      progress: run.progress ? toProgress(run.progress) : null,
      prediction: run.prediction ? { ...run.prediction, finish: run.prediction.finish ?? null } : null,
      checks: run.checks.map(toCheck),
      keepMs: run.keepMs ?? null,
      kept: run.kept
        ? {
            until: iso(run.kept.until),
            shellCommand: tellsCommands ? run.kept.shellCommand : null,
            clientCommand: tellsCommands ? run.kept.clientCommand : null,
          }
        : null,
    })),
    waiting: waiting.map(({ drill, since, triggeredBy, waitsFor }) => ({
      drill,
      since: iso(since),
      triggeredBy: triggeredBy,
      waitsFor: waitsFor ?? null,
    })),
    unavailable: unavailable ?? null,
  };
}

function toProgress(progress: NonNullable<LiveRun['progress']>) {
  const { doing, phase, bytesRead, totalBytes, bytesPerSecond = null, ratio = null, isStalled } = progress;
  return { doing, phase, bytesRead, totalBytes, bytesPerSecond, ratio, isStalled };
}

function iso(at: Date): string {
  return at.toISOString();
}

function maybeIso(at: Date | undefined): string | null {
  return at ? at.toISOString() : null;
}

/** Without the measurements for later runs, which may be large. */
function toCheck({ name, passed, expected, actual, durationMs, details = [] }: CheckRecord) {
  return { name, passed, expected, actual, durationMs, details: details.slice() };
}
