import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import { readHead } from './check-archive.ts';
import { type StoredLogFile, splitLogName } from './log-names.ts';
import { withSmallTars } from './open-tars.ts';
import { findFirstFile, planFiles } from './plan-files.ts';
import { gtidState } from './plan-gtids.ts';
import { LogChain } from './prove-chain.ts';
import { StartProof } from './prove-start.ts';
import type { LogCoordinates } from './start-coordinates.ts';

interface StartInput {
  readonly product: 'mysql' | 'mariadb';
  /** undefined: unknown until the backup is unpacked. */
  readonly coordinates: LogCoordinates | undefined;
}

/**
 * Checks whether an archive can continue from a backup, before a sandbox exists: by its file names, and by the head of the file that recovery begins with. The
 * replay proves the rest. An archive with large or many tars is not checked.
 * @returns why it was not checked; see {@link withSmallTars}.
 * @throws DrillError `log-incomplete` for a log that begins after the backup, ends before it or belongs to another server, `engine-mismatch` for the log of
 * another product, `target-not-reached` for a position beyond the newest file, `backup-ambiguous`, `backup-encrypted`, what reading the archive throws.
 */
export async function checkStart(
  archive: LogArchive,
  { product, coordinates }: StartInput,
  target: RecoveryTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!coordinates || target.kind === 'backup-end') return undefined;
  return withSmallTars(archive, (opened) => checkLogs(opened, { product, coordinates }, target, signal), signal);
}

async function checkLogs(
  archive: LogArchive,
  { product, coordinates }: StartInput & { readonly coordinates: LogCoordinates },
  target: RecoveryTarget,
  signal: AbortSignal,
): Promise<void> {
  const listed = planFiles(archive, coordinates);
  const [first] = listed.files;
  const newest = listed.files.at(-1);
  if (!first || !newest) return;
  requireFile(target, listed.files, newest);
  const { description } = archive;
  const chain = new LogChain(description, product);
  const start = { file: first.name, position: coordinates.at?.position ?? 0 };
  const proof = new StartProof({ description, product, coordinates, start, held: undefined, heldUntil: undefined });
  chain.begin(first);
  let before: string | undefined;
  for (const event of await readHead(archive, first, signal)) {
    if (event.type === 'format' || event.type === 'previous-gtids') chain.note(event, undefined);
    if (event.type === 'format' && listed.startsAtFile) proof.noteFormat(event, first.name);
    if (event.type === 'previous-gtids') before = event.gtids;
  }
  if (listed.startsAtFile) {
    if (before !== undefined) proof.requireFollows(before);
    return;
  }
  const held = gtidState(product, coordinates.gtids ?? '');
  if (before !== undefined && held.canFollow(before)) return;
  // the oldest may be damaged, or precede a reset of the log: recovery then begins with a later one
  await findFirstFile(listed, { archive, coordinates, held, signal });
}

/** @throws DrillError `target-not-reached` for a position in a file that does not exist. */
function requireFile(target: RecoveryTarget, files: readonly StoredLogFile[], newest: StoredLogFile): void {
  if (target.kind !== 'position' || !('position' in target.at)) return;
  const { position } = target.at;
  const wanted = splitLogName(position.slice(0, position.lastIndexOf(':')));
  if (wanted?.basename === newest.basename && files.some(({ number }) => number === wanted.number)) return;
  throw new DrillError(
    'target-not-reached',
    `the position ${toPrintable(position)} is not in the log since the backup, which goes from ${files[0]?.name} to ${newest.name}`,
    {
      hint: 'Check the name of the file; an earlier position needs an older backup (`--backup`), a later one a newer log.',
    },
  );
}
