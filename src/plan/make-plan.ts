import type { Backup } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { BackupFacts, ServerNeeds } from '../engines/format.ts';
import type { IdentityRecord } from '../record/run-record.ts';
import type { Baseline } from '../record/store.ts';
import { DrillError } from '../support/errors.ts';
import { describeNetworkAccess } from '../support/network-access.ts';
import type { Reading, ReadingShare } from '../support/reading.ts';
import { compareSeries, NO_VERSION, seriesLike } from '../support/versions.ts';
import { nameBackup } from '../support/vocabulary.ts';
import { estimateRecovery } from './estimate.ts';
import type { Plan, PlannedBackup } from './plan.ts';
import { findPlanWarnings } from './plan-warnings.ts';

export interface PlanInput {
  readonly drill: Drill;
  /** {@link BackupSource.description}. */
  readonly source: string;
  readonly backup: Backup;
  /** How the backup was selected, and when the newest available one was taken. */
  readonly choice: { readonly selection: string; readonly newestTakenAt: Date };
  readonly facts: BackupFacts;
  readonly needs: ServerNeeds;
  /** Where recovery stops, human-readable; undefined: when the backup was taken, because the format has no log. */
  readonly recoverTo?: string | undefined;
  /** Whether the backup's format replays a log. Default: no. */
  readonly replaysLog?: boolean;
  /** What users can do if it does not. */
  readonly logHint?: string | undefined;
  /** Whether a log archive exists. Default: no. */
  readonly hasLog?: boolean;
  /** The engine's image for a version: `postgres:17` for `('17')`. */
  readonly imageName: (version: string) => string;
  /** Images of applications that the drill’s checks start. Default: none. */
  readonly checkImages?: readonly string[];
  /** This installation's image names: a mirror or a custom image instead of a public one. */
  readonly images: Readonly<Record<string, string>>;
  /** From the command line; takes precedence over the drill's. */
  readonly runtime: string | undefined;
  /** Describes where a runtime takes a server's programs from. */
  readonly describePrograms: (
    runtime: string | undefined,
    request: { readonly image: string; readonly server: { readonly engine: string; readonly major: string } },
  ) => string;
  readonly reading: Reading;
  /** Names of files whose checksums the backup is compared with. Default: none. */
  readonly checksumFiles?: readonly string[];
  /** Read rate limit; undefined: none. */
  readonly share?: ReadingShare | undefined;
  readonly baseline: Baseline | undefined;
  /** Whose keys and credentials the backup was opened with. */
  readonly identity?: IdentityRecord | undefined;
  readonly now: Date;
}

/**
 * Decides what a run will do; no I/O.
 * @throws `engine-mismatch` when the backup is for another engine than the drill's, and `version-unsupported` when the drill requires a
 * version older than the backup's.
 */
export function makePlan(input: PlanInput): Plan {
  const { drill, facts, needs } = input;
  checkEngine(input);
  checkRecovery(input);
  const version = chooseVersion(input);
  const backup = planBackup(input);
  const { runtime: ofDrill, ...sandbox } = drill.sandbox;
  const estimate = estimateRecovery(backup.sizeBytes, input.baseline, rateOfBackup(input));
  const match = needs.match === undefined ? {} : { match: needs.match };
  const engine = {
    type: drill.engine.type,
    version,
    major: version === NO_VERSION ? NO_VERSION : seriesLike(version, needs.major),
    ...match,
  };
  const image = chooseImage(input, version);
  const runtime = input.runtime ?? ofDrill;
  const plan = {
    drill: drill.name,
    drillFile: drill.place.file,
    backup,
    engine,
    image,
    ...planCheckImages(input),
    programs: input.describePrograms(runtime, { image, server: { engine: engine.type, major: engine.major } }),
    ...chooseDatabase(input),
    runtime,
    sandbox,
    isolationWanted: needs.network
      ? `no network but ${describeNetworkAccess(needs.network)}; a Unix socket is the only way in`
      : 'no network: a Unix socket is the only way in, and there is no way out',
    ...(needs.network && { network: structuredClone(needs.network) }),
    ...(input.recoverTo === undefined ? {} : { recoverTo: input.recoverTo }),
    jobs: drill.restore.jobs ?? Math.max(1, Math.floor(drill.sandbox.cpus)),
    checks: drill.checks.map((check) => check.name),
    objectives: structuredClone(drill.objectives),
    reading: input.reading,
    ...(input.share && { readAtMost: input.share }),
    estimate,
    identity: input.identity,
  };
  return deepFreeze({
    ...plan,
    warnings: findPlanWarnings(plan, { facts, needs, hasLog: input.hasLog ?? false }),
  });
}

