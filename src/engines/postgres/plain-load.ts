import type { ObjectContent } from '../../backup/content.ts';
import { DrillError } from '../../support/errors.ts';
import { formatBytes, formatCount } from '../../support/quantities.ts';
import type { LoadOptions, LoadOutcome } from '../engine.ts';
import { LoadErrors } from '../load-errors.ts';
import type { PlainFacts } from './plain-facts.ts';
import { PlainLoader } from './plain-loader.ts';
import type { PostgresServer } from './postgres-server.ts';
import { type SqlItem, SqlSplitter } from './sql-splitter.ts';

/**
 * Reads a plain dump once, from the store to the server, with back pressure all the way.
 * @throws DrillError `backup-truncated` when it ends without pg_dump's last line, or in the middle of something.
 */
export async function loadPlain(
  content: ObjectContent,
  facts: PlainFacts,
  server: PostgresServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  const errors = new LoadErrors(options.ignoreErrors);
  const loader = new PlainLoader({ server, facts, options, errors, meter: content.meter });
  try {
    await loader.begin();
    await feed(content, facts, loader, options);
    return errors.outcome(await loader.finish());
  } finally {
    await loader.close();
  }
}

async function feed(
  content: ObjectContent,
  facts: PlainFacts,
  loader: PlainLoader,
  { signal, completionLine = 'required' }: LoadOptions,
): Promise<void> {
  const splitter = new SqlSplitter();
  let isComplete = false;
  const take = async (items: readonly SqlItem[]): Promise<void> => {
    for (const item of items) {
      if (item.kind === 'unfinished')
        throw truncated(
          content,
          splitter,
          `in the middle of ${item.within}, which began at line ${formatCount(item.line)}`,
        );
      if (item.kind === 'trailer') isComplete = facts.isCluster ? item.of === 'cluster' : true;
      else {
        if (item.kind !== 'meta') isComplete &&= facts.isCluster;
        const wait = loader.take(item);
        if (wait) await wait;
      }
    }
  };
  for await (const chunk of content.stream(signal) as AsyncIterable<Buffer>) await take(splitter.push(chunk));
  await take(splitter.end());
  if (facts.hasTrailer && !isComplete) {
    if (completionLine === 'required') throw truncated(content, splitter, 'without the line that pg_dump ends with');
    loader.warn(
      'the dump lacks the line that pg_dump ends with, and the drill allows it: nothing tells whether it is whole',
    );
  }
  if (!facts.hasTrailer)
    loader.warn('the SQL does not say that pg_dump wrote it, so nothing tells whether it is whole');
}

function truncated(content: ObjectContent, splitter: SqlSplitter, how: string): DrillError {
  const where = `after line ${formatCount(splitter.line)}, ${formatBytes(splitter.bytesSeen)} of SQL`;
  return new DrillError('backup-truncated', `${content.backup.key} ends ${how} (${where})`, {
    hint: 'The dump or its upload was cut short: look at the job that writes it, and at the free space where it ran.',
  });
}
