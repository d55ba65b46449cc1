import type { NotVerifiable, StoredObject } from '../../../engines/data-files.ts';
import { asDrillError, DrillError } from '../../../support/errors.ts';
import { inParallel } from '../../../support/in-parallel.ts';
import { formatDuration } from '../../../support/quantities.ts';
import type { ProbeDataFiles } from '../../check-kind.ts';
import { countOf } from '../../findings.ts';
import type { Look, LookContext } from './look.ts';

const MAX_DAMAGES = 20;

/** Checks pages, rows and index entries of each table and index with the product's own tool. */
export async function lookAtStructure(context: LookContext): Promise<Look> {
  const files = dataFilesOf(context, 'amcheck');
  if ('seen' in files) return files;
  if (!files.openObjects) return leaveOut(context, 'amcheck', NO_TOOL);
  const { probe, database, clock, signal } = context;
  const startedMs = clock.monotonicMs();
  const opened = await files.openObjects(database, signal);
  if (!('objects' in opened)) return leaveOut(context, 'amcheck', opened);
  await using stored = opened;
  const wanted = stored.objects.filter(({ names }) => !names.some((name) => context.isExcepted(name)));
  const found = await context.timed(
    'amcheck',
    inParallel(wanted, probe.parallel, (object) => verify(object, context)),
  );
  const count = (kind: StoredObject['kind']) => wanted.filter((one) => one.kind === kind).length;
  const what = `${countOf(count('table'), 'table')} and ${countOf(count('index'), 'index', 'indexes')}`;
  const took = formatDuration(clock.monotonicMs() - startedMs);
  return { seen: `${what} verified`, problems: found.flat(), notes: [`amcheck of ${what} took ${took}`] };
}

/** Checks every page of every database: this covers what `amcheck` of one database does not read, and changed values that are in no index. */
export async function lookAtChecksums(context: LookContext): Promise<Look> {
  const files = dataFilesOf(context, 'checksums');
  if ('seen' in files) return files;
  const { clock, timed, signal } = context;
  const startedMs = clock.monotonicMs();
  const found = await timed('checksums', files.verifyChecksums(signal));
  if (!('badCount' in found)) return leaveOut(context, 'checksums', found);
  const took = formatDuration(clock.monotonicMs() - startedMs);
  const { pages, bad, badCount } = found;
  const rest = badCount > bad.length ? [`and ${countOf(badCount - bad.length, 'more page')}`] : [];
  return {
    seen: `${countOf(pages, 'page checksum')} compared`,
    problems: [...bad.map((page) => `${page} has a wrong checksum`), ...rest],
    notes: [`comparing ${countOf(pages, 'page checksum')} took ${took}, with a restart of the server`],
  };
}

/** @returns the damage found, in words. @throws DrillError `check-malformed` when the sandbox sorts text differently. */
async function verify(
  { kind, name, query, isSortedElsewhere }: StoredObject,
  { probe, database }: LookContext,
): Promise<readonly string[]> {
  const what = kind === 'table' ? `the table ${name}` : `the index ${name}`;
  try {
    const { rows, truncated } = await probe.query(query, { database, maxRows: MAX_DAMAGES });
    const damages = rows.flatMap(([text = null]) => (text === null ? [] : `${what}: ${String(text)}`));
    return truncated ? [...damages, `${what}: more than ${MAX_DAMAGES} damages`] : damages;
  } catch (thrown) {
    const error = asDrillError(thrown, 'verify');
    if (error.code !== 'wrong-data') throw thrown;
    if (isSortedElsewhere) throw sortedElsewhere(what, error);
    return [`${what}: ${error.message}`];
  }
}

/** @returns the data files' tools, or the result to return if they prove nothing or cannot be read. */
function dataFilesOf(context: LookContext, part: Part): ProbeDataFiles | Look {
  const { restore, probe } = context;
  if (!restore.isPhysical && context.isListed)
    throw cannot(part, { reason: `${ALL_NEW}, so it would prove nothing`, hint: FOR_PHYSICAL });
  if (!restore.isPhysical) {
    // a product without such tools has others, so there is nothing to say about these; and it is said only once
    const isSaid = probe.dataFiles?.openObjects !== undefined && part === 'amcheck';
    const note = `not checked by amcheck and page checksums: ${ALL_NEW}, so they would prove nothing`;
    return { seen: undefined, problems: [], notes: isSaid ? [note] : [] };
  }
  if (probe.dataFiles) return probe.dataFiles;
  return leaveOut(context, part, NO_TOOL);
}

const NO_TOOL: NotVerifiable = { reason: 'this server has no tool for it', hint: undefined };

type Part = 'amcheck' | 'checksums';
const TITLES: Readonly<Record<Part, string>> = { amcheck: 'amcheck', checksums: 'page checksums' };

const ALL_NEW = 'the restore has just written every page and index';
const FOR_PHYSICAL = 'Leave it out: it is for physical backups.';

/** @throws DrillError `check-malformed` when the drill explicitly lists this part. */
function leaveOut({ isListed }: LookContext, part: Part, why: NotVerifiable): Look {
  if (isListed) throw cannot(part, why);
  return { seen: undefined, problems: [], notes: [`not checked by ${TITLES[part]}: ${why.reason}`] };
}

function cannot(part: Part, { reason, hint }: NotVerifiable): DrillError {
  return new DrillError('check-malformed', `cannot be checked by ${TITLES[part]}: ${reason}`, {
    hint: hint ?? `Leave out \`${part}\`.`,
  });
}

function sortedElsewhere(what: string, { message, details }: DrillError): DrillError {
  return new DrillError(
    'check-malformed',
    `${what} was sorted by another version of its collation than the sandbox has, so this may be no damage: ${message}`,
    {
      hint: 'Name an image of the backed-up server’s operating system in `engine.image`, or except the index.',
      details,
    },
  );
}
