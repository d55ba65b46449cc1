import { DrillError, type ErrorCode } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';

/** A repository of a backup tool among the files of a folder: copied as files, none of its backups is restored. */
export interface FoundRepository {
  /** Where it is, empty or with a trailing `/`. */
  readonly folder: string;
  /** `a restic repository`. */
  readonly what: string;
  /** What the folder itself is refused with if it is one. */
  readonly code: ErrorCode;
  readonly hint: string;
}

type Kind = Omit<FoundRepository, 'folder'> & {
  readonly files: readonly RegExp[];
};

const LOST =
  'Nothing can be restored without it. Look for what is missing in the bucket’s versions or the disk’s snapshots, and start a new repository if it is gone.';
const UNREAD =
  'Drill it with `engine: { type: exec }` and an image that has the tool. Firedrill itself reads repositories of restic and Borg 1.';
const WHOLE = 'Set `backup.match` to the folder of one repository, such as `match: web1`, with a drill for each.';

const RESTIC = [/(?<=^|\/)data\/[0-9a-f]{2}\/[0-9a-f]{64}$/, /(?<=^|\/)snapshots\/[0-9a-f]{64}$/];
const BORG = [/(?<=^|\/)data\/\d+\/\d+$/, /(?<=^|\/)(?:index|hints|integrity)\.\d+$/];
const CONFIG = /(?<=^|\/)config$/;
const unread = { code: 'format-unsupported', hint: UNREAD } as const;

/**
 * The first kind that has all of its files in a folder counts. Sources: restic's doc/design.rst, "Repository Layout"; Borg's "Data structures and file
 * formats"; kopia's repo/blob and repo/format; Duplicity's duplicity/file_naming.py; Duplicacy's wiki, "Storage format"; Duplicati's "How the backup process
 * works".
 */
const KINDS: readonly Kind[] = [
  {
    what: 'a restic repository',
    files: [...RESTIC, CONFIG, /(?<=^|\/)keys\/[0-9a-f]{64}$/],
    code: 'format-unsupported',
    hint: WHOLE,
  },
  {
    what: 'a Borg repository',
    files: [...BORG, CONFIG],
    code: 'format-unsupported',
    hint: WHOLE,
  },
  {
    what: 'what is left of a restic repository: its `config` or all of its `keys/` are missing',
    files: RESTIC,
    code: 'backup-truncated',
    hint: LOST,
  },
  {
    what: 'what is left of a Borg repository: its `config` is missing',
    files: BORG,
    code: 'backup-truncated',
    hint: LOST,
  },
  {
    what: 'a kopia repository',
    files: [/(?<=^|\/)kopia\.repository(?:\.f)?$/],
    ...unread,
  },
  {
    what: 'a Duplicity backup set',
    files: [/(?<=^|\/)duplicity-(?:full|inc)\.[^/]+\.manifest(?:\.\w+)?$/],
    ...unread,
  },
  {
    what: 'a Duplicacy storage',
    files: [CONFIG, /(?<=^|\/)chunks\/[0-9a-f]{2}\/[0-9a-f/]+(?:\.fsl)?$/, /(?<=^|\/)snapshots\/[^/]+\/\d+$/],
    ...unread,
  },
  {
    what: 'a Duplicati backup set',
    files: [/(?<=^|\/)[^/]+\.dlist\.zip(?:\.aes)?$/, /(?<=^|\/)[^/]+\.dblock\.zip(?:\.aes)?$/],
    ...unread,
  },
];
const FILES = [...new Set(KINDS.flatMap(({ files }) => files))];

/** @param names of files, relative to the folder. */
export function findRepositories(names: Iterable<string>): readonly FoundRepository[] {
  const found = new Map<string, Set<RegExp>>();
  for (const name of names) {
    for (const file of FILES) {
      const at = file.exec(name)?.index;
      if (at === undefined) continue;
      const folder = name.slice(0, at);
      found.set(folder, (found.get(folder) ?? new Set()).add(file));
    }
  }
  return [...found].flatMap(([folder, has]) => {
    const kind = KINDS.find(({ files }) => files.every((file) => has.has(file)));
    return kind ? [{ folder, what: kind.what, code: kind.code, hint: kind.hint }] : [];
  });
}

/**
 * Refuses a folder that is a repository, or of which everything is in repositories. @param key of the folder, for messages. @param names of its files.
 * @returns warnings about repositories next to other files.
 * @throws DrillError `backup-truncated`, `format-unsupported`.
 */
export function judgeRepositories(key: string, names: readonly string[]): readonly string[] {
  const found = findRepositories(names);
  const [first] = found;
  if (!first) return [];
  const shown = toPrintable(`${key}${first.folder}`, 120);
  const isAll = names.every((name) => found.some(({ folder }) => name.startsWith(folder)));
  if (isAll)
    throw new DrillError(first.code, `${shown} is ${first.what}`, {
      hint: first.hint,
    });
  const more = found.length > 1 ? `, as ${formatCount(found.length - 1)} more` : '';
  return [`${shown} is ${first.what}; it was copied as files${more}, and none of its backups was restored`];
}
