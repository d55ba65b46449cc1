import { z } from 'zod';
import { PROBE_OUTCOMES } from '../../record/run-record.ts';
import { RECOVERY_STATES } from '../../status/recovery-proof.ts';
import { ERROR_CODES } from '../../support/errors.ts';
import {
  ACKNOWLEDGEMENT_KINDS,
  IDENTITIES,
  PROTECTION_ANSWERS,
  REASONS,
  RUN_ENDINGS,
  RUN_STATUSES,
  STAGES,
  STANDING_STATES,
  TRIGGER_KINDS,
} from '../../support/vocabulary.ts';
import { predictionSchema, progressSchema } from './progress-schema.ts';
import { proofSchema, proofStandingSchema } from './proof-schema.ts';
import { raceSchema } from './race-schema.ts';
import { replaySchema } from './replay-schema.ts';
import { silenceNow } from './silence-schema.ts';
import { stageSchema } from './stage-schema.ts';

/**
 * The API's responses: the same schemas make the OpenAPI document, and tests check real responses against them. Instants are ISO 8601 in UTC, durations
 * are whole milliseconds, sizes are bytes. Unknown values are null.
 */
const instant = z.iso.datetime();
const maybe = <Type extends z.ZodType>(type: Type) => type.nullable();
const ms = z.int();

const objectives = z.strictObject({ rtoMs: ms, rpoMs: maybe(ms), counts: z.array(z.enum(STAGES)), deadlineMs: ms });

export const runSummary = z
  .strictObject({
    id: z.string(),
    drill: z.string(),
    owner: maybe(z.string()),
    tier: maybe(z.int()),
    status: z.enum(RUN_STATUSES).describe('Whether the drill itself worked.'),
    verdict: maybe(z.enum(['passed', 'failed'])).describe('Whether recovery worked; only a completed run has one.'),
    reasons: z.array(z.strictObject({ reason: z.enum(REASONS), sentence: z.string(), hint: maybe(z.string()) })),
    outcome: z.string().describe('How it ended, in words.'),
    startedAt: instant,
    endedAt: maybe(instant),
    triggeredBy: z.string(),
    objectives,
    recoveryTimeMs: maybe(ms),
    dataLossMs: maybe(ms),
  })
  .meta({ id: 'RunSummary' });

const check = z.strictObject({
  name: z.string(),
  passed: z.boolean(),
  expected: z.string(),
  actual: z.string(),
  durationMs: ms,
  details: z.array(z.string()).describe('More about what was found, such as the tables that differ.'),
});

export const reading = z.strictObject({
  bytes: z.number(),
  requests: maybe(z.int()),
  cost: maybe(z.strictObject({ amount: z.number(), currency: z.string() })),
});

export const run = runSummary
  .extend({
    definitionHash: z.string(),
    definition: z.unknown().describe('The drill’s configuration at the time of the run.'),
    trigger: z.strictObject({
      kind: z.enum(TRIGGER_KINDS),
      dueAt: maybe(instant),
      attempt: z.int(),
      raceOf: maybe(z.string()).describe('The drill whose race started this run.'),
    }),
    warnings: z.array(z.string()),
    error: maybe(
      z.strictObject({
        code: z.enum(ERROR_CODES),
        stage: maybe(z.enum(STAGES)),
        message: z.string(),
        hint: maybe(z.string()),
        details: z.array(z.string()),
      }),
    ),
    endedBy: maybe(z.enum(RUN_ENDINGS)),
    canceledBy: maybe(z.string()),
    retryable: z.boolean().describe('Whether a scheduler retries it.'),
    stages: z.array(stageSchema),
    checks: z.array(check),
    accepted: maybe(
      z.strictObject({ at: instant, by: z.string(), reason: z.string(), recurring: z.boolean() }),
    ).describe('Who accepted its data as the new baseline, and why.'),
    identity: maybe(
      z.strictObject({
        name: z
          .enum(IDENTITIES)
          .describe('Whose keys and credentials were used: the drill’s or the recovery identity’s.'),
        keys: z.array(z.string()).describe('Fingerprints of the keys that opened the backup.'),
        principal: maybe(z.string()).describe('The principal that read the store.'),
      }),
    ),
    backup: maybe(
      z.strictObject({
        source: z.string(),
        key: z.string(),
        sizeBytes: z.number(),
        takenAt: instant,
        newestTakenAt: maybe(instant),
        etag: maybe(z.string()),
        format: maybe(z.string()),
        serverVersion: maybe(z.string()),
        dumpedBy: maybe(z.string()),
        selection: maybe(z.string()),
      }),
    ),
    proof: maybe(proofSchema),
    protection: maybe(
      z
        .strictObject({
          answer: z.enum(PROTECTION_ANSWERS),
          requiredMs: ms,
          onFinding: z.enum(['warn', 'fail']),
          mode: maybe(z.enum(['governance', 'compliance'])),
          lockedUntil: maybe(instant),
          legalHold: z.boolean(),
          versioning: maybe(z.enum(['enabled', 'suspended', 'off'])),
          findings: z.array(z.string()),
          notes: z.array(z.string()),
          probe: maybe(z.strictObject({ outcome: z.enum(PROBE_OUTCOMES), principal: maybe(z.string()) })),
        })
        .describe('How the store protects the backup from deletion, if the drill checks that.'),
    ),
    replay: maybe(replaySchema),
    reading: maybe(
      z
        .strictObject({
          planned: reading,
          actual: maybe(reading),
          held: maybe(
            z.strictObject({
              of: z.string(),
              limitBytesPerSecond: z.number(),
              bytesPerSecond: z.number().describe('The smallest share of the limit that the run was given.'),
              ms: ms.describe('How long at least one of its reads was waiting.'),
            }),
          ).describe('How reading was throttled by the source’s limit.'),
          proof: maybe(reading),
          access: maybe(z.string()).describe('For a repository: how the tool in the sandbox accessed it.'),
          checksums: z.array(z.string()).describe('Checksums stored next to the backup that it matched, for people.'),
        })
        .describe('How much was expected to be read from the source, and how much was read.'),
    ),
    sandbox: maybe(
      z.strictObject({
        runtime: z.string(),
        containerEngine: maybe(z.string()).describe('Address of the container engine that ran the sandbox.'),
        image: z.string(),
        imageId: z.string(),
        isolation: z.string(),
        serverVersion: maybe(z.string()),
        removed: z.boolean(),
        kept: maybe(z.boolean()).describe('Whether the sandbox was kept for inspection after the run.'),
        dataBytes: maybe(z.number()),
      }),
    ),
    restoreErrors: z.array(z.string()),
    restoreErrorCount: z.int(),
    firedrillVersion: z.string(),
  })
  .meta({ id: 'Run' });

