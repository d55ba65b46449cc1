import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatCount } from '../../support/quantities.ts';
import type { DirectoryLayout } from '../directory-layout.ts';
import { seriesMatch } from '../discovery/series-match.ts';
import { findDates } from '../selection/dates-in-name.ts';
import type { ArchiveName } from './archive-entry.ts';
import { baseName, isNamedAsDump, memberMatcher } from './member-rules.ts';

const MAX_SHOWN = 10;
const MAX_NAME_LENGTH = 80;

/** Member names: the first few are kept, all are counted. */
export class MemberList {
  readonly names: string[] = [];
  count = 0;
  /** The first one with a dump's name; the others merely cannot be ruled out. */
  likeliest: string | undefined;
  #isAll = true;

  add(name: string): void {
    this.count += 1;
    if (isNamedAsDump(name)) this.likeliest ??= name;
    if (this.names.length < MAX_SHOWN) this.names.push(name);
  }

  /** Marks the list as possibly incomplete. */
  unfinished(): this {
    this.#isAll = false;
    return this;
  }

  get countInWords(): string {
    return `${this.#isAll ? '' : 'at least '}${formatCount(this.count)}`;
  }

  toString(): string {
    const shown = this.names.map((name) => toPrintable(name, MAX_NAME_LENGTH)).join(', ');
    if (this.count <= this.names.length) return this.#isAll ? shown : `${shown} …`;
    return `${shown} and ${this.#isAll ? '' : 'at least '}${formatCount(this.count - this.names.length)} more`;
  }
}

/** Whether the names are those of a directory dump: one backup in many files. */
export function isDirectoryDump(names: readonly string[], layouts: readonly DirectoryLayout[]): boolean {
  return layouts.some(({ mark, needs, begun }) => {
    const plain = names.map((name) => baseName(name));
    return (!needs && plain.includes(mark)) || plain.filter((name) => begun?.test(name)).length > 1;
  });
}

/** Errors about the contents of an archive. */
export function memberErrors({ key, archive }: { readonly key: string; readonly archive: ArchiveName }) {
  const it = `${key} is a ${archive === 'zip' ? 'zip archive' : 'tar'}`;
  const unsupported = (message: string, hint: string) => new DrillError('format-unsupported', message, { hint });
  return {
    several: (dumps: MemberList) =>
      unsupported(
        `${it} with ${dumps.countInWords} files that may be the dump: ${dumps}`,
        `Name the one that this drill restores, for example \`backup.member: ${quoted(dumps)}\`; each of the others needs its own drill.`,
      ),
    severalMatch: (pattern: string, matching: MemberList) =>
      unsupported(
        `${it} with ${matching.countInWords} files that match ${pattern}: ${matching}`,
        'Set `backup.member` to match one of them, by its folder where the names are the same; a name that occurs twice cannot be told apart.',
      ),
    noneMatches: (pattern: string, others: MemberList) =>
      new DrillError(
        'backup-missing',
        `${it} that holds nothing that matches ${pattern}${others.count === 0 ? '' : `, but ${others}`}`,
        { hint: 'Correct `backup.member`, or check the job that writes the archive: the dump is not in it.' },
      ),
    noDump: (files: MemberList) =>
      unsupported(
        `${it} of ${files.countInWords} ${files.count === 1 ? 'file' : 'files'}, none of which begins like a dump: ${files}`,
        'Name the dump with `backup.member` if one of them is, or set `backup.match` to select another file.',
      ),
    directory: (files: MemberList) =>
      unsupported(
        `${it} of a directory dump, which Firedrill does not read: ${files}`,
        'Store the directory as it is, or dump into one file.',
      ),
    link: (name: string) =>
      unsupported(
        `${it} in which ${toPrintable(name, MAX_NAME_LENGTH)} is a link, not a file`,
        'Set `backup.member` to match the file that the link leads to, or pack with `tar --dereference --hard-dereference`.',
      ),
    empty: () =>
      new DrillError('backup-empty', `${it} with no file in it`, {
        hint: 'Check the job that writes it: the dump failed, or was not packed.',
      }),
  };
}

/** A name with a date is another one tomorrow: the pattern leaves the date open where it still matches one file only. */
function patternFor(name: string, names: readonly string[]): string {
  if (findDates(name).length === 0) return name;
  const pattern = seriesMatch(name);
  const isMatch = memberMatcher(pattern);
  return names.filter((each) => isMatch(each)).length === 1 ? pattern : name;
}

function quoted({ names, likeliest }: MemberList): string {
  const first = patternFor(likeliest ?? names[0] ?? '', names);
  return /^[\w./-]+$/.test(first) ? first : JSON.stringify(toPrintable(first, MAX_NAME_LENGTH));
}
