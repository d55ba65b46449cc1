import { describeAccess } from '../support/identity-words.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import { formatBytes, formatCount, formatDuration } from '../support/quantities.ts';
import { describeReading, describeShare } from '../support/reading.ts';
import { NO_VERSION, nameServer } from '../support/versions.ts';
import { nameStage } from '../support/vocabulary.ts';
import type { Plan } from './plan.ts';

const LABEL_WIDTH = 11;

/** The plan as lines of text without colour, for `firedrill plan`. */
export function formatPlan(plan: Plan): readonly string[] {
  const { backup, engine, sandbox, objectives } = plan;
  const rows: readonly (readonly [string, string])[] = [
    ['drill', `${plan.drill} (${plan.drillFile})`],
    ['backup', describeBackup(plan)],
    ['selected', describeChoice(plan)],
    [
      'taken',
      `${formatInstant(backup.takenAt)} (from ${describeTakenAt(backup.takenAtFrom)}), ${formatDuration(backup.ageMs)} ago`,
    ],
    ['format', backup.dumpedBy === NO_VERSION ? backup.format : `${backup.format}, by ${backup.dumpedBy}`],
    ...identityRow(plan),
    ...contentsRow(plan),
    ...checksumRow(plan),
    ['engine', `${nameServer(engine.type, engine.version)}, ${plan.programs}`],
    ['sandbox', `${plan.runtime ?? 'the default runtime'}; ${describeLimits(plan)}`],
    ['isolation', plan.isolationWanted],
    ['restore', `${plan.jobs === 1 ? '1 job' : `${plan.jobs} jobs`}, durability ${sandbox.durability}`],
    ...(plan.recoverTo === undefined ? [] : [['recover to', plan.recoverTo] as const]),
    ['checks', `${plan.checks.length}: ${plan.checks.join('; ')}`],
    ['objectives', describeObjectives(plan)],
    ['deadline', formatDuration(objectives.deadlineMs)],
    ['reading', describePlannedReading(plan)],
    ['estimate', describeEstimate(plan)],
  ];
  const lines = rows.map(([label, text]) => `${label.padEnd(LABEL_WIDTH)} ${toPrintable(text, 2000)}`);
  return [...lines, ...plan.warnings.map((warning) => `WARNING: ${toPrintable(warning, 2000)}`)];
}

function describePlannedReading({ reading, readAtMost }: Plan): string {
  return `${describeReading(reading)}${readAtMost ? `; at most ${describeShare(readAtMost)}` : ''}`;
}

function identityRow({ identity }: Plan): [string, string][] {
  return identity ? [['identity', describeAccess(identity)]] : [];
}

/** The plan in one line: `pg_dump custom archive into postgres 17 (docker), 2 jobs; about 4 min 12 s`. */
export function describePlan({ backup, engine, runtime, jobs, estimate }: Plan): string {
  const where = runtime === undefined ? '' : ` (${runtime})`;
  const work = jobs === 1 ? '1 job' : `${jobs} jobs`;
  const expected = estimate ? `about ${formatDuration(estimate.recoveryTimeMs)}` : 'no estimate without history';
  return `${backup.format} into ${nameServer(engine.type, engine.major)}${where}, ${work}; ${expected}`;
}

function describeBackup({ backup }: Plan): string {
  const objects = backup.objectCount === 1 ? '' : ` in ${formatCount(backup.objectCount)} objects`;
  return `${backup.key}, ${formatBytes(backup.sizeBytes)}${objects}, from ${backup.source}`;
}

function describeChoice({ backup }: Plan): string {
  const newest =
    backup.takenAt < backup.newestTakenAt ? `; the newest is ${formatDuration(backup.newestAgeMs)} old` : '';
  return `${backup.selection}${backup.isDrawn ? '; chosen at random for each run' : ''}${newest}`;
}

function describeTakenAt(from: Plan['backup']['takenAtFrom']): string {
  if (from === 'name') return 'its name';
  return from === 'tag' ? 'its tag' : 'its modification time';
}

/** The contents that the backup states; not every format states any. */
function contentsRow({ backup, database, databaseFrom }: Plan): [string, string][] {
  const { serverVersion, tableCount, extensions, roles } = backup;
  const namedBy = databaseFrom === 'drill' ? 'drill file' : 'backup';
  const parts = [
    ...(serverVersion === NO_VERSION ? [] : [`server ${serverVersion}`]),
    ...(database === undefined ? [] : [`database ${database} (named by the ${namedBy})`]),
    ...(tableCount === undefined ? [] : [`${formatCount(tableCount)} tables with data`]),
    ...(extensions.length === 0 ? [] : [`extensions ${extensions.join(', ')}`]),
    ...(roles.length === 0 ? [] : [`roles ${roles.join(', ')}`]),
  ];
  return parts.length === 0 ? [] : [['holds', parts.join('; ')]];
}

function checksumRow({ backup: { checksumFiles } }: Plan): [string, string][] {
  return checksumFiles ? [['checksums', `compared with ${checksumFiles.join(', ')}`]] : [];
}

function describeLimits({ sandbox }: Plan): string {
  const memory = `${+(sandbox.memoryBytes / 2 ** 30).toFixed(2)} GiB of memory`;
  const cpus = sandbox.cpus === 1 ? '1 CPU' : `${sandbox.cpus} CPUs`;
  return `${memory}, ${cpus}, ${sandbox.pids} processes, data on ${sandbox.storage === 'tmpfs' ? 'tmpfs' : 'a volume'}`;
}

function describeObjectives({ objectives }: Plan): string {
  const rpo = objectives.rpoMs === undefined ? 'no RPO' : `RPO ${formatDuration(objectives.rpoMs)}`;
  return `RTO ${formatDuration(objectives.rtoMs)} (${objectives.counts.map(nameStage).join(', ')}); ${rpo}`;
}

function describeEstimate({ estimate, objectives }: Plan): string {
  if (!estimate) return 'none: no run of this drill has passed yet';
  const share = Math.round((estimate.recoveryTimeMs / objectives.rtoMs) * 100);
  const runs = estimate.fromRuns === 1 ? 'the last passing run' : `the last ${estimate.fromRuns} passing runs`;
  return `${formatDuration(estimate.recoveryTimeMs)} (${share} % of the RTO), from ${runs}`;
}
