import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatCount } from '../../support/quantities.ts';
import type { BackupSource, DeadLink } from '../source.ts';
import { compileMatch } from './candidates.ts';

/**
 * Finds the links that `match` selects, or that take the place of a folder in it, and that nothing can be read through: the newest backup may be behind one of them.
 * @throws what the source throws.
 */
export async function findDeadLinks(
  source: Pick<BackupSource, 'listDeadLinks'>,
  match: string,
  signal: AbortSignal,
): Promise<readonly DeadLink[]> {
  const segments = match.split('/').filter((segment) => segment !== '' && segment !== '.');
  const patterns = segments.map((_, index) => compileMatch(segments.slice(0, index + 1).join('/')));
  const found: DeadLink[] = [];
  for await (const link of source.listDeadLinks?.(signal) ?? []) {
    if (patterns.some((isMatch) => isMatch(link.key))) found.push(link);
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** @param where the source's description. */
export function warnDeadLinks(links: readonly DeadLink[], where: string): string[] {
  const [first] = links;
  if (!first) return [];
  if (links.length === 1) return [`${toPrintable(first.key)} was left out: it is ${describe(first, where)}`];
  return [
    `${formatCount(links.length)} links were left out, such as ${toPrintable(first.key)}, which is ${describe(first, where)}`,
  ];
}

/** Names a link in the hint of an error that no backup was found. @returns any other error as it is. */
export function withDeadLinks(error: unknown, links: readonly DeadLink[], where: string): unknown {
  const [first] = links;
  if (!first || !(error instanceof DrillError) || error.code !== 'backup-missing') return error;
  const step =
    first.why === 'outside'
      ? 'Let `backup.source` be the directory that it leads to.'
      : 'Check that the disk of its target is mounted, and that the backup job updates the link.';
  return new DrillError(error.code, error.message, {
    hint: `${toPrintable(first.key)} is ${describe(first, where)}. ${step}`,
    details: error.details,
    cause: error,
  });
}

function describe({ why }: DeadLink, where: string): string {
  return why === 'outside' ? `a link to a place outside of ${where}` : 'a link to something that does not exist';
}
