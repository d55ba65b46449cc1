import type { ObjectContent } from '../../backup/content.ts';
import { DrillError } from '../../support/errors.ts';
import { formatBytes, formatCount } from '../../support/quantities.ts';
import type { BackupFacts, LoadOptions, LoadOutcome } from '../engine.ts';
import { LoadErrors } from '../load-errors.ts';
import type { MysqlServer } from './mysql-server.ts';
import type { PlainFacts } from './plain-facts.ts';
import { PlainLoader } from './plain-loader.ts';
import { type SqlItem, SqlSplitter } from './sql-splitter.ts';

/**
 * Reads a plain dump once, from the store to the server, with back pressure all the way.
 * @throws DrillError `backup-truncated` when it ends without its tool's last line, or in the middle of something.
 */
export async function loadPlain(
  content: ObjectContent,
  { found, facts }: { readonly found: PlainFacts; readonly facts: BackupFacts },
  server: MysqlServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  const errors = new LoadErrors(options.ignoreErrors);
  const { meter } = content;
  const loader = new PlainLoader({ server, options, errors, meter, own: facts.database, isToolMade: found.hasTrailer });
  try {
    await loader.begin();
    await feed(content, found, loader, server, options);
    return errors.outcome(await loader.finish());
  } catch (error) {
    throw options.signal.aborted ? options.signal.reason : error;
  } finally {
    await loader.close();
  }
}

async function feed(
  content: ObjectContent,
  found: PlainFacts,
  loader: PlainLoader,
  server: MysqlServer,
  options: LoadOptions,
): Promise<void> {
  const splitter = new SqlSplitter(server.flavor.type);
  let isComplete = false;
  const take = async (items: readonly SqlItem[]): Promise<void> => {
    for (const item of items) {
      if (item.kind === 'unfinished') {
        const where = `which began at line ${formatCount(item.line)}`;
        throw truncated(content, splitter, `in the middle of ${item.within}, ${where}`);
      }
      if (item.kind === 'statement' && item.isUndelimited) {
        throw truncated(
          content,
          splitter,
          `in the middle of the statement that began at line ${formatCount(item.line)}`,
        );
      }
      isComplete = item.kind === 'trailer';
      const wait = loader.take(item);
      if (wait) await wait;
    }
  };
  for await (const chunk of content.stream(options.signal) as AsyncIterable<Buffer>) await take(splitter.push(chunk));
  await take(splitter.end());
  if (found.hasTrailer && !isComplete) {
    if (options.completionLine !== 'optional') throw withoutTrailer(content, splitter);
    loader.warn(
      'the dump does not end with “-- Dump completed”, and the drill allows it: nothing tells whether it is whole',
    );
  }
  if (!found.hasTrailer)
    loader.warn('the SQL does not say that mysqldump or mariadb-dump wrote it, so nothing tells whether it is whole');
}

function withoutTrailer(content: ObjectContent, splitter: SqlSplitter): DrillError {
  return truncated(
    content,
    splitter,
    'without the line “-- Dump completed” that mysqldump and mariadb-dump end with',
    'The dump or its upload was cut short: look at the job that writes it. If that job takes the line away, set `engine.completionLine: optional`.',
  );
}

function truncated(
  content: ObjectContent,
  splitter: SqlSplitter,
  how: string,
  hint = 'The dump or its upload was cut short: look at the job that writes it, and at the free space where it ran.',
): DrillError {
  const where = `after line ${formatCount(splitter.line)}, ${formatBytes(splitter.bytesSeen)} of SQL`;
  return new DrillError('backup-truncated', `${content.backup.key} ends ${how} (${where})`, { hint });
}
