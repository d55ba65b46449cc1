import { buffer } from 'node:stream/consumers';
import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat } from '../../../format.ts';

const FIRST = '@.json';
const LAST = '@.done.json';
/** The metadata holds names of databases and options, never rows. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * Directories of MySQL Shell's dump utilities, which are refused: their rows are text files in a format of LOAD DATA, which only `util.loadDump` can
 * load, using their metadata. Source: MySQL Shell's manual, "Instance Dump Utility …", "Files Created".
 * Opening one throws `backup-truncated` when the dump was not finished, else `format-unsupported`.
 */
export const mysqlShellFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind === 'object' || !content.members.has(FIRST)) return undefined;
    return async (signal) => {
      throw await refusalOf(content, signal);
    };
  },
};

async function refusalOf(content: DirectoryContent, signal: AbortSignal): Promise<DrillError> {
  const { key } = content.backup;
  if (!content.members.has(LAST)) {
    return new DrillError('backup-truncated', `${key} is a dump of MySQL Shell without ${LAST}, which it writes last`, {
      hint: 'The dump was not finished, or not all of it was uploaded: look at the job that writes it.',
    });
  }
  const of = await serverVersionIn(content, content.members.get(FIRST)?.sizeBytes ?? 0, signal);
  return new DrillError(
    'format-unsupported',
    `${key} is a dump of MySQL Shell (util.dumpInstance, dumpSchemas or dumpTables)${of}, which Firedrill cannot load`,
    {
      hint: 'Restore it with `mysqlsh -- util load-dump`, and drill a dump of mysqldump or mydumper of the same database beside it.',
    },
  );
}

async function serverVersionIn(content: DirectoryContent, sizeBytes: number, signal: AbortSignal): Promise<string> {
  if (sizeBytes > MAX_BYTES) return '';
  const text = (await buffer(await content.streamUnwrapped(FIRST, signal))).toString('utf8');
  const version = /"serverVersion"\s*:\s*"([\w.-]{1,60})"/.exec(text)?.[1];
  return version ? ` of MySQL ${version}` : '';
}
