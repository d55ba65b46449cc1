import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { SnapshotChoice } from '../../format.ts';

/** One backup in a repository, from its tool's own list. */
export interface Snapshot {
  /** As the tool accepts it: an id, or a name. */
  readonly id: string;
  /** Human-readable: `snapshot 8486ae97 of web1 (/srv)`. */
  readonly title: string;
  readonly takenAt: Date;
  /** Distinguishes series of backups: the host and the paths; `''` if the tool does not report them. */
  readonly series: string;
  /** Names by which `restore.snapshot` may select it, see {@link SnapshotChoice}. */
  readonly names: readonly string[];
  readonly host: string | undefined;
  readonly paths: readonly string[];
  readonly tags: readonly string[];
}

/** A snapshot chosen from a tool's list. */
export interface ChosenSnapshot extends Snapshot {
  /** Human-readable: its title, and the number of snapshots that it is the newest of. */
  readonly summary: string;
}

/**
 * The newest snapshot that matches the choice.
 * @throws DrillError `backup-missing` when there is none; `backup-ambiguous` when they are of several hosts or folders, so that the newest could belong to any
 * of them.
 */
export function chooseSnapshot(all: readonly Snapshot[], choice: SnapshotChoice, key: string): ChosenSnapshot {
  const { name, host, path, tag } = choice;
  const matched = all.filter(
    (one) =>
      (name === undefined || one.names.some((each) => matches(each, name))) &&
      (host === undefined || one.host === host) &&
      (path === undefined || one.paths.includes(path)) &&
      (tag === undefined || one.tags.includes(tag)),
  );
  const newest = matched.reduce<Snapshot | undefined>(
    (best, one) => (best && best.takenAt >= one.takenAt ? best : one),
    undefined,
  );
  if (!newest) throw none(all, choice, key);
  const series = [...new Set(matched.map((one) => one.series))];
  const of = matched.length > 1 ? `, the newest of ${formatCount(matched.length)}` : '';
  if (series.length < 2) return { ...newest, summary: `${newest.title}${of}` };
  const shown = series
    .slice(0, 5)
    .map((one) => toPrintable(one, 80))
    .join('; ');
  throw new DrillError('backup-ambiguous', `${key} holds backups of ${formatCount(series.length)} series: ${shown}`, {
    hint: 'Choose one of them with `restore.snapshot` (`host`, `path`, `tag` or `name`), and write a drill for each.',
  });
}

/** Matches a name, or a prefix with a trailing `*`. */
function matches(text: string, wanted: string): boolean {
  return wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
}

function none(all: readonly Snapshot[], choice: SnapshotChoice, key: string): DrillError {
  const asked = Object.entries(choice)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
  if (all.length === 0) {
    return new DrillError('backup-missing', `${key} is a repository with no backups`, {
      hint: 'Check the log of the backup job: the repository was created but nothing was saved to it, or everything was deleted.',
    });
  }
  const newest = all.reduce((best, one) => (best.takenAt >= one.takenAt ? best : one));
  return new DrillError('backup-missing', `none of the ${formatCount(all.length)} backups in ${key} has ${asked}`, {
    hint: `The newest is ${toPrintable(newest.title, 160)}. Compare it with \`restore.snapshot\`.`,
  });
}
