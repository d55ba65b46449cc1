import { DrillError } from '../../../support/errors.ts';
import { formatBytes, formatCount } from '../../../support/quantities.ts';
import { isTarName } from '../../../support/tar-name.ts';
import { seriesOf } from '../../../support/versions.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import type { DatedLogArchive, FoundEvent, FoundEvents, LogSearch, LogSearchOptions } from '../../log-events.ts';
import type { Flavor } from '../flavor.ts';
import { requireServerFiles } from './check-archive.ts';
import type { LogEvent } from './event-found.ts';
import { formatPosition } from './event-text.ts';
import type { FormatEvent } from './event-types.ts';
import { EventFinder } from './find-events.ts';
import { nameAt, orderFiles, readLogName, type StoredLogFile } from './log-names.ts';
import { openTars } from './open-tars.ts';
import { noLogs } from './plan-files.ts';
import { readLog } from './read-log.ts';
import { readTransactions } from './read-transactions.ts';
import { SearchChain } from './search-chain.ts';
import { streamLogFile } from './stored-log.ts';
import { KEPT_TABLES } from './token-reader.ts';
import { committedAt, type LogTransaction, nameTransaction } from './transaction.ts';

/** Plans a search of an archived binary log; see `PlanLogSearch`. Needs no sandbox: the harness itself reads binary logs. */
export async function planSearch(
  flavor: Flavor,
  stored: DatedLogArchive,
  since: Date,
  signal: AbortSignal,
  onDoing: (doing: string) => void = () => undefined,
): Promise<LogSearch> {
  requireServerFiles(stored);
  const { archive, damage } = await openTars(withoutOldTars(stored, since), {
    signal,
    onTar: ({ key, sizeBytes }) => onDoing(`reading ${key} (${formatBytes(sizeBytes)}) to find the logs in it`),
  });
  const files = filesOf(archive);
  if (files.length === 0 && damage) throw damage;
  const firstSince = files.findIndex(({ file }) => (file.modifiedAt ?? since) >= since);
  const wanted = files.slice(firstSince === -1 ? files.length - 1 : firstSince);
  const [first] = wanted;
  const newest = wanted.at(-1);
  if (!first || !newest) throw noLogs(archive.description);
  const format = await readFormat(archive, first, signal);
  if (format.product !== flavor.type) {
    throw new DrillError(
      'engine-mismatch',
      `${first.name} in ${archive.description} is of ${format.serverVersion}, not of ${flavor.title}`,
      {
        hint: 'Point `backup.log.source` at the log of the server that the backup came from.',
      },
    );
  }
  return {
    major: seriesOf(format.serverVersion, 2),
    files: wanted.length,
    bytes: wanted.reduce((sum, { file }) => sum + file.sizeBytes, 0),
    range: wanted.length === 1 ? first.name : `${first.name} to ${newest.name}`,
    run: (_startSandbox, options) =>
      search(
        archive,
        wanted,
        { since, damage, chain: new SearchChain(archive.description, flavor.type) },
        options,
      ).finally(() => archive.release?.()),
  };
}

/** A tar that was stored before that time contains nothing from after it; if nothing was stored since, the newest one is searched. */
function withoutOldTars<Archive extends DatedLogArchive>(archive: Archive, since: Date): Archive {
  const isTar = ({ key }: LogFile): boolean => isTarName(key);
  const isSince = ({ modifiedAt }: { readonly modifiedAt: Date }): boolean => modifiedAt >= since;
  const newest = archive.files
    .filter((file) => isTar(file) && !isSince(file))
    .sort(byAge)
    .at(-1);
  const isNeeded = !archive.files.some((file) => isSince(file) || readLogName(file));
  const files = archive.files.filter((file) => !isTar(file) || isSince(file) || (isNeeded && file === newest));
  return { ...archive, files };
}

function byAge(one: { readonly modifiedAt: Date }, other: { readonly modifiedAt: Date }): number {
  return one.modifiedAt.getTime() - other.modifiedAt.getTime();
}

/** The files of one server's log, in order. */
function filesOf({ description, files }: LogArchive): readonly StoredLogFile[] {
  const named = files.flatMap((file) => readLogName(file) ?? []);
  const servers = new Set(named.map(({ folder, basename }) => `${folder}${basename}`));
  if (servers.size > 1) {
    throw new DrillError(
      'backup-ambiguous',
      `${description} holds the logs of several servers: ${[...servers].slice(0, 5).join(', ')}`,
      {
        hint: 'Point `backup.log.source` at the folder of one server.',
      },
    );
  }
  return orderFiles(named);
}

