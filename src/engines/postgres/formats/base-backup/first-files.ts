import { Readable } from 'node:stream';
import { readStart } from '../../../../support/read-start.ts';
import { visitTar } from '../../../recognition/visit-tar.ts';
import { CONTROL_BYTES, readStartPoint, type StartPoint } from '../../recovery/stopped-cluster.ts';

/** What a base backup records about itself in its first files. */
export interface FirstFiles {
  readonly label: string;
  /** The server's major version, from the directory or from any database in it: `17`. */
  readonly major: string;
  /** Where a server starts that was shut down before its files were copied; a backup of a running one has a label instead. */
  readonly startPoint: StartPoint | 'running';
  /** The text of its `tablespace_map`, which a tar has before its version. */
  readonly tablespaceMap: string;
  /** For a tar: whether the data directory is in a subfolder. */
  readonly isInFolder: boolean;
}

/** A label has some 300 bytes, plus its user's own text of at most 1,024. */
const MAX_BYTES = 16_384;

/** The files that are read, with any folders above them. A tablespace has its own version files. */
const WANTED =
  /^(?!(?:.*\/)?pg_tblspc\/)(|.*?\/)(backup_label|tablespace_map|global\/pg_control|(?:base\/\d+\/)?PG_VERSION)$/s;

/**
 * Reads a tar until everything needed has been found, and no further.
 * @returns undefined for what it does not contain. Throws what the source is destroyed with; a tar that becomes unreadable counts as ended there.
 */
export async function readFirstFiles(source: Readable): Promise<Partial<FirstFiles>> {
  let found: Partial<FirstFiles> = {};
  // damage to the tar is found when it is unpacked
  await visitTar(source, async (entry) => {
    const [, folder = '', file] = WANTED.exec(entry.header.name.replace(/^\.\//, '')) ?? [];
    if (file === undefined || (entry.header.size ?? 0) > MAX_BYTES) return false;
    found = { isInFolder: folder !== '', ...fieldOf(file, await readStart(entry, MAX_BYTES)), ...found };
    return isEnough(found);
  });
  return found;
}

/** Whether both the version and the start of recovery are known. */
export function isEnough({ label, major, startPoint }: Partial<FirstFiles>): boolean {
  return major !== undefined && (label !== undefined || typeof startPoint === 'object');
}

function fieldOf(file: string, content: Buffer): Partial<FirstFiles> {
  const text = content.toString('utf8').trim();
  if (file === 'backup_label') return { label: text };
  if (file === 'tablespace_map') return { tablespaceMap: text };
  if (file !== 'global/pg_control') return { major: text };
  const startPoint = readStartPoint(content);
  return startPoint === undefined ? {} : { startPoint };
}

/** The text of such a file, or its beginning. */
export async function readFirstFile(stream: Readable): Promise<string> {
  return (await readStart(stream, MAX_BYTES)).toString('utf8').trim();
}

/** The contents of `global/pg_control`; see {@link FirstFiles}. */
export async function readControl(stream: Readable): Promise<FirstFiles['startPoint'] | undefined> {
  return readStartPoint(await readStart(stream, CONTROL_BYTES));
}

/** Like {@link readFirstFiles}, for the first bytes of a tar, which may end anywhere. */
export function readFirstFilesIn(head: Buffer): Promise<Partial<FirstFiles>> {
  return readFirstFiles(Readable.from([head]));
}
