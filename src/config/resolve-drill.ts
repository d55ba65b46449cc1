import { driverOf, type SourceSpec } from '../backup/registry.ts';
import { ENGINE_DESCRIPTORS } from '../engines/registry.ts';
import type { RuntimeName } from '../sandbox/registry.ts';
import { parseInstant } from '../support/instants.ts';
import { formatDuration, parseDurationMs, parseRatio, parseSizeBytes } from '../support/quantities.ts';
import { COUNTABLE_STAGES, type StageName } from '../support/vocabulary.ts';
import type { CheckSpec } from '../verify/registry.ts';
import { parseRandom } from './backup-schema.ts';
import { baselineChecks, resolveBaseline } from './baseline-schema.ts';
import { hashDefinition } from './definition.ts';
import type { BackupSpec, Budget, Drill, Objectives, ProtectionSpec, RestoreSpec, SandboxSpec } from './drill-file.ts';
import { type DrillFile, drillSchema } from './drill-schema.ts';
import { isWebAddress } from './fields.ts';
import { resolvePool } from './pool-schema.ts';
import { parseMoney } from './prices-schema.ts';
import { parseProve } from './prove-schema.ts';
import { resolveRace } from './race-schema.ts';
import { explainPosition, parseBefore, parsePosition, parseRecoverTo } from './recovery-target.ts';
import type { References } from './references.ts';
import { resolveChecks } from './resolve-checks.ts';
import { checkCapabilities, resolveEngineOptions, resolvePreload, resolveSettings } from './resolve-engine.ts';
import { resolveIdentity } from './resolve-identity.ts';
import { resolveSchedule } from './resolve-schedule.ts';
import { resolveSource } from './resolve-source.ts';

/** Defaults for drills, from firedrill.yaml. */
export interface SandboxDefaults {
  readonly runtime?: RuntimeName | undefined;
  readonly memoryBytes?: number | undefined;
  readonly cpus?: number | undefined;
}

export interface ResolveContext {
  /** Absolute path of the drill file. */
  readonly file: string;
  /** The file name in messages. */
  readonly shown: string;
  /** The line of the value at a path in the file. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
  readonly references: References;
  readonly sandboxDefaults: SandboxDefaults;
  /** Whether the store has a queue, which pools require. */
  readonly hasQueue: boolean;
  readonly report: (path: readonly PropertyKey[], message: string) => void;
}

const MINUTE_MS = 60_000;
const DEFAULT_MEMORY_BYTES = 2 * 2 ** 30;
const DEFAULT_CPUS = 2;

/**
 * Makes a Drill of a validated file and its references: defaults filled in, units and paths resolved.
 * @returns undefined if anything was reported, here or while reading the references.
 */
export function resolveDrill(file: DrillFile, context: ResolveContext): Drill | undefined {
  const { references, report } = context;
  const source = resolveSource(file.backup, references, context.file, report);
  const objectives = resolveObjectives(file.objectives, report);
  const own = resolveChecks(file, references, report);
  const all = [...own, ...baselineChecks(file.baseline)];
  const [first, ...rest] = all;
  const pathOf = ({ kind, name }: CheckSpec) => {
    const index = file.checks.findIndex((check) => check.name === name);
    return index < 0 ? ['baseline'] : ['checks', index, kind];
  };
  checkCapabilities(file, all, pathOf, report);
  if (source) checkStore(file.backup, source, report);
  if (!source || !first) return undefined;
  const { engine, backup } = file;
  return hashDefinition({
    name: file.name,
    description: file.description,
    owner: file.owner,
    tier: file.tier,
    ...(file.labels && { labels: file.labels }),
    backup: {
      source,
      keys: backup.keys,
      openssl: backup.openssl,
      identity: resolveIdentity(backup, references, context.file, report),
      ...resolveLog(backup, references, context.file, report),
      match: backup.match,
      member: backup.member,
      ...resolveSelect(backup.select),
      immutable: resolveImmutable(backup.immutable),
      takenAt: backup.takenAt,
      timezone: backup.timezone,
    },
    budget: resolveBudget(file.budget),
    engine: {
      type: engine.type,
      version: String(engine.version),
      database: engine.database,
      image: engine.image === undefined ? undefined : resolveImage(references, report),
      preload: resolvePreload(engine, report),
      settings: resolveSettings(engine, report),
      ...resolveEngineOptions(file, own, report),
    },
    sandbox: resolveSandbox(file.sandbox, context.sandboxDefaults),
    objectives,
    restore: {
      ignoreErrors: file.restore.ignoreErrors,
      jobs: file.restore.jobs,
      ...(file.restore.repository && { repository: file.restore.repository }),
      ...(file.restore.snapshot && { snapshot: file.restore.snapshot }),
      ...resolveCompletionLine(file, report),
    },
    ...resolveRecover(file, report),
    checks: [first, ...rest],
    baseline: resolveBaseline(file.baseline),
    runbook: references.runbook,
    proveEveryMs: parseProve(file.prove, file.tier),
    ...resolveRace(file, report),
    ...resolvePool(file.pool, context.hasQueue, report),
    schedule: resolveSchedule(file, report),
    heartbeat: resolveHeartbeat(references, report),
    file: context.file,
    place: {
      file: context.shown,
      checkLines: [
        ...file.checks.map((_check, index) => context.lineOf(['checks', index])),
        ...baselineChecks(file.baseline).map(() => context.lineOf(['baseline'])),
      ],
    },
  });
}