async function readFormat(archive: LogArchive, file: StoredLogFile, signal: AbortSignal): Promise<FormatEvent> {
  for await (const events of readLog(streamLogFile(archive, file, signal), { file: file.name, signal })) {
    const [event] = events;
    if (event?.type === 'format') return event;
  }
  throw new TypeError('a log without a description of its format was read');
}

async function search(
  archive: LogArchive,
  files: readonly StoredLogFile[],
  { since, damage, chain }: { since: Date; damage: DrillError | undefined; chain: SearchChain },
  { minRows, onFetched, onSearching, signal }: LogSearchOptions,
): Promise<FoundEvents> {
  const sinceMicros = since.getTime() * 1000;
  const finder = new EventFinder(minRows, undefined, ({ committedAtMicros }) => committedAtMicros >= sinceMicros);
  const notSearched: string[] = [];
  let uncounted = 0;
  onSearching();
  for (const [index, file] of files.entries()) {
    const hole = holeBefore(file, files[index - 1]);
    notSearched.push(...hole);
    if (hole.length > 0) chain.forget();
    chain.begin(file);
    const open = () => streamLogFile(archive, file, signal);
    try {
      const reading = readTransactions({ files: [{ name: file.name, open }] }, signal, {
        onEvent: (event) => chain.note(event),
        onUnfinished: ({ position }) => {
          notSearched.push(`${file.name} ends within the transaction at position ${position}`);
          chain.forget();
        },
      });
      for await (const transactions of reading) {
        for (const each of transactions) {
          finder.take(each);
          if (each.outcome !== 'committed' || each.committedAtMicros < sinceMicros) continue;
          uncounted += each.conditionalDeletes + each.conditionalUpdates;
          if (each.namesMoreTables) notSearched.push(notLookedAt(each));
        }
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      notSearched.push(error.message);
      chain.forget();
    }
    notSearched.push(...chain.holes.splice(0));
    onFetched(index + 1);
  }
  if (damage) notSearched.push(damage.message);
  const events = finder.events.filter(({ transaction }) => transaction.committedAtMicros >= sinceMicros);
  if (finder.dropped > 0) notSearched.push(notListed(events.length, finder.dropped));
  return { events: events.map(toFound), notSearched, ...(uncounted > 0 ? { notCounted: notCounted(uncounted) } : {}) };
}

function holeBefore(file: StoredLogFile, before: StoredLogFile | undefined): readonly string[] {
  if (!before || file.number === before.number + 1) return [];
  const [first, last] = [nameAt(file, before.number + 1), nameAt(file, file.number - 1)];
  return [first === last ? `the archive lacks ${first}` : `the archive lacks ${first} to ${last}`];
}

function notListed(listed: number, older: number): string {
  return `only the newest ${formatCount(listed)} events are listed; ${formatCount(older)} older ones are left out`;
}

function notLookedAt(transaction: LogTransaction): string {
  return `the transaction at ${formatPosition(transaction)} names more than ${formatCount(KEPT_TABLES)} tables, and the others were not looked at`;
}

function notCounted(statements: number): string {
  return statements === 1
    ? 'one UPDATE or DELETE with a condition is in the log as a statement only, so how many rows it changed is not known'
    : `${formatCount(statements)} UPDATE and DELETE with a condition are in the log as statements only, so how many rows they changed is not known`;
}

/** Damage to one file that does not prevent searching the others. */
function isDamage(error: unknown): error is DrillError {
  return (
    error instanceof DrillError &&
    ['log-damaged', 'engine-mismatch', 'backup-truncated', 'backup-corrupt', 'backup-empty'].includes(error.code)
  );
}

function toFound(event: LogEvent): FoundEvent {
  const { kind, transaction, stop, database, tables, moreTables, transactions, commitsAfter } = event;
  return {
    kind,
    at: committedAt(transaction),
    transaction: nameTransaction(transaction),
    position: formatPosition(transaction),
    stopBefore: { position: formatPosition({ file: stop.file, at: stop.position }) },
    database: { name: database, number: undefined },
    objects: tables.map(({ name, rows, parts }) => ({
      name,
      number: undefined,
      rows,
      ...(parts.length > 0 ? { parts } : {}),
    })),
    ...(moreTables > 0 ? { moreObjects: moreTables } : {}),
    ...(transactions > 1 ? { transactions } : {}),
    othersLost: Math.max(0, commitsAfter - transactions),
  };
}
