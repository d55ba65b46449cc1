import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import type { LogArchive } from '../../format.ts';
import { readHead } from './check-archive.ts';
import type { FormatEvent } from './event-types.ts';
import type { StoredLogFile } from './log-names.ts';
import { begunAt, isBegunBefore } from './prove-chain.ts';

/** A file of a log, with its first event. */
export interface BegunFile {
  readonly name: string;
  readonly format: FormatEvent;
}

/**
 * Proves that the file with the highest number is the newest: after a reset, numbers begin again, and the files of the new log have lower numbers than those of
 * the old one. A log in a tar is not read again for that, and one that cannot be read proves nothing: no recovery needs it.
 * @param lowest the file with the lowest number. @param highest the one with the highest number.
 * @throws DrillError `log-incomplete` if the log was reset; what reading the archive throws.
 */
export async function requireNewest(
  archive: LogArchive,
  lowest: StoredLogFile,
  highest: BegunFile,
  signal: AbortSignal,
): Promise<void> {
  if (lowest.file.member !== undefined) return;
  const head = await readFormat(archive, lowest, signal);
  if (!head || head.serverId !== highest.format.serverId || !isBegunBefore(highest.format, head)) return;
  throw new DrillError(
    'log-incomplete',
    `${archive.description}: ${lowest.name} was begun ${begunAt(head)}, after ${highest.name} (${begunAt(highest.format)}): the server’s log was reset in between, so this backup cannot be recovered to the end of the log`,
    {
      hint: 'Use a backup that was taken since the reset, or take one now. To recover up to the reset, name an instant, such as `--to 2026-11-27T03:10:00Z`.',
    },
  );
}

async function readFormat(
  archive: LogArchive,
  file: StoredLogFile,
  signal: AbortSignal,
): Promise<FormatEvent | undefined> {
  try {
    const [head] = await readHead(archive, file, signal);
    return head?.type === 'format' ? head : undefined;
  } catch (error) {
    if (error instanceof DrillError && NOT_READABLE.has(error.code)) return undefined;
    throw error;
  }
}

/** Old files are removed, moved to slower storage, or encrypted with an older key. */
const NOT_READABLE: ReadonlySet<ErrorCode> = new Set([
  'backup-changed',
  'backup-archived',
  'backup-encrypted',
  'format-unsupported',
  'key-missing',
  'key-wrong',
]);
