import { canSubstitute, substitute } from '../../backup/faults/substitute.ts';
import { openContent } from '../../backup/reading/open-content.ts';
import { listBackups } from '../../backup/selection/list-backups.ts';
import { locateBackup } from '../../backup/selection/locate-backup.ts';
import type { Backup, BackupSource } from '../../backup/source.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { Engine } from '../../engines/engine-descriptor.ts';
import { DrillError } from '../../support/errors.ts';
import { formatAge } from '../../support/quantities.ts';
import type { DrillServices } from '../contract.ts';
import type { OpenResources } from '../open-resources.ts';
import type { SkippedTrial, Trial } from './trial.ts';

export interface OtherBackupsInput {
  readonly drill: Drill;
  /** The drill's own source, already open. */
  readonly source: BackupSource;
  readonly backup: Backup;
  readonly engine: Engine;
  /** Format of the backup: `pg_dump archive`. */
  readonly format: string | undefined;
  readonly services: DrillServices;
  /** Receives what is opened, and keeps it open until the trials are over. */
  readonly resources: OpenResources;
  readonly signal: AbortSignal;
}

/** Maximum number of drills searched for a backup of the same format. */
const MAX_OTHERS = 20;
/** Time limit for that search: a store that does not answer is for its own drills to report. */
const SEARCH_MS = 60_000;

/** The newest backup that is older than the chosen one, presented under its name. Throws what listing throws. */
export async function planStale(input: OtherBackupsInput): Promise<Trial | SkippedTrial> {
  const { drill, source, backup, engine, services, signal } = input;
  const now = services.clock.now();
  const spec = { ...drill.backup, layouts: engine.layouts };
  const { backups } = await listBackups(source, spec, now, signal);
  const before = backups.find(({ key, takenAt }) => key !== backup.key && takenAt.getTime() < backup.takenAt.getTime());
  if (!before)
    return { kind: 'stale', words: 'the backup before under this one’s name', skipped: 'there is only one backup' };
  const age = formatAge(backup.takenAt.getTime() - before.takenAt.getTime());
  const words = `${shortName(before.key)} (${age} older) under this one’s name`;
  const found = await locateBackup(source, { ...spec, select: { by: 'key', key: before.key } }, now, '', signal);
  return asTrial('stale', words, backup, { backup: found.backup, store: undefined });
}

/** The newest backup of another drill of the same product and format, presented under the chosen one's name. */
export async function planForeign(input: OtherBackupsInput): Promise<Trial | SkippedTrial> {
  const { drill, backup, services } = input;
  const others = ((await services.drills?.()) ?? []).filter((other) => isOther(other, drill)).slice(0, MAX_OTHERS);
  const words = 'another drill’s backup under this one’s name';
  const signal = AbortSignal.any([input.signal, AbortSignal.timeout(SEARCH_MS)]);
  const none = (skipped: string) => ({ kind: 'foreign', words, skipped }) as const;
  for (const other of others) {
    const found = await findOther(other, { ...input, signal });
    input.signal.throwIfAborted();
    if (signal.aborted) break;
    if (found) {
      const named = `${shortName(found.backup.key)} of the drill ${other.name} under this one’s name`;
      return asTrial('foreign', named, backup, found);
    }
  }
  return none(`no other drill has a ${input.format ?? drill.engine.type} backup`);
}

/** @returns undefined for a drill whose backup has another format, or cannot be read: that is for its own runs to report. */
async function findOther(
  drill: Drill,
  { engine, format, services, resources, signal }: OtherBackupsInput,
): Promise<{ readonly backup: Backup; readonly store: BackupSource } | undefined> {
  try {
    const store = resources.add(await services.openSource(drill.backup.source));
    const spec = { ...drill.backup, layouts: engine.layouts };
    const { backup } = await locateBackup(store, spec, services.clock.now(), drill.name, signal);
    const archives = {
      member: drill.backup.member,
      layouts: engine.layouts,
      isFormat: (first: Buffer) => engine.isTarFormat(first),
    };
    const content = await openContent(store, backup, signal, services.keysOf(drill, { signal }), archives);
    try {
      return (await engine.inspect(content, signal, drill.engine.options)).facts.format === format
        ? { backup, store }
        : undefined;
    } finally {
      content.close();
    }
  } catch (thrown) {
    if (thrown instanceof DrillError || signal.aborted) return undefined;
    throw thrown;
  }
}

function isOther(other: Drill, drill: Drill): boolean {
  const place = ({ backup }: Drill) => JSON.stringify([backup.source, backup.match]);
  return other.name !== drill.name && other.engine.type === drill.engine.type && place(other) !== place(drill);
}

function asTrial(
  kind: 'stale' | 'foreign',
  words: string,
  chosen: Backup,
  other: { readonly backup: Backup; readonly store: BackupSource | undefined },
): Trial | SkippedTrial {
  if (!canSubstitute(chosen, other.backup))
    return { kind, words, skipped: 'it consists of a different number of files' };
  return { kind, words, source: (source) => substitute(source, chosen, other) };
}

function shortName(key: string): string {
  return key.replace(/\/$/, '').split('/').at(-1) ?? key;
}
