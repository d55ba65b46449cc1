import { Readable } from 'node:stream';
import { readStart } from '../../../../support/read-start.ts';
import { visitTar } from '../../../recognition/visit-tar.ts';
import { CONTROL_BYTES, readStartPoint, type StartPoint } from '../../recovery/stopped-cluster.ts';

/** What a base backup says of itself in its first files. */
export interface FirstFiles {
  readonly label: string;
  /** The server's major version, of the directory or of any database in it: `17`. */
  readonly major: string;
  /** Where a server begins that was shut down before its files were copied; a backup of a running one has a label instead. */
  readonly startPoint: StartPoint;
  /** Of a tar: whether the data directory is in a folder of it. */
  readonly isInFolder: boolean;
}

/** A label has some 300 bytes, and its user's own text of at most 1,024. */
const MAX_BYTES = 16_384;

/** The three that are read, with the folders above them. A tablespace has versions of its own. */
const WANTED = /^(?!(?:.*\/)?pg_tblspc\/)(|.*?\/)(backup_label|global\/pg_control|(?:base\/\d+\/)?PG_VERSION)$/s;

/**
 * Reads a tar until all that is needed is found, and then no further.
 * @returns undefined for what it does not hold. Throws what the source is destroyed with; a tar that cannot be read holds nothing more.
 */
export async function readFirstFiles(source: Readable): Promise<Partial<FirstFiles>> {
  let found: Partial<FirstFiles> = {};
  // damage of the tar is found while it is unpacked
  await visitTar(source, async (entry) => {
    const [, folder = '', file] = WANTED.exec(entry.header.name.replace(/^\.\//, '')) ?? [];
    if (file === undefined || (entry.header.size ?? 0) > MAX_BYTES) return false;
    found = { isInFolder: folder !== '', ...fieldOf(file, await readStart(entry, MAX_BYTES)), ...found };
    return isEnough(found);
  });
  return found;
}

/** Whether the version is known, and where recovery begins. */
export function isEnough({ label, major, startPoint }: Partial<FirstFiles>): boolean {
  return major !== undefined && (label !== undefined || startPoint !== undefined);
}

function fieldOf(file: string, content: Buffer): Partial<FirstFiles> {
  const text = content.toString('utf8').trim();
  if (file === 'backup_label') return { label: text };
  if (file !== 'global/pg_control') return { major: text };
  const startPoint = readStartPoint(content);
  return startPoint === undefined ? {} : { startPoint };
}

/** The text of such a file, or its beginning. */
export async function readFirstFile(stream: Readable): Promise<string> {
  return (await readStart(stream, MAX_BYTES)).toString('utf8').trim();
}

/** What `global/pg_control` says; see {@link FirstFiles}. */
export async function readControl(stream: Readable): Promise<StartPoint | undefined> {
  return readStartPoint(await readStart(stream, CONTROL_BYTES));
}

/** As {@link readFirstFiles}, in the first bytes of a tar that may end anywhere. */
export function readFirstFilesIn(head: Buffer): Promise<Partial<FirstFiles>> {
  return readFirstFiles(Readable.from([head]));
}
