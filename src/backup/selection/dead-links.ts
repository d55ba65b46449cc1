import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatCount } from '../../support/quantities.ts';
import type { DeadLink } from '../source.ts';
import { compileMatch } from './candidates.ts';

/** @returns whether `match` selects a link, or the link takes the place of a folder in it: the newest backup may be behind it. */
export function deadLinkMatcher(match: string): (link: DeadLink) => boolean {
  const segments = match.split('/').filter((segment) => segment !== '' && segment !== '.');
  const patterns = segments.map((_, index) => compileMatch(segments.slice(0, index + 1).join('/')));
  return ({ key }) => patterns.some((isMatch) => isMatch(key));
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