/** Omitted if the drill has none, so that its definition and hash do not change. */
function resolveLog(
  backup: DrillFile['backup'],
  references: References,
  drillFile: string,
  report: ResolveContext['report'],
): Pick<BackupSpec, 'log'> {
  const { log } = backup;
  const place = { at: ['backup', 'log'], inherit: backup };
  const source = log && resolveSource(log, references, drillFile, report, undefined, place);
  return source ? { log: { source } } : {};
}

function resolveRecover({ recover, engine }: DrillFile, report: ResolveContext['report']): Pick<Drill, 'recover'> {
  if (!recover) return {};
  const { to } = recover;
  // the schema has checked each of them
  const target =
    typeof to === 'string'
      ? parseRecoverTo(to)
      : 'before' in to
        ? parseBefore({ event: to.before, object: to.object, minRows: to.minRows })
        : parsePosition(to);
  if (target === undefined || typeof target === 'string') return {};
  const problem = explainPosition(target, ENGINE_DESCRIPTORS[engine.type]);
  if (problem) report(['recover', 'to'], problem);
  return { recover: { to: target } };
}

/** Checks the well-formed sections of a drill that is invalid elsewhere, so that all problems are reported at once. */
export function reviewSections(raw: Readonly<Record<string, unknown>>, context: ResolveContext): void {
  const { references, report } = context;
  const { shape } = drillSchema;
  const backup = shape.backup.safeParse(raw['backup']);
  const source = backup.success ? resolveSource(backup.data, references, context.file, report) : undefined;
  if (backup.success && source) checkStore(backup.data, source, report);
  if (backup.success) resolveIdentity(backup.data, references, context.file, report);
  const objectives = shape.objectives.safeParse(raw['objectives']);
  if (objectives.success) resolveObjectives(objectives.data, report);
  const checks = shape.checks.safeParse(raw['checks']);
  const baseline = shape.baseline.safeParse(raw['baseline']);
  if (checks.success)
    resolveChecks({ checks: checks.data, baseline: baseline.success ? baseline.data : undefined }, references, report);
  const timing = drillSchema.pick({ schedule: true, timezone: true }).safeParse({
    schedule: raw['schedule'],
    timezone: raw['timezone'],
  });
  if (timing.success) resolveSchedule(timing.data, report);
  resolveHeartbeat(references, report);
}

/** Checks that the drill's type of store supports what the drill requires of it. */
function checkStore(
  { select, immutable }: DrillFile['backup'],
  source: SourceSpec,
  report: ResolveContext['report'],
): void {
  const { traits, title } = driverOf(source);
  if (typeof select !== 'string' && !traits.keepsVersions)
    report(['backup', 'select', 'asOf'], `needs a store that keeps versions, and this source is ${title}`);
  if (immutable !== undefined && !traits.locksObjects)
    report(['backup', 'immutable'], `needs a store that can lock objects and say so, and this source is ${title}`);
}

