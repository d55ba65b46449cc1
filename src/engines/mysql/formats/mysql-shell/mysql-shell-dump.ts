import { buffer } from 'node:stream/consumers';
import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';

const FIRST = '@.json';
const LAST = '@.done.json';
/** The metadata holds names of databases and options, never rows. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * Refuses directories of MySQL Shell's dump utilities: their rows are text files in a format of LOAD DATA, which only `util.loadDump` can
 * load, using their metadata. Source: MySQL Shell's manual, "Instance Dump Utility …", "Files Created".
 * @throws DrillError `backup-truncated` when the dump was not finished, else `format-unsupported`; returns for other directories.
 */
export async function refuseShellDump(content: DirectoryContent, signal: AbortSignal): Promise<void> {
  const { key } = content.backup;
  const first = content.members.get(FIRST);
  if (!first) return;
  if (!content.members.has(LAST)) {
    throw new DrillError('backup-truncated', `${key} is a dump of MySQL Shell without ${LAST}, which it writes last`, {
      hint: 'The dump was not finished, or not all of it was uploaded: look at the job that writes it.',
    });
  }
  const of = await serverVersionIn(content, first.sizeBytes, signal);
  throw new DrillError(
    'format-unsupported',
    `${key} is a dump of MySQL Shell (util.dumpInstance, dumpSchemas or dumpTables)${of}, which Firedrill cannot load`,
    {
      hint: 'Restore it with `mysqlsh -- util load-dump`, and drill a dump of mysqldump or mydumper of the same database beside it.',
    },
  );
}

async function serverVersionIn(content: DirectoryContent, sizeBytes: number, signal: AbortSignal): Promise<string> {
  if (sizeBytes > MAX_BYTES) return '';
  const text = (await buffer(await content.streamDecompressed(FIRST, signal))).toString('utf8');
  const version = /"serverVersion"\s*:\s*"([\w.-]{1,60})"/.exec(text)?.[1];
  return version ? ` of MySQL ${version}` : '';
}
