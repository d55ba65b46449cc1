import type { Engine } from '../../engines/engine-descriptor.ts';
import type { OpenBackup } from '../../engines/format.ts';
import { asDrillError, type DrillError, meaningOf } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import type { BackupContent } from '../content.ts';
import { EncryptedError } from '../layer.ts';
import { openContent } from '../reading/open-content.ts';
import type { Candidate } from '../selection/candidates.ts';
import type { BackupSource } from '../source.ts';

/** What kind of backup this is, judged by its content without any key. Plain data. */
export interface Recognised {
  readonly kind: 'backup' | 'encrypted' | 'unreadable' | 'no-backup';
  readonly engine?: string | undefined;
  /** `pg_dump custom archive`, `encrypted (age)`; for an unreadable one, why. */
  readonly what: string;
  /** The databases in it. Empty: none is named. */
  readonly databases: readonly string[];
  /** Whether it may contain others: it is too large to be read just for their names. */
  readonly hasMore?: boolean;
  /** Whether the content could not be read for now; the next inspection tries again. */
  readonly isUnread?: boolean;
}

export interface RecogniseOptions {
  readonly engines: readonly Engine[];
  /** A dump of several databases is read whole for their names only up to this stored size. */
  readonly maxWholeBytes: number;
  readonly signal: AbortSignal;
}

/** Reads the start of a backup and asks the engines to identify it. Problems are returned. @throws the reason of the signal. */
export async function recognise(
  source: BackupSource,
  { kind, key, objects, sizeBytes, modifiedAt: takenAt, lacks, refused }: Candidate,
  options: RecogniseOptions,
): Promise<Recognised> {
  if (refused !== undefined) return unreadable(refused);
  if (lacks !== undefined) return unreadable(`incomplete: ${lacks} is missing`);
  const { engines, signal } = options;
  const backup = { kind, key, objects, sizeBytes, takenAt, takenAtFrom: 'modified' } as const;
  const [first] = engines;
  const archives = first && {
    member: undefined,
    layouts: first.layouts,
    isFormat: (head: Buffer) => first.isTarFormat(head),
  };
  try {
    const content = await openContent(source, backup, signal, undefined, archives);
    try {
      return await askEngines(content, options);
    } finally {
      content.close();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    return explain(thrown);
  }
}

/** Each engine refuses the formats of the others. What a format claims and cannot be restored is not passed on to an engine that takes any content. */
async function askEngines(content: BackupContent, { engines, ...options }: RecogniseOptions): Promise<Recognised> {
  let found: Recognised | undefined;
  let isClaimed = false;
  for (const engine of engines) {
    try {
      const opened = await engine.inspect(content, options.signal);
      if (isClaimed && found?.kind === 'unreadable') return found;
      return await describe(opened, content, options);
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (asDrillError(thrown, 'locate').code === 'engine-mismatch') {
        isClaimed = true;
        continue;
      }
      const problem = explain(thrown);
      if (problem.kind === 'encrypted') return problem;
      if (found?.kind !== 'unreadable') found = problem;
    }
  }
  return found ?? NO_BACKUP;
}

async function describe(
  { facts, databases = facts.database === undefined ? [] : [facts.database] }: OpenBackup,
  { backup }: BackupContent,
  { maxWholeBytes, signal }: Omit<RecogniseOptions, 'engines'>,
): Promise<Recognised> {
  const found = { kind: 'backup', engine: facts.engine, what: facts.format } as const;
  if (typeof databases !== 'function') return { ...found, databases };
  if (backup.sizeBytes > maxWholeBytes) return { ...found, databases: [], hasMore: true };
  try {
    return { ...found, databases: await databases(signal) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { ...ofError(asDrillError(thrown, 'locate')), engine: facts.engine };
  }
}

function explain(thrown: unknown): Recognised {
  const error = asDrillError(thrown, 'locate');
  const { code } = error;
  if (code === 'backup-encrypted') {
    const what = error instanceof EncryptedError ? `encrypted (${error.encryption})` : 'encrypted';
    return { kind: 'encrypted', what, databases: [] };
  }
  return code === 'backup-unrecognised' || code === 'engine-mismatch' ? NO_BACKUP : ofError(error);
}

/** An unsupported format stays unsupported; any other error that is not a verdict about the backup comes from the store or this machine. */
function ofError({ code, message }: DrillError): Recognised {
  const isOfContent = meaningOf(code) !== 'errored' || code === 'format-unsupported' || code === 'version-unsupported';
  const found = unreadable(toPrintable(message));
  return isOfContent ? found : { ...found, isUnread: true };
}

const NO_BACKUP: Recognised = { kind: 'no-backup', what: 'not a backup', databases: [] };

export function unreadable(what: string): Recognised {
  return { kind: 'unreadable', what, databases: [] };
}