/** In bytes per second; undefined if the limit applies to another source, where the log is stored. */
function rateOfBackup({ source, share }: PlanInput): number | undefined {
  return share && source.startsWith(share.of) ? share.bytesPerSecond : undefined;
}

function checkEngine({ drill, backup, facts }: PlanInput): void {
  if (facts.engine === drill.engine.type) return;
  throw new DrillError(
    'engine-mismatch',
    `${backup.key} is a backup of ${facts.engine} (${facts.format}, by ${facts.dumpedBy}), and the drill restores ${drill.engine.type}`,
    {
      hint: `Set \`engine: { type: ${facts.engine} }\` in ${drill.place.file}, or narrow \`backup.match\` (${drill.backup.match}) so that it sees only this database's backups.`,
    },
  );
}

function checkRecovery({ drill, backup, facts, replaysLog = false, logHint }: PlanInput): void {
  const keys = [...(drill.recover ? ['recover'] : []), ...(drill.backup.log ? ['backup.log'] : [])];
  if (replaysLog || keys.length === 0) return;
  if (logHint !== undefined) {
    throw new DrillError(
      'log-start-unknown',
      `${backup.key} does not say where in the server’s log it was taken, so no log can be replayed onto it, and the drill has ${keys.join(' and ')}`,
      { hint: logHint },
    );
  }
  throw new DrillError(
    'format-unsupported',
    `${backup.key} is a ${facts.format}: it has no log, so it can be recovered to its own instant only, and the drill has ${keys.join(' and ')}`,
    { hint: `Take ${keys.join(' and ')} out of ${drill.place.file}, or drill a physical backup.` },
  );
}

function chooseVersion({ drill, backup, facts, needs }: PlanInput): string {
  const wanted = drill.engine.version;
  if (wanted === 'from-backup') return needs.major;
  if (needs.match === 'exact' && compareSeries(wanted, needs.major) !== 0) {
    throw new DrillError(
      'version-unsupported',
      `${backup.key} holds the data files of ${facts.engine} ${facts.serverVersion}, which no other major version reads, and the drill requires ${wanted}`,
      { hint: `Set \`engine.version\` to from-backup in ${drill.place.file}.` },
    );
  }
  // if the backup does not state its version, the drill's version is used
  if (facts.serverVersion === 'unknown' || compareSeries(wanted, needs.major) >= 0) return wanted;
  throw new DrillError(
    'version-unsupported',
    `${backup.key} comes from ${facts.engine} ${facts.serverVersion}, and the drill requires ${wanted}, which is older`,
    { hint: `Set \`engine.version\` to from-backup or to ${needs.major} or later in ${drill.place.file}.` },
  );
}

function chooseImage({ drill, imageName, images }: PlanInput, version: string): string {
  return mapImage(drill.engine.image ?? imageName(version), images);
}

function planCheckImages({ checkImages = [], images }: PlanInput): Pick<Plan, 'checkImages'> {
  return checkImages.length === 0 ? {} : { checkImages: checkImages.map((name) => mapImage(name, images)) };
}

function mapImage(name: string, images: PlanInput['images']): string {
  return Object.hasOwn(images, name) ? (images[name] ?? name) : name;
}

function chooseDatabase({ drill, facts }: PlanInput): Pick<Plan, 'database' | 'databaseFrom'> {
  if (drill.engine.database !== undefined) return { database: drill.engine.database, databaseFrom: 'drill' };
  return { database: facts.database, databaseFrom: facts.database === undefined ? undefined : 'backup' };
}

function planBackup({
  drill,
  source,
  backup,
  choice,
  facts,
  needs,
  checksumFiles = [],
  now,
}: PlanInput): PlannedBackup {
  return {
    source,
    key: nameBackup(backup.key),
    objectCount: backup.objects.length,
    sizeBytes: backup.sizeBytes,
    takenAt: backup.takenAt,
    takenAtFrom: backup.takenAtFrom,
    ageMs: Math.max(0, now.getTime() - backup.takenAt.getTime()),
    selection: choice.selection,
    isDrawn: drill.backup.select.by === 'random',
    newestTakenAt: choice.newestTakenAt,
    newestAgeMs: Math.max(0, now.getTime() - choice.newestTakenAt.getTime()),
    format: facts.format,
    serverVersion: facts.serverVersion,
    dumpedBy: facts.dumpedBy,
    extensions: [...needs.extensions],
    roles: [...facts.roles],
    tableCount: facts.tableCount,
    ...(checksumFiles.length > 0 && { checksumFiles: [...checksumFiles] }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