export const drill = z
  .strictObject({
    name: z.string(),
    description: maybe(z.string()),
    owner: maybe(z.string()),
    tier: maybe(z.int()),
    state: z.enum(STANDING_STATES),
    sentence: z.string().describe('The state in words, with the reason.'),
    since: maybe(instant),
    isOverdue: z.boolean(),
    lastRun: maybe(runSummary),
    newestBackupTakenAt: maybe(instant),
    nextRunAt: maybe(instant),
    recoveryIdentity: maybe(
      z.strictObject({
        state: z
          .enum(RECOVERY_STATES)
          .describe(
            'Result of runs that used the recovery identity, that is, the keys and credentials of the person who recovers.',
          ),
        sentence: z.string(),
        provenAt: maybe(instant),
        runId: maybe(z.string()),
      }),
    ),
    proof: maybe(proofStandingSchema),
    acknowledgement: maybe(
      z.strictObject({
        kind: z.enum(ACKNOWLEDGEMENT_KINDS),
        at: instant,
        by: z.string(),
        reason: z.string(),
        until: maybe(instant),
      }),
    ).describe('The acknowledgement or snooze in effect, if any.'),
    silence: maybe(silenceNow).describe('The active silence that covers the drill.'),
    races: z.array(raceSchema).describe('How it compares with the drills that it races against.'),
    objectives,
    definitionHash: z.string(),
  })
  .meta({ id: 'Drill' });

export const drillDetail = drill
  .extend({ definition: z.unknown().describe('The current configuration, without secrets.') })
  .meta({ id: 'DrillDetail' });

export const drills = z
  .strictObject({
    drills: z.array(drill).describe('Worst first.'),
    brokenFiles: z.array(
      z.strictObject({
        file: z.string(),
        problem: z.string(),
        problemCount: z.int(),
        since: instant,
        keeps: maybe(z.string()),
      }),
    ),
    schedulerSilence: maybe(z.string()).describe('Why no scheduler is starting drills, in words.'),
    budgetExceeded: maybe(z.string()).describe('Why runs are skipped, in words, when the monthly budget is exceeded.'),
  })
  .meta({ id: 'Drills' });

export const runs = z
  .strictObject({
    runs: z.array(runSummary),
    next: maybe(z.string()).describe('Pass it as `after` to get the next page; null on the last page.'),
  })
  .meta({ id: 'Runs' });

export const log = z
  .strictObject({
    lines: z.array(
      z.strictObject({ at: instant, level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
    ),
  })
  .meta({ id: 'Log' });

export const running = z
  .strictObject({
    running: z.array(
      z.strictObject({
        runId: z.string(),
        drill: z.string(),
        startedAt: instant,
        triggeredBy: z.string(),
        stage: maybe(z.strictObject({ name: z.enum(STAGES), startedAt: instant })),
        stages: z.array(stageSchema),
        progress: maybe(progressSchema),
        prediction: maybe(predictionSchema),
        checks: z.array(check),
        keepMs: maybe(ms),
        kept: maybe(
          z.strictObject({ until: instant, shellCommand: maybe(z.string()), clientCommand: maybe(z.string()) }),
        ).describe('Commands are included for operators only.'),
      }),
    ),
    waiting: z.array(
      z.strictObject({ drill: z.string(), since: instant, triggeredBy: z.string(), waitsFor: maybe(z.string()) }),
    ),
    unavailable: maybe(z.string()).describe('Why this server is read-only; null: they can be run.'),
  })
  .meta({ id: 'Running' });

export const accepted = z
  .strictObject({ outcome: z.enum(['queued', 'stopping', 'keeping', 'acknowledged', 'snoozed', 'ended']) })
  .meta({ id: 'Accepted' });

export const problem = z
  .strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) })
  .meta({ id: 'Problem' });

/** As written by `firedrill report --format json`, which has more fields than listed here. */
export const report = z
  .looseObject({
    type: z.literal('firedrill-report'),
    schemaVersion: z.int(),
    firedrillVersion: z.string(),
    madeAt: instant,
    period: z.looseObject({ from: instant, to: instant, zone: z.string(), label: z.string() }),
    drillCount: z.int(),
    runCount: z.int(),
    headline: z.looseObject({ text: z.string(), provenCount: z.int() }),
    attainment: z.looseObject({ targetShare: z.number() }),
    trends: z.array(z.looseObject({ drill: z.string(), rtoMs: z.number() })),
    coverage: z.looseObject({ drillCount: z.int(), coveredCount: z.int() }),
    incidents: z.array(z.looseObject({ drill: z.string(), kind: z.string() })),
    audit: z.looseObject({ retention: z.string() }),
  })
  .meta({ id: 'Report' });
