import type { Engine } from '../../engines/engine-descriptor.ts';
import type { OpenBackup } from '../../engines/format.ts';
import { asDrillError, type ErrorCode, meaningOf } from '../../support/errors.ts';
import type { BackupContent } from '../content.ts';
import { openContent } from '../reading/open-content.ts';
import type { Candidate } from '../selection/candidates.ts';
import type { BackupSource } from '../source.ts';

/** What a backup is by its content, without any key. Plain data. */
export interface Recognised {
  readonly kind: 'backup' | 'encrypted' | 'unreadable' | 'no-backup';
  readonly engine?: string | undefined;
  /** `pg_dump custom archive`, `encrypted`, `backup-truncated` */
  readonly what: string;
  /** The databases in it. Empty: it names none. */
  readonly databases: readonly string[];
  /** Whether it may hold others: it is too large to be read for their names. */
  readonly hasMore?: boolean;
  /** Whether this says nothing about the content, which could not be read now: the next look tries again. */
  readonly isUnread?: boolean;
}

export interface RecogniseOptions {
  readonly engines: readonly Engine[];
  /** A dump of several databases is read whole for their names only up to this size, as it is stored. */
  readonly maxWholeBytes: number;
  readonly signal: AbortSignal;
}

/** Reads the beginning of a backup and asks the engines what it is. Problems are returned. @throws the reason of the signal. */
export async function recognise(
  source: BackupSource,
  { kind, key, objects, sizeBytes, modifiedAt: takenAt, lacks }: Candidate,
  options: RecogniseOptions,
): Promise<Recognised> {
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

/** Each refuses what is another's. */
async function askEngines(content: BackupContent, { engines, ...options }: RecogniseOptions): Promise<Recognised> {
  let found: Recognised | undefined;
  for (const engine of engines) {
    try {
      return await describe(await engine.inspect(content, options.signal), content, options);
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (asDrillError(thrown, 'locate').code === 'engine-mismatch') continue;
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
    return { ...ofCode(asDrillError(thrown, 'locate').code), engine: facts.engine };
  }
}

function explain(thrown: unknown): Recognised {
  const { code, message } = asDrillError(thrown, 'locate');
  if (code === 'backup-encrypted') {
    const how = / is encrypted with (.+)$/.exec(message)?.[1];
    return { kind: 'encrypted', what: how === undefined ? 'encrypted' : `encrypted (${how})`, databases: [] };
  }
  return code === 'backup-unrecognised' || code === 'engine-mismatch' ? NO_BACKUP : ofCode(code);
}

/** What an engine does not support stays as it is; every other error that is no verdict about the backup is one of the store or of this machine. */
function ofCode(code: ErrorCode): Recognised {
  const isOfContent = meaningOf(code) !== 'errored' || code === 'format-unsupported' || code === 'version-unsupported';
  return isOfContent ? unreadable(code) : { ...unreadable(code), isUnread: true };
}

const NO_BACKUP: Recognised = { kind: 'no-backup', what: 'not a backup', databases: [] };

export function unreadable(what: string): Recognised {
  return { kind: 'unreadable', what, databases: [] };
}