/** The message never contains the URL, because it is a secret. */
function resolveHeartbeat({ texts }: References, report: ResolveContext['report']): string | undefined {
  const url = texts.get('heartbeat');
  if (!url?.trim() || isWebAddress(url)) return url;
  report(['heartbeat'], 'must be a URL that begins with https:// or http://; the value is not');
  return undefined;
}

function resolveImage({ texts }: References, report: ResolveContext['report']): string | undefined {
  const image = texts.get('engine.image');
  if (image?.trim() === '')
    report(['engine', 'image'], 'is empty once its variables are replaced; write the name of an image');
  return image;
}

function resolveSelect(given: DrillFile['backup']['select']): Pick<BackupSpec, 'select' | 'asOf'> {
  if (typeof given !== 'string') {
    const { asOf, key } = given;
    const agoMs = parseDurationMs(asOf);
    return {
      select: key === undefined ? { by: 'latest' } : { by: 'key', key },
      asOf: agoMs === undefined ? parseInstant(asOf) : { agoMs },
    };
  }
  if (given === 'latest') return { select: { by: 'latest' } };
  const window = parseRandom(given);
  return { select: window === undefined ? { by: 'key', key: given } : { by: 'random', windowMs: toMs(window) } };
}

function resolveImmutable(given: DrillFile['backup']['immutable']): ProtectionSpec | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string') return { forMs: toMs(given), mode: 'governance', probe: false, onFinding: 'fail' };
  const { for: text, mode, probe, onFinding } = given;
  return { forMs: toMs(text), mode, probe, onFinding };
}

function resolveBudget(given: DrillFile['budget']): Budget | undefined {
  if (given === undefined) return undefined;
  return {
    readBytes: given.read === undefined ? undefined : toBytes(given.read),
    cost: given.cost === undefined ? undefined : parseMoney(given.cost),
  };
}

function resolveSandbox(file: DrillFile['sandbox'], defaults: SandboxDefaults): SandboxSpec {
  return {
    runtime: file.runtime ?? defaults.runtime,
    memoryBytes: file.memory === undefined ? (defaults.memoryBytes ?? DEFAULT_MEMORY_BYTES) : toBytes(file.memory),
    cpus: file.cpus ?? defaults.cpus ?? DEFAULT_CPUS,
    pids: file.pids,
    storage: file.storage,
    durability: file.durability,
  };
}

function resolveObjectives(file: DrillFile['objectives'], report: ResolveContext['report']): Objectives {
  const rtoMs = toMs(file.rto);
  const deadlineMs = file.deadline === undefined ? Math.max(4 * rtoMs, 10 * MINUTE_MS) : toMs(file.deadline);
  if (deadlineMs < rtoMs) {
    report(
      ['objectives', 'deadline'],
      `must be at least the rto of ${formatDuration(rtoMs)}, not ${formatDuration(deadlineMs)}: the run would be stopped before its RTO`,
    );
  }
  return {
    rtoMs,
    rpoMs: file.rpo === undefined ? undefined : toMs(file.rpo),
    warnAtRatio: parseRatio(file.warnAt) ?? Number.NaN,
    counts: resolveCounts(file.counts),
    deadlineMs,
  };
}

/** In files from before `plan` was a stage, naming both of its neighbors includes everything in between. */
function resolveCounts(named: readonly StageName[]): readonly StageName[] {
  const isPlanBetween = named.includes('locate') && named.includes('provision');
  return COUNTABLE_STAGES.filter((stage) => named.includes(stage) || (stage === 'plan' && isPlanBetween));
}

/** The schema has checked that the text is a duration. */
function toMs(text: string): number {
  return parseDurationMs(text) ?? Number.NaN;
}

function toBytes(text: string): number {
  return parseSizeBytes(text) ?? Number.NaN;
}

/** Used to be a key of `engine` before moving to `restore`. */
function resolveCompletionLine(
  { engine, restore }: Pick<DrillFile, 'engine' | 'restore'>,
  report: (path: readonly PropertyKey[], message: string) => void,
): Pick<RestoreSpec, 'completionLine'> {
  if (engine.completionLine !== undefined && restore.completionLine !== undefined)
    report(['engine', 'completionLine'], 'is set both here and in restore.completionLine; keep that one');
  const line = restore.completionLine ?? engine.completionLine;
  return line === 'optional' ? { completionLine: line } : {};
}
